"""A crew of processes on this machine."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from app.processes.pool import GONE, Pool
from app.processes.serve import Do

from .crew import Done, Event, Failed, Lost
from .hand import Hand
from .task import Asked, Task

_MOMENT_S = 0.5


@dataclass(frozen=True, slots=True)
class _Work:
    """What the processes do."""

    asked: Asked

    def prepare(self) -> Do:
        hand = Hand(self.asked)
        return lambda task, _tick: hand.do(task)


class LocalCrew:
    """As many processes as jobs; see :class:`app.archive.crew.Crew`."""

    def __init__(self, asked: Asked, jobs: int) -> None:
        self._pool = Pool(_Work(asked), jobs)

    @property
    def busy(self) -> bool:
        """Whether a process is at a task."""
        return self._pool.busy

    def hand_out(self, waiting: deque[Task]) -> None:
        """Give every idle process a task, and start those that are missing.

        Raises:
            AffectcamError: not one process can be started.
        """
        while waiting and (process := self._pool.idle()) is not None:
            process.begin(waiting.popleft())

    def listen(self) -> list[Event]:
        """Wait a moment for what the processes say."""
        events: list[Event] = []
        for process, kind, content in self._pool.hear(_MOMENT_S):
            task, process.task = process.task, None
            if kind != GONE:
                events.append(Done(task, content) if kind == "done" else Failed(task, content))
            elif task is not None:
                events.append(Lost(task, process.how_it_ended()))
        return events

    def dismiss(self) -> None:
        """End every process."""
        self._pool.dismiss()
