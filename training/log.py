"""The machine-readable log of a run: a JSON object a line, one for each validation."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from model.errors import DataError


class TrainingLog:
    """``log.jsonl``; rows of epochs that will be done again after a resume are dropped."""

    def __init__(self, path: Path, *, done_epochs: int) -> None:
        self._path = path
        rows = read_log(path)
        kept = [row for row in rows if row.get("epoch", 0) <= done_epochs]
        if kept != rows or not path.exists():
            part = path.with_name(f".{path.name}.part")
            self._write(part, "w", kept)
            part.replace(path)

    def add(self, row: dict[str, Any]) -> None:
        """Append a row.

        Raises:
            DataError: the disk refuses.
        """
        self._write(self._path, "a", [row])

    def _write(self, path: Path, mode: str, rows: list[dict[str, Any]]) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open(mode, encoding="utf-8") as file:
                file.writelines(json.dumps(row) + "\n" for row in rows)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise DataError(f"{self._path}: cannot write the log ({error.strerror})") from None


def read_log(path: Path) -> list[dict[str, Any]]:
    """The rows of a log; a line that a crash cut short is left out, a missing file is empty."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    rows = []
    for line in lines:
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(row, dict):
            rows.append(row)
    return rows
