"""The results of a search as pictures, a PNG each."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

from model.errors import DataError
from model.whole_file import replacing

from ..report_figures import SWEEPS, is_chosen
from .job import State, show_value
from .results import Factor, Joint, Results, Row

_OURS, _RECALL, _THEIRS, _FAILED = "#1f6f8b", "#7fb7c9", "#c8553d", "#999999"


def draw(results: Results, folder: Path) -> list[Path]:
    """Draw a picture per factor, and three of the joint search; returns the files.

    Raises:
        DataError: the disk refuses.
    """
    written = []
    for factor in results.factors:
        written.append(_save(_factor_figure(factor, results), folder / f"factor-{_file_name(factor.setting)}.png"))
    if results.joint is not None and any(row.accuracy is not None for row in results.joint.rows):
        written.append(_save(_history_figure(results.joint), folder / "joint-history.png"))
        written.append(_save(_settings_figure(results.joint), folder / "joint-settings.png"))
        if results.joint.importance:
            written.append(_save(_importance_figure(results.joint.importance), folder / "joint-importance.png"))
    return written


def _figure(width: float, height: float) -> Any:
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # slow to import; no window system
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _save(figure: Any, path: Path) -> Path:
    try:
        with replacing(path) as part:
            figure.savefig(part, format="png", metadata={"Software": "affectcam"})
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror or error})") from None
    return path


def _file_name(setting: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", setting)


# -- one factor ------------------------------------------------------------------------------------------------------


def _factor_figure(factor: Factor, results: Results) -> Any:
    """Left: figures by value, ours and the report's. Right: validation accuracy by epoch, if there are several."""
    curves = [row for row in factor.rows if len(row.epochs) > 1]
    figure = _figure(11 if curves else 6.5, 4.2)
    axes = figure.subplots(1, 2 if curves else 1, squeeze=False)[0]
    _draw_values(axes[0], factor)
    if curves:
        _draw_curves(axes[1], curves)
    conditions = results.conditions
    figure.suptitle(f"{factor.setting}  ({_conditions(conditions)})", fontsize=11)
    return figure


def _conditions(conditions: dict[str, Any]) -> str:
    epochs, share = conditions.get("epochs", 0), conditions.get("share", 1.0)
    return f"{conditions.get('architecture', '')}, {epochs} epoch{'s' * (epochs != 1)}, {share:.0%} of the pictures"


def _draw_values(axes: Any, factor: Factor) -> None:
    theirs = {each.value: each.accuracy for each in SWEEPS.get(factor.setting, ())}
    values = _ordered([row.value for row in factor.rows] + list(theirs))
    numeric = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    places = {repr(value): place for place, value in enumerate(values)}  # evenly spaced: any values can be read
    line = "-" if numeric else ""

    def draw_line(pairs: list[tuple[Any, float | None]], label: str, colour: str, marker: str) -> None:
        known = [(places[repr(_as_in(values, value))], figure) for value, figure in pairs if figure is not None]
        if known:
            x, y = zip(*sorted(known), strict=True)
            axes.plot(x, y, f"{marker}{line}", color=colour, label=label)

    draw_line([(row.value, row.accuracy) for row in factor.rows], "accuracy", _OURS, "o")
    draw_line([(row.value, row.mean_recall) for row in factor.rows], "mean recall", _RECALL, "s")
    draw_line(list(theirs.items()), "the report's accuracy (AffectNet)", _THEIRS, "D")
    for row in factor.rows:
        if row.state == State.FAILED:
            axes.axvline(places[repr(_as_in(values, row.value))], color=_FAILED, linestyle=":", label="failed")
    for value in values:
        if is_chosen(factor.setting, value):
            axes.axvline(
                places[repr(value)], color=_THEIRS, alpha=0.15, linewidth=8, zorder=0, label="the report's choice"
            )
    axes.set_xticks(range(len(values)), [show_value(value) for value in values])
    axes.set_xlim(-0.5, len(values) - 0.5)
    axes.set_xlabel(factor.setting)
    axes.set_ylabel("validation")
    axes.grid(alpha=0.3)
    handles, labels = axes.get_legend_handles_labels()
    unique = dict(zip(labels, handles, strict=True))
    axes.legend(unique.values(), unique.keys(), fontsize=8)


def _ordered(values: list[Any]) -> list[Any]:
    """Each once; numbers rising, else as they came."""
    unique: list[Any] = []
    for value in values:
        if not any(value == known for known in unique):
            unique.append(value)
    try:
        return sorted(unique)
    except TypeError:
        return unique


def _as_in(values: list[Any], value: Any) -> Any:
    return next(known for known in values if known == value)


