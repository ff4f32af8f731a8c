"""The figures by group of people, and the largest gaps between two groups."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.emotions import LABELS

from .groups_file import Matched
from .intervals import (
    Intervals,
    Pair,
    accuracy_of,
    intervals_of,
    mean_recall_of,
    recalls_of,
    resampled,
    resampled_mean,
    span,
)
from .metrics import Figures, measure

FEWEST = 30  # pictures of a group below which its figures say little
FEWEST_OF_CLASS = 10  # pictures of a class, in each of two groups, whose recalls are compared
_LISTED = 20  # names that the file of figures lists; all are counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The figures of one group."""

    figures: Figures
    intervals: Intervals
    overconfidence: float  # mean score of the answers minus accuracy

    @property
    def small(self) -> bool:
        """Whether it has too few pictures to be compared."""
        return self.figures.count < FEWEST

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        own = {"overconfidence": self.overconfidence, "interval": self.intervals.to_dict(), "small": self.small}
        return {**self.figures.to_dict(), **own}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """The two groups that a measure sets furthest apart."""

    measure: str  # accuracy, mean_recall, overconfidence, or "recall of CLASS"
    higher: str  # group
    lower: str
    higher_value: float
    lower_value: float
    interval: Pair  # of the difference

    @property
    def difference(self) -> float:
        """Higher minus lower."""
        return self.higher_value - self.lower_value

    @property
    def certain(self) -> bool:
        """Whether the interval leaves chance out; of many pairs the furthest was chosen, so this is a little kind."""
        return self.interval[0] > 0

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return {**values, "interval": list(self.interval), "difference": self.difference, "certain": self.certain}


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """One column of the groups file."""

    groups: dict[str, Group]
    gaps: list[Gap]  # one a measure, classes last, widest first; empty where fewer than two groups can be compared
    without: int  # pictures of which the group is not known

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "groups": {name: group.to_dict() for name, group in self.groups.items()},
            "gaps": [gap.to_dict() for gap in self.gaps],
            "without_group": self.without,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupFigures:
    """Everything by group."""

    file: str
    matched: Matched
    groupings: dict[str, Grouping]  # by column

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        listed = {"unknown": self.matched.unknown, "ambiguous": self.matched.ambiguous}
        return {
            "file": self.file,
            "matched": self.matched.found,
            **{key: {"count": len(names), "names": names[:_LISTED]} for key, names in listed.items()},
            "columns": {column: grouping.to_dict() for column, grouping in self.groupings.items()},
        }


def by_group(
    scores: NDArray[np.float32],
    labels: NDArray[np.integer[Any]],
    groups: Sequence[str],
    persons: Sequence[str] | None = None,
) -> Grouping:
    """Judge each group by itself and compare those of at least 30 pictures.

    Args:
        scores: ``(n, 8)``.
        labels: true classes ``(n,)``.
        groups: the group of each picture, "" where it is not known.
        persons: who is on each picture, for the intervals.
    """
    of = np.array(groups)
    members = {name: np.flatnonzero(of == name) for name in sorted({group for group in groups if group})}
    parts = {
        name: _Part(scores[places], labels[places], None if persons is None else [persons[place] for place in places])
        for name, places in members.items()
    }
    compared = {name: part for name, part in parts.items() if part.group.figures.count >= FEWEST}
    return Grouping(
        groups={name: part.group for name, part in parts.items()},
        gaps=list(_gaps(compared)),
        without=int((of == "").sum()),
    )


class _Part:
    """A group's pictures and what can be measured on them, on the pictures as they are and on resampled ones."""

    def __init__(
        self, scores: NDArray[np.float32], labels: NDArray[np.integer[Any]], persons: Sequence[str] | None
    ) -> None:
        predicted = scores.argmax(axis=1)
        surplus = scores.max(axis=1).astype(np.float64) - (predicted == labels)
        figures = measure(scores, labels)
        self.group = Group(
            figures=figures,
            intervals=intervals_of(labels, predicted, persons),
            overconfidence=float(surplus.mean()),
        )
        self.confusion = np.array(figures.confusion, dtype=np.float64)
        self._given = (labels, predicted, persons)
        self._surplus = surplus

    def drawn(self, seed: int) -> NDArray[np.float64]:
        return resampled(*self._given, seed=seed)

    def drawn_overconfidence(self, seed: int) -> NDArray[np.float64]:
        return resampled_mean(self._surplus, self._given[2], seed=seed)


def _gaps(parts: dict[str, _Part]) -> Iterator[Gap]:
    """The largest gap of each measure; for classes, only between groups that have enough pictures of it."""
    pairs = list(combinations(parts, 2))
    if not pairs:
        return
    counts = {name: part.confusion.sum(axis=1) for name, part in parts.items()}

    def shared(pair: tuple[str, str]) -> list[int]:
        return [place for place in range(len(LABELS)) if all(counts[name][place] >= FEWEST_OF_CLASS for name in pair)]

    def of_confusion(kind: Callable[[NDArray[Any], tuple[str, str]], Any]) -> _Measure:
        return lambda name, pair, seed: kind(parts[name].confusion if seed is None else parts[name].drawn(seed), pair)

    def overconfidence(name: str, _: tuple[str, str], seed: int | None) -> Any:
        part = parts[name]
        return part.group.overconfidence if seed is None else part.drawn_overconfidence(seed)

    yield _largest("accuracy", pairs, of_confusion(lambda table, _: accuracy_of(table)))
    comparable = [pair for pair in pairs if shared(pair)]
    if comparable:
        # Over the classes that both have: a group with no picture of the hard classes would look well read.
        mean_recall = of_confusion(lambda table, pair: mean_recall_of(table, shared(pair)))
        yield _largest("mean_recall", comparable, mean_recall)
    yield _largest("overconfidence", pairs, overconfidence)
    by_class = []
    for place, label in enumerate(LABELS):
        having = [pair for pair in pairs if place in shared(pair)]
        if having:
            recall = of_confusion(lambda table, _, place=place: recalls_of(table)[..., place])
            by_class.append(_largest(f"recall of {label}", having, recall))
    yield from sorted(by_class, key=lambda gap: -gap.difference)


#: (group, pair that it is compared in, seed) -> its value, or with a seed 1000 resampled ones.
_Measure = Callable[[str, tuple[str, str], int | None], Any]


def _largest(name: str, pairs: Sequence[tuple[str, str]], value: _Measure) -> Gap:
    """The pair that is furthest apart, with the interval of its difference."""

    def apart(pair: tuple[str, str]) -> float:
        return abs(float(value(pair[0], pair, None)) - float(value(pair[1], pair, None)))

    pair = max(pairs, key=apart)
    first, second = (float(value(each, pair, None)) for each in pair)
    higher, lower = pair if first >= second else pair[::-1]
    drawn = value(higher, pair, 1) - value(lower, pair, 2)  # two seeds: the groups are drawn independently
    return Gap(
        measure=name,
        higher=higher,
        lower=lower,
        higher_value=max(first, second),
        lower_value=min(first, second),
        interval=span(drawn),
    )
