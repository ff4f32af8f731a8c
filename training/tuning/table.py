"""The results of a search on the console."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from ..report_figures import is_chosen
from .job import State, show_value
from .results import Factor, Joint, Results, Row

_SHOWN = 10  # trials of the joint search, the best ones


def show(results: Results, console: Console) -> None:
    """Print a table per factor, ours beside the report's, and the best trials of the joint search."""
    for factor in results.factors:
        console.print(_factor_table(factor, results.seconds))
    if results.joint is not None:
        console.print(_joint_table(results.joint, results.seconds))
        if results.joint.importance:
            parts = ", ".join(f"{key} {share:.0%}" for key, share in results.joint.importance.items())
            console.print(f"what the scores depend on: {parts}", highlight=False)


def _factor_table(factor: Factor, seconds: dict[str, float]) -> Table:
    table = Table(title=factor.setting, title_justify="left")
    for name in ("value", "accuracy", "mean recall", "loss", "seconds", "the report's accuracy"):
        table.add_column(name, justify="right")
    table.add_column("", justify="left")
    for row in factor.rows:
        theirs = "" if row.report_accuracy is None else f"{row.report_accuracy:.4f}"
        if is_chosen(factor.setting, row.value):
            theirs += " *"
        companions = {key: value for key, value in row.settings.items() if key != factor.setting}
        remark = ", ".join([f"{key} = {show_value(value)}" for key, value in companions.items()] + _remark(row))
        style = "bold" if row is factor.best else None
        table.add_row(show_value(row.value), *_figures(row), _time(row, seconds), theirs, remark, style=style)
    if any(is_chosen(factor.setting, row.value) for row in factor.rows):
        table.caption = "* what the report chose"
    return table


def _joint_table(joint: Joint, seconds: dict[str, float]) -> Table:
    counts = {state: sum(row.state == state for row in joint.rows) for state in State}
    said = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
    table = Table(title=f"joint search: {said or 'no trials'}", title_justify="left")
    settings = list(joint.space)
    for name in ("trial", *settings, "accuracy", "mean recall", "loss", "seconds"):
        table.add_column(name, justify="right")
    table.add_column("", justify="left")
    ranked = sorted(joint.rows, key=lambda row: -1.0 if row.score is None else row.score, reverse=True)
    for row in ranked[:_SHOWN]:
        values = [show_value(row.settings.get(key, "")) for key in settings]
        style = "bold" if row is joint.best else None
        number = row.trial.rpartition("-")[2]
        table.add_row(number, *values, *_figures(row), _time(row, seconds), ", ".join(_remark(row)), style=style)
    if len(ranked) > _SHOWN:
        table.caption = f"the best {_SHOWN} of {len(ranked)}"
    return table


def _figures(row: Row) -> list[str]:
    return ["" if value is None else f"{value:.4f}" for value in (row.accuracy, row.mean_recall, row.loss)]


def _time(row: Row, seconds: dict[str, float]) -> str:
    return f"{seconds.get(row.trial, 0.0):.0f}"


def _remark(row: Row) -> list[str]:
    if row.state == State.COMPLETE:
        return []
    if row.state == State.PRUNED:
        return [f"left off after epoch {len(row.epochs)}"]
    return [f"failed: {row.reason}"]
