"""What passes between who chooses trials and who carries them out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from ..config import Config


class State(StrEnum):
    """How a trial ended."""

    COMPLETE = "complete"
    PRUNED = "pruned"  # left off early: it was worse than the others at the same epoch
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A trial to be carried out."""

    name: str  # unique in the folder of the search; names the trial's own folder
    settings: dict[str, Any]  # dotted key -> value
    title: str  # for people
    prunable: bool = False  # whether it may be left off early: a value of a factor is shown whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a trial; figures are those of its best epoch on the whole validation split."""

    state: State
    accuracy: float | None = None
    mean_recall: float | None = None
    loss: float | None = None  # cross entropy on the validation split
    epochs: list[dict[str, float]] = field(default_factory=list)  # a row an epoch
    seconds: float = 0.0  # of this attempt
    reason: str = ""  # of a failure, one line

    @property
    def score(self) -> float | None:
        """What a search makes large."""
        if self.accuracy is None or self.mean_recall is None:
            return None
        return score_of(self.accuracy, self.mean_recall)


def score_of(accuracy: float, mean_recall: float) -> float:
    """The mean of both, as the loop chooses its best checkpoint; rounded as in the log."""
    return round((accuracy + mean_recall) / 2, 5)


def lock_of(folder: Path) -> Path:
    """The lock of the trial in ``folder``; beside it, since the folder is the trial's own."""
    return folder.with_name(f".{folder.name}.lock")


def show_value(value: Any) -> str:
    """A setting's value in few characters."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


class Search(Protocol):
    """Who chooses trials, and is told what became of them; in one process."""

    def next(self) -> Job | None:
        """The trial to carry out next; None: no more."""

    def validated(self, job: Job, epoch: int, score: float) -> bool:
        """Take the score after an epoch (from 1); True: leave this trial off."""

    def ended(self, job: Job, outcome: Outcome) -> None:
        """Take a trial's result."""

    def interrupted(self, job: Job, seconds: float) -> None:
        """Note that a trial was stopped on its way, after so many seconds; it is taken up again at the next start."""


class TrialFunction(Protocol):
    """One trial; see :func:`training.tuning.trial.run_trial`. It must be importable by name from another process."""

    def __call__(
        self,
        config: Config,
        settings: dict[str, Any],
        folder: Path,
        *,
        init: Path | None,
        on_validation: Callable[[int, float], bool],
        stop: Callable[[], bool],
    ) -> dict[str, Any]:
        """Train and judge."""


class TrialFailed(Exception):  # noqa: N818 - a result, not an error of the search
    """The trial cannot be finished, and that is the fault of its settings; the others go on."""
