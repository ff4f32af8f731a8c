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
            ranked = sorted(results.joint.importance.items(), key=lambda each: -each[1])
            parts = ", ".join(f"{key} {share:.0%}" for key, share in ranked)
            console.print(f"what the scores depend on: {parts}", highlight=False)


def _factor_table(factor: Factor, seconds: dict[str, float]) -> Table:
    columns = {
        "value": [show_value(row.value) for row in factor.rows],
        **_figures(factor.rows, seconds),
        "the report's accuracy": [_theirs(factor.setting, row) for row in factor.rows],
        "": [_remark(row, apart=factor.setting) for row in factor.rows],
    }
    table = _table(factor.setting, columns, [row is factor.best for row in factor.rows])
    if any(columns["the report's accuracy"]):
        table.caption = "the report's: on AffectNet at 224 x 224; * what it chose"
    return table


def _joint_table(joint: Joint, seconds: dict[str, float]) -> Table:
    counts = {state: sum(row.state == state for row in joint.rows) for state in State}
    said = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
    ranked = sorted(joint.rows, key=lambda row: -1.0 if row.score is None else row.score, reverse=True)
    shown = ranked[:_SHOWN]
    columns = {
        "trial": [row.trial.rpartition("-")[2] for row in shown],
        **{key: [show_value(row.settings.get(key, "")) for row in shown] for key in joint.space},
        **_figures(shown, seconds),
        "": [_remark(row) for row in shown],
    }
    table = _table(f"joint search: {said or 'no trials'}", columns, [row is joint.best for row in shown])
    if len(ranked) > _SHOWN:
        table.caption = f"the best {_SHOWN} of {len(ranked)}"
    return table


def _table(title: str, columns: dict[str, list[str]], best: list[bool]) -> Table:
    """A table without the columns that have nothing to say; the best row stands out."""
    table = Table(title=title, title_justify="left")
    filled = {name: cells for name, cells in columns.items() if any(cells)}
    for name in filled:
        table.add_column(name, justify="right" if name else "left")
    for cells, stands_out in zip(zip(*filled.values(), strict=True), best, strict=True):
        table.add_row(*cells, style="bold" if stands_out else None)
    return table


def _figures(rows: list[Row], seconds: dict[str, float]) -> dict[str, list[str]]:
    def column(name: str) -> list[str]:
        values = [getattr(row, name) for row in rows]
        return ["" if value is None else f"{value:.4f}" for value in values]

    return {
        "accuracy": column("accuracy"),
        "mean recall": column("mean_recall"),
        "loss": column("loss"),
        "seconds": [f"{seconds.get(row.trial, 0.0):.0f}" for row in rows],
    }


def _theirs(setting: str, row: Row) -> str:
    if row.report_accuracy is None:
        return ""
    return f"{row.report_accuracy:.4f} {'*' if is_chosen(setting, row.value) else ' '}"


def _remark(row: Row, *, apart: str = "") -> str:
    """How it ended, if not as planned, and in a sweep what else was changed than the factor ``apart``."""
    said = [f"{key} = {show_value(value)}" for key, value in row.settings.items() if apart and key != apart]
    if row.state == State.PRUNED:
        said.append(f"left off after epoch {len(row.epochs)}")
    if row.state == State.FAILED:
        said.append(f"failed: {row.reason}")
    return ", ".join(said)