def _draw_curves(axes: Any, rows: list[Row]) -> None:
    from matplotlib import colormaps

    shades = colormaps["viridis"](np.linspace(0, 0.9, len(rows)))
    for row, shade in zip(rows, shades, strict=True):
        epochs, accuracies = zip(*((each["epoch"], each["accuracy"]) for each in row.epochs), strict=True)
        axes.plot(epochs, accuracies, "o-", markersize=3, color=shade, label=show_value(row.value))
    axes.set_xlabel("epoch")
    axes.set_ylabel("validation accuracy")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)


# -- the joint search ------------------------------------------------------------------------------------------------


def _score(row: Row) -> float | None:
    if row.accuracy is None or row.mean_recall is None:
        return None
    return (row.accuracy + row.mean_recall) / 2


def _history_figure(joint: Joint) -> Any:
    figure = _figure(6.5, 4.2)
    axes = figure.subplots()
    for state, marker, colour, label in (
        (State.COMPLETE, "o", _OURS, "complete"),
        (State.PRUNED, "x", _FAILED, "left off early"),
    ):
        points = [(at, _score(row)) for at, row in enumerate(joint.rows) if row.state == state]
        if points:
            axes.plot(*zip(*points, strict=True), marker, color=colour, label=label)
    best = np.fmax.accumulate([np.nan if row.score is None else row.score for row in joint.rows])
    axes.step(range(len(best)), best, where="post", color=_THEIRS, label="best so far")
    for at, row in enumerate(joint.rows):
        if row.state == State.FAILED:
            axes.axvline(at, color=_FAILED, linestyle=":")
    axes.set_xlabel("trial (dotted: failed)" if any(row.state == State.FAILED for row in joint.rows) else "trial")
    axes.set_ylabel("mean of accuracy and mean recall")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    figure.suptitle("joint search: every trial, and the best so far", fontsize=11)
    return figure


def _settings_figure(joint: Joint) -> Any:
    """The score against each setting; a trial's shade is its place in the order."""
    settings = list(joint.space)
    columns = min(3, len(settings))
    lines = -(-len(settings) // columns)
    figure = _figure(4.2 * columns, 0.5 + 3.3 * lines)
    grid = figure.subplots(lines, columns, squeeze=False, sharey=True)
    rows = [(at, row) for at, row in enumerate(joint.rows) if _score(row) is not None]
    for axes, setting in zip(grid.flat, settings, strict=False):
        _draw_setting(axes, setting, joint, rows)
    for axes in grid.flat[len(settings) :]:
        axes.set_axis_off()
    for axes in grid[:, 0]:
        axes.set_ylabel("mean of accuracy\nand mean recall")
    figure.suptitle("joint search: score by setting (dark: early trials; crosses: left off; ring: best)", fontsize=11)
    return figure


def _draw_setting(axes: Any, setting: str, joint: Joint, rows: list[tuple[int, Row]]) -> None:
    space = joint.space[setting]
    choices = [repr(value) for value in space] if isinstance(space, list) else None

    def place(row: Row) -> float:
        value = row.settings[setting]
        return choices.index(repr(value)) if choices else value

    for state, marker in ((State.COMPLETE, "o"), (State.PRUNED, "x")):
        chosen = [(at, row) for at, row in rows if row.state == state]
        if chosen:
            x, y = [place(row) for _, row in chosen], [_score(row) for _, row in chosen]
            axes.scatter(x, y, c=[at for at, _ in chosen], cmap="viridis", marker=marker, vmin=0, vmax=len(joint.rows))
    best = joint.best
    if best is not None:
        ring = {"s": 140, "facecolors": "none", "edgecolors": _THEIRS, "linewidths": 2}
        axes.scatter([place(best)], [_score(best)], **ring)
    if choices:
        axes.set_xticks(range(len(choices)), [show_value(value) for value in space])
        axes.set_xlim(-0.5, len(choices) - 0.5)
    elif space.get("log"):
        axes.set_xscale("log")
    axes.set_xlabel(setting)
    axes.grid(alpha=0.3)


def _importance_figure(importance: dict[str, float]) -> Any:
    figure = _figure(6.5, 1.2 + 0.45 * len(importance))
    axes = figure.subplots()
    names = sorted(importance, key=lambda name: importance[name])
    bars = axes.barh(names, [importance[name] for name in names], color=_OURS)
    axes.bar_label(bars, fmt="{:.0%}", padding=3, fontsize=8)
    axes.set_xlim(0, 1.08)
    axes.set_xlabel("share of the scores' spread that it explains (PED-ANOVA)")
    figure.suptitle("joint search: what the score depends on", fontsize=11)
    return figure
