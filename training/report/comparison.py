"""This run beside others: the user's own, the student report's and the field's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from model.architectures import build
from model.errors import AffectcamError

from .curves import best_epoch
from .run_folder import RunFolder, read_run
from .words import plain, real, table, text


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """A run in a line."""

    name: str
    network: str
    input: str
    parameters: int | None
    epochs: int
    pretrained: bool
    accuracy: float | None
    mean_recall: float | None
    calibration_error: float | None
    seconds: float | None  # of training
    data: str
    own: bool  # the run that this report is about
    missing: bool


def run_rows(run: RunFolder, others: Sequence[str]) -> list[RunRow]:
    """This run, then the others in the order in which they were named."""
    return [_row(run, own=True), *(_row(read_run(Path(folder)), own=False) for folder in others)]


def _row(run: RunFolder, *, own: bool) -> RunRow:
    train, data = table(run.config.get("train")), table(run.config.get("data"))
    settings = run.network
    figures = run.evaluate or _best(run.train_log)
    return RunRow(
        name=run.name,
        network=_network(settings),
        input=f"{plain(settings.get('input_size'))} {text(settings.get('colour'))}" if settings else "",
        parameters=parameters_of(settings),
        epochs=int(run.train_log[-1]["epoch"]) if run.train_log else int(real(train.get("epochs")) or 0),
        pretrained=bool(table(run.config.get("pretrain")).get("root")),
        accuracy=real(figures.get("accuracy")),
        mean_recall=real(figures.get("mean_recall")),
        calibration_error=real(figures.get("calibration_error")),
        seconds=_training_seconds(run),
        data=text(data.get("root")),
        own=own,
        missing=not run.config and not run.train_log and not run.evaluate,
    )


def _network(settings: dict[str, Any]) -> str:
    options = table(settings.get("options"))
    given = ", ".join(f"{key} {plain(value)}" for key, value in options.items() if not isinstance(value, list | dict))
    return text(settings.get("architecture")) + (f" ({given})" if given else "")


def parameters_of(settings: dict[str, Any]) -> int | None:
    """How many a network of these settings has; None if they describe none."""
    try:
        with torch.device("meta"):  # shapes without numbers
            network = build(
                text(settings.get("architecture")),
                channels=1 if settings.get("colour") == "gray" else 3,
                input_size=int(real(settings.get("input_size")) or 0),
                valence_arousal=bool(settings.get("valence_arousal")),
                **table(settings.get("options")),
            )
    except (AffectcamError, ValueError, TypeError, RuntimeError):
        return None
    return sum(parameter.numel() for parameter in network.parameters())


def _best(log: Sequence[dict[str, Any]]) -> dict[str, Any]:
    best = best_epoch(log)
    return next((row for row in log if row["epoch"] == best), {})


def _training_seconds(run: RunFolder) -> float | None:
    """Of all epochs, those before a resume as well; a step's own record counts its last start only."""
    seconds = [real(row.get("epoch_seconds")) for row in run.train_log]
    known = [value for value in seconds if value is not None]
    return sum(known) if known else real(table(run.steps.get("train")).get("seconds"))
