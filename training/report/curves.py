"""How a training went: its log as lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from .charts import Line, line_chart
from .words import real

_PERCENT = "\N{NARROW NO-BREAK SPACE}%"


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A chart and what it shows."""

    title: str
    note: str
    chart: Markup


def best_epoch(log: Sequence[dict[str, Any]]) -> int | None:
    """The epoch whose checkpoint was chosen: the best mean of accuracy and mean recall, the first of equals."""
    known = []
    for row in log:
        accuracy, recall = real(row.get("accuracy")), real(row.get("mean_recall"))
        if accuracy is not None and recall is not None:
            known.append(((accuracy + recall) / 2, -row["epoch"]))
    return -max(known)[1] if known else None


def curves(log: Sequence[dict[str, Any]]) -> list[Curve]:
    """Loss, accuracy, learning rate and waiting time, as far as the log has them."""
    best = best_epoch(log)
    marked = None if best is None else (float(best), "chosen")
    drawn = [
        _curve(
            "Loss",
            "Training: as it is learned, on varied pictures. Validation: plain cross entropy. Not the same measure.",
            [_line(log, "loss", "training", 1), _line(log, "valid_loss", "validation", 2)],
            lambda value: f"{value:g}",
            marked,
        ),
        _curve(
            "Accuracy and mean recall",
            "On the validation split, of the averaged weights where there are any.",
            [_line(log, "accuracy", "accuracy", 1, 100), _line(log, "mean_recall", "mean recall", 2, 100)],
            lambda value: f"{value:g}{_PERCENT}",
            marked,
        ),
        _curve(
            "Learning rate",
            "At the end of each epoch.",
            [_line(log, "rate", "rate", 1)],
            lambda value: f"{value:g}",
            None,
            low=0.0,
        ),
        _curve(
            "Waiting for data",
            "Share of the time in which the network waited for its next pictures, their variation included.",
            [_line(log, "data_share", "waiting", 1, 100)],
            lambda value: f"{value:g}{_PERCENT}",
            None,
            low=0.0,
        ),
        _curve(
            "Valence and arousal",
            "Root mean square error on the validation split; both lie between -1 and 1.",
            [_line(log, "rmse_valence", "valence", 1), _line(log, "rmse_arousal", "arousal", 2)],
            lambda value: f"{value:g}",
            marked,
        ),
    ]
    return [curve for curve in drawn if curve is not None]


def compared_curves(logs: Sequence[tuple[str, Sequence[dict[str, Any]]]]) -> Markup | None:
    """Validation accuracy of several runs, over their epochs."""
    lines = [_line(log, "accuracy", name, place + 1, 100) for place, (name, log) in enumerate(logs)]
    if not any(line.points for line in lines):
        return None
    return line_chart("Validation accuracy by run", lines, lambda value: f"{value:g}{_PERCENT}")


def _line(log: Sequence[dict[str, Any]], key: str, label: str, kind: int, scale: float = 1) -> Line:
    known = [(float(row["epoch"]), real(row.get(key))) for row in log]
    return Line(label=label, points=[(x, y * scale) for x, y in known if y is not None], kind=kind)


def _curve(title: str, note: str, lines: list[Line], show: Any, marked: Any, low: float | None = None) -> Curve | None:
    if not any(line.points for line in lines):
        return None
    return Curve(title=title, note=note, chart=line_chart(title, lines, show, marked=marked, low=low))
