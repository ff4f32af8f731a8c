"""Bootstrap intervals: how far a figure would have moved with other pictures of the same kind (Efron 1979)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.emotions import LABELS

LEVEL = 0.95
RESAMPLES = 1000
SEED = 0
#: What stands for "no face was found" where a predicted class is expected; always wrong.
MISSED = len(LABELS)

_MOST_DRAWN = 8_000_000  # numbers drawn at a time, for the sake of memory

Pair = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Intervals:
    """Where accuracy and mean recall lie with 95 % confidence."""

    accuracy: Pair
    mean_recall: Pair
    unit: str  # what was drawn anew: "picture", or "person" where the data say who is on a picture
    level: float = LEVEL
    resamples: int = RESAMPLES

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def intervals_of(
    labels: NDArray[np.integer[Any]], predicted: NDArray[np.integer[Any]], persons: Sequence[str] | None = None
) -> Intervals:
    """The intervals of true against predicted classes ``(n,)``; ``MISSED`` counts as wrong.

    Args:
        labels: true classes.
        predicted: what the model said.
        persons: who is on each picture, ``n`` texts, "" where nobody knows. Pictures of one person are alike, so that
            persons are drawn, with all their pictures.
    """
    drawn = resampled(labels, predicted, persons)
    # A rare class that happens not to be drawn counts as it was measured; to leave it out would lift the mean.
    measured = recalls_of(_table_of(labels, predicted))
    return Intervals(
        accuracy=span(accuracy_of(drawn)),
        mean_recall=span(mean_recall_of(drawn, instead=measured)),
        unit="picture" if units_of(persons) is None else "person",
    )


def _table_of(labels: NDArray[np.integer[Any]], predicted: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
    table = np.zeros((len(LABELS), len(LABELS) + 1))
    np.add.at(table, (labels, predicted), 1)
    return table


def resampled(
    labels: NDArray[np.integer[Any]],
    predicted: NDArray[np.integer[Any]],
    persons: Sequence[str] | None = None,
    seed: int = SEED,
) -> NDArray[np.float64]:
    """Confusions ``(1000, 8, 9)``, [true][predicted or missed], of as many data sets drawn from these pictures."""
    shape = (len(LABELS), len(LABELS) + 1)
    cells = labels.astype(np.intp) * shape[1] + predicted.astype(np.intp)
    units = units_of(persons)
    if units is None:
        # Drawing n pictures with replacement and counting them is one draw from a multinomial distribution.
        shares = np.bincount(cells, minlength=shape[0] * shape[1]) / len(cells)
        counts = np.random.default_rng(seed).multinomial(len(cells), shares, RESAMPLES)
        return counts.reshape(-1, *shape).astype(np.float64)
    tables = np.zeros((int(units.max()) + 1, shape[0] * shape[1]))
    np.add.at(tables, (units, cells), 1)
    return np.concatenate([times @ tables for times in _draws(len(tables), seed)]).reshape(-1, *shape)


def resampled_mean(
    values: NDArray[np.floating[Any]], persons: Sequence[str] | None = None, seed: int = SEED
) -> NDArray[np.float64]:
    """The mean of ``values (n,)`` in 1000 data sets drawn from them, ``(1000,)``."""
    units = units_of(persons)
    places = np.arange(len(values)) if units is None else units
    sums, counts = np.bincount(places, values), np.bincount(places)
    return np.concatenate([(times @ sums) / (times @ counts) for times in _draws(len(sums), seed)])


def _draws(count: int, seed: int) -> Iterator[NDArray[np.float64]]:
    """How often each of ``count`` units is drawn, ``(some, count)``, 1000 rows in all."""
    rng = np.random.default_rng(seed)
    at_once = max(1, _MOST_DRAWN // count)
    for start in range(0, RESAMPLES, at_once):
        rows = min(at_once, RESAMPLES - start)
        chosen = rng.integers(count, size=(rows, count)) + np.arange(rows)[:, None] * count
        yield np.bincount(chosen.ravel(), minlength=rows * count).reshape(rows, count).astype(np.float64)


def units_of(persons: Sequence[str] | None) -> NDArray[np.intp] | None:
    """A number for each picture's person ``(n,)``; None where no person has two pictures."""
    if persons is None:
        return None
    names = [person or f"\0{place}" for place, person in enumerate(persons)]  # of nobody known: one of its own
    unique, units = np.unique(np.array(names), return_inverse=True)
    return None if len(unique) == len(names) else np.asarray(units, dtype=np.intp)


def accuracy_of(confusions: NDArray[Any]) -> NDArray[np.float64]:
    """Accuracy of confusions ``(..., 8, 9)``."""
    hits = confusions.diagonal(axis1=-2, axis2=-1).sum(axis=-1)
    return np.asarray(hits / np.maximum(confusions.sum(axis=(-2, -1)), 1), dtype=np.float64)


def mean_recall_of(
    confusions: NDArray[Any], classes: Sequence[int] | None = None, instead: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Mean recall of confusions ``(..., 8, 9)`` over the classes that occur in each, of ``classes`` or of all.

    ``instead (8,)`` gives the recall of a class that does not occur; NaN there leaves it out.
    """
    recalls = recalls_of(confusions)
    if instead is not None:
        recalls = np.where(np.isnan(recalls), instead, recalls)
    chosen = recalls if classes is None else recalls[..., list(classes)]
    known = np.isfinite(chosen)
    return np.asarray(np.where(known, chosen, 0).sum(axis=-1) / np.maximum(known.sum(axis=-1), 1))


def recalls_of(confusions: NDArray[Any]) -> NDArray[np.float64]:
    """Recall by class ``(..., 8)`` of confusions ``(..., 8, 9)``; NaN for a class that does not occur."""
    trues = confusions.sum(axis=-1)
    hits = confusions.diagonal(axis1=-2, axis2=-1)
    return np.where(trues > 0, hits / np.maximum(trues, 1), np.nan)


def span(values: NDArray[np.float64]) -> Pair:
    """The middle 95 % of resampled values; those that are no number are left out."""
    low, high = np.nanquantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)
