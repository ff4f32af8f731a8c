"""Several searches as one, with a bar on the console and a line per trial."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from .job import Job, Outcome, Search, State

logger = logging.getLogger(__name__)


class CountedSearch(Search, Protocol):
    """A search that knows how many trials it has."""

    total: int
    done: int  # at the start


class TuningProgress:
    """``searches``, one after the other, as one :class:`Search`."""

    def __init__(
        self,
        searches: Sequence[CountedSearch],
        console: Console | None,
        *,
        ended: Callable[[Job], None] = lambda _: None,
    ) -> None:
        """Show on ``console``, or in the log without one; ``ended`` is called after each trial's result is kept."""
        self._searches, self._console, self._ended = searches, console, ended
        self._by: dict[str, CountedSearch] = {}  # of each job under way
        self._total, self._done = (sum(getattr(each, name) for each in searches) for name in ("total", "done"))
        self._bar: Progress | None = None

    def __enter__(self) -> Self:
        if self._done:
            self._say(f"{self._done} of {self._total} trials are done already")
        if self._console is not None:
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
            self._bar = Progress(*columns, console=self._console, transient=True)
            self._task = self._bar.add_task("trials", total=self._total, completed=self._done)
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def next(self) -> Job | None:
        """The next trial of the first search that has one."""
        for search in self._searches:
            job = search.next()
            if job is not None:
                self._by[job.name] = search
                self._show(job.title)
                return job
        return None

    def validated(self, job: Job, epoch: int, score: float) -> bool:
        """Pass it on."""
        self._show(f"{job.title}: epoch {epoch}, score {score:.4f}")
        return self._by[job.name].validated(job, epoch, score)

    def ended(self, job: Job, outcome: Outcome) -> None:
        """Pass it on, then say it."""
        self._by.pop(job.name).ended(job, outcome)
        self._done += 1
        self._say(f"trial {self._done}/{self._total}  {job.title}: {_told(outcome)}")
        if self._bar is not None:
            self._bar.update(self._task, completed=self._done)
        self._ended(job)

    def interrupted(self, job: Job, seconds: float) -> None:
        """Pass it on."""
        self._by.pop(job.name).interrupted(job, seconds)

    def _say(self, line: str) -> None:
        if self._console is not None:
            self._console.print(line, markup=False, highlight=False, soft_wrap=True)
        else:
            logger.info("%s", line)

    def _show(self, text: str) -> None:
        if self._bar is not None:
            self._bar.update(self._task, description=text[:60].replace("[", r"\["))


def _told(outcome: Outcome) -> str:
    if outcome.state is State.FAILED:
        return f"failed, {outcome.reason}"
    figures = f"accuracy {outcome.accuracy:.4f}  mean recall {outcome.mean_recall:.4f}  {outcome.seconds:.0f} s"
    return f"{figures}, left off after epoch {len(outcome.epochs)}" if outcome.state is State.PRUNED else figures
