"""How well the model reads, out of ``evaluate.json``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from model.emotions import LABELS

from .words import pair, real, rows, table, text


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRow:
    """One class."""

    label: str
    place: int  # in LABELS
    count: int  # pictures of it
    recall: float | None
    precision: float | None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of the two."""
        if self.recall is None or self.precision is None:
            return None
        return 2 * self.recall * self.precision / ((self.recall + self.precision) or 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Pictures of one class that were read as one class."""

    count: int
    share: float  # of the true class's pictures
    right: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupTable:
    """The figures by one column of the groups file."""

    column: str
    groups: list[tuple[str, dict[str, Any]]]
    gaps: list[dict[str, Any]]
    without: int


def confusion_of(evaluate: dict[str, Any]) -> list[list[int]] | None:
    """``[true][predicted]``, if it is there and whole."""
    raw = evaluate.get("confusion")
    if not isinstance(raw, list) or len(raw) != len(LABELS):
        return None
    if not all(isinstance(row, list) and len(row) == len(LABELS) for row in raw):
        return None
    if any(real(cell) is None for row in raw for cell in row):
        return None
    return [[int(cell) for cell in row] for row in raw]


def confusion_rows(confusion: list[list[int]]) -> list[tuple[str, list[Cell]]]:
    """As the student report drew it: a row for each class that was read, a column for each true one."""
    totals = [max(1, sum(row)) for row in confusion]
    return [
        (
            label,
            [
                Cell(count=confusion[true][read], share=confusion[true][read] / totals[true], right=true == read)
                for true in range(len(LABELS))
            ],
        )
        for read, label in enumerate(LABELS)
    ]


def class_rows(evaluate: dict[str, Any]) -> list[ClassRow]:
    """Recall and precision of the classes that occur."""
    recall, precision = table(evaluate.get("recall")), table(evaluate.get("precision"))
    confusion = confusion_of(evaluate)
    return [
        ClassRow(
            label=label,
            place=place,
            count=sum(confusion[place]) if confusion else 0,
            recall=real(recall.get(label)),
            precision=real(precision.get(label)),
        )
        for place, label in enumerate(LABELS)
        if label in recall
    ]


def group_tables(evaluate: dict[str, Any]) -> list[GroupTable]:
    """The figures by group, a table for each column of the groups file."""
    columns = table(table(evaluate.get("groups")).get("columns"))
    return [
        GroupTable(
            column=text(column),
            groups=[(text(name), table(figures)) for name, figures in table(table(found).get("groups")).items()],
            gaps=[gap for gap in rows(table(found).get("gaps")) if real(gap.get("difference"))],
            without=int(real(table(found).get("without_group")) or 0),
        )
        for column, found in columns.items()
    ]


def interval_of(figures: dict[str, Any], measure: str) -> tuple[float, float] | None:
    """The 95 % interval of a figure."""
    return pair(table(figures.get("interval")).get(measure))
