"""The tune step's results, beside the student report's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from ..report_figures import is_chosen, sweep_accuracy
from .charts import dot_chart
from .words import plain, real, rows, table, text

_MOST_ROWS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One value, or one set of settings."""

    shown: str
    accuracy: float | None
    mean_recall: float | None
    theirs: float | None  # the report's accuracy
    chosen: bool  # by the report
    best: bool
    note: str  # of what was not finished


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """One setting, varied alone."""

    setting: str
    tried: list[Tried]
    chart: Markup | None


@dataclass(frozen=True, slots=True, kw_only=True)
class JointSearch:
    """The joint search."""

    tried: list[Tried]  # the best ones
    total: int
    pruned: int
    failed: int
    importance: list[tuple[str, float]]


def conditions_of(tune: dict[str, Any]) -> list[tuple[str, str]]:
    """How the trials were run."""
    return [
        (text(key).replace("_", " "), plain(value))
        for key, value in table(tune.get("conditions")).items()
        if not isinstance(value, dict | list)
    ]


def sweeps_of(tune: dict[str, Any]) -> list[Sweep]:
    """Each factor's values in the order in which they were asked for."""
    return [_sweep(text(factor.get("setting")), rows(factor.get("rows"))) for factor in rows(tune.get("factors"))]


def joint_of(tune: dict[str, Any]) -> JointSearch | None:
    """The joint search's best trials."""
    joint = table(tune.get("joint"))
    if not joint:
        return None
    every = rows(joint.get("rows"))
    done = sorted((row for row in every if row.get("state") == "complete"), key=lambda row: -_score(row))
    tried = [
        _tried(row, _settings(row), best=place == 0, theirs=None, chosen=False)
        for place, row in enumerate(done[:_MOST_ROWS])
    ]
    weights = [(text(key), real(value) or 0.0) for key, value in table(joint.get("importance")).items()]
    return JointSearch(
        tried=tried,
        total=len(every),
        pruned=sum(row.get("state") == "pruned" for row in every),
        failed=sum(row.get("state") == "failed" for row in every),
        importance=sorted(weights, key=lambda each: -each[1]),
    )


def _sweep(setting: str, tried: list[dict[str, Any]]) -> Sweep:
    complete = [row for row in tried if row.get("state") == "complete"]
    best = max(complete, key=_score, default=None)
    shown = [
        _tried(
            row,
            plain(row.get("value")),
            best=row is best,
            theirs=sweep_accuracy(setting, row.get("value")),
            chosen=is_chosen(setting, row.get("value")),
        )
        for row in tried
    ]
    chart = None
    if sum(each.accuracy is not None for each in shown) > 1:
        series = [("here", 1, [each.accuracy for each in shown]), ("report", 2, [each.theirs for each in shown])]
        chart = dot_chart(f"Accuracy by {setting}", [each.shown for each in shown], series)
    return Sweep(setting=setting, tried=shown, chart=chart)


def _tried(row: dict[str, Any], shown: str, *, best: bool, theirs: float | None, chosen: bool) -> Tried:
    state = text(row.get("state"))
    complete = state == "complete"
    return Tried(
        shown=shown,
        accuracy=real(row.get("accuracy")) if complete else None,
        mean_recall=real(row.get("mean_recall")) if complete else None,
        theirs=theirs,
        chosen=chosen,
        best=best,
        note="" if complete else f"{state}: {text(row.get('reason'))}".rstrip(": "),
    )


def _settings(row: dict[str, Any]) -> str:
    """As short as they can be compared: what a search drew has more digits than it has meaning."""
    parts = []
    for key, value in table(row.get("settings")).items():
        number = real(value)
        shown = plain(value) if number is None or isinstance(value, bool | int) else plain(float(f"{number:.3g}"))
        parts.append(f"{key.rpartition('.')[2]} {shown}")
    return ", ".join(parts)


def _score(row: dict[str, Any]) -> float:
    return ((real(row.get("accuracy")) or 0.0) + (real(row.get("mean_recall")) or 0.0)) / 2
