"""What a run left behind; whatever is missing or damaged is empty, and the report says so in its place."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..log import read_log
from ..watch import READINGS
from .words import real, table, text


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFolder:
    """The files of ``runs/NAME``, as plain values."""

    folder: Path
    config: dict[str, Any]  # config.json
    pretrain_log: list[dict[str, Any]]  # a row per validation, in the order of epochs
    train_log: list[dict[str, Any]]
    readings: list[dict[str, Any]]
    tune: dict[str, Any]  # tune/results.json
    export: dict[str, Any]  # export.json
    evaluate: dict[str, Any]  # evaluate.json
    steps: dict[str, dict[str, Any]]  # by name

    @property
    def name(self) -> str:
        """The run's name."""
        return text(self.config.get("name")) or self.folder.name

    @property
    def network(self) -> dict[str, Any]:
        """The settings of its network."""
        return table(self.config.get("network"))


def read_run(folder: Path) -> RunFolder:
    """Read what is there."""
    steps = {path.stem: _read_json(path) for path in sorted((folder / "steps").glob("*.json"))}
    return RunFolder(
        folder=folder,
        config=_read_json(folder / "config.json"),
        pretrain_log=_by_epoch(folder / "pretrain" / "log.jsonl"),
        train_log=_by_epoch(folder / "train" / "log.jsonl"),
        readings=_by_epoch(folder / "train" / READINGS),
        tune=_read_json(folder / "tune" / "results.json"),
        export=_with_files(folder / "export.json"),
        evaluate=_read_json(folder / "evaluate.json"),
        steps={name: record for name, record in steps.items() if record},
    )


def _read_json(path: Path) -> dict[str, Any]:
    return table(_read_any(path))


def _with_files(path: Path) -> dict[str, Any]:
    """The list of exported files, alone or in an object."""
    content = _read_any(path)
    return {"files": content} if isinstance(content, list) and content else table(content)


def _read_any(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None


def _by_epoch(path: Path) -> list[dict[str, Any]]:
    return sorted((row for row in read_log(path) if real(row.get("epoch"))), key=lambda row: row["epoch"])
