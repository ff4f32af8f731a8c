"""The results of a search as one file: the same for the same seeds, but for the times, which stand apart."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from model.errors import DataError

from ..steps import write_json
from .job import Outcome, State, score_of

RESULTS = "results.json"
_FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A value or a set of settings that was tried."""

    trial: str  # its folder in trials/; values that mean the same training share one
    settings: dict[str, Any]  # dotted key -> value
    state: str  # complete, pruned or failed
    accuracy: float | None = None  # validation, best epoch
    mean_recall: float | None = None
    loss: float | None = None
    epochs: list[dict[str, float]] = field(default_factory=list)  # epoch, loss, valid_loss, accuracy, mean_recall
    reason: str = ""  # of a failure
    value: Any = None  # of the factor; None in a joint search
    report_accuracy: float | None = None  # the report's, where it tried this value

    @property
    def score(self) -> float | None:
        """What the search makes large; only of complete trials."""
        if self.state != State.COMPLETE or self.accuracy is None or self.mean_recall is None:
            return None
        return score_of(self.accuracy, self.mean_recall)


def row_of(trial: str, settings: dict[str, Any], outcome: Outcome, **more: Any) -> Row:
    """A row from a trial's result."""
    kept = dataclasses.asdict(outcome)
    del kept["seconds"]
    return Row(trial=trial, settings=settings, **{**kept, "state": str(outcome.state)}, **more)


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """One setting, varied alone."""

    setting: str
    rows: list[Row]

    @property
    def best(self) -> Row | None:
        """The row with the best score; None if all failed."""
        return _best(self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """The joint search."""

    space: dict[str, Any]  # as the config says it
    rows: list[Row]  # in the order in which they were tried
    importance: dict[str, float] | None = None  # setting -> share of the scores' spread; None: too few trials

    @property
    def best(self) -> Row | None:
        """The row with the best score; None if no trial was completed."""
        return _best(self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """Everything that a search found."""

    conditions: dict[str, Any]  # epochs, share, pretrained, seed, network of a trial
    factors: list[Factor] = field(default_factory=list)
    joint: Joint | None = None
    seconds: dict[str, float] = field(default_factory=dict)  # by trial

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as they are written."""
        content: dict[str, Any] = {"format": _FORMAT, **dataclasses.asdict(self)}
        if self.joint is not None:
            best = self.joint.best
            content["joint"]["best"] = None if best is None else dataclasses.asdict(best)
        return content


def write_results(folder: Path, results: Results) -> Path:
    """Write ``results.json``, whole or not at all.

    Raises:
        DataError: the disk refuses.
    """
    path = folder / RESULTS
    write_json(path, results.to_dict())
    return path


def read_results(folder: Path) -> Results:
    """Read ``results.json``.

    Raises:
        DataError: it is missing or damaged.
    """
    path = folder / RESULTS
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        if raw.pop("format") != _FORMAT:
            raise ValueError("another format")
        factors = [Factor(setting=each["setting"], rows=_rows(each["rows"])) for each in raw.pop("factors")]
        joint = raw.pop("joint")
        if joint is not None:
            joint = Joint(space=joint["space"], rows=_rows(joint["rows"]), importance=joint["importance"])
        return Results(factors=factors, joint=joint, **raw)
    except FileNotFoundError:
        raise DataError(f"{path}: not there yet; run the tune step first") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DataError(f"{path}: unreadable ({error}); run the tune step again") from None


def _rows(raw: list[dict[str, Any]]) -> list[Row]:
    rows = [Row(**each) for each in raw]
    for row in rows:
        State(row.state)
    return rows


def _best(rows: list[Row]) -> Row | None:
    complete = [row for row in rows if row.score is not None]
    return max(complete, key=lambda row: row.score or 0.0, default=None)
