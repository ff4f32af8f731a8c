"""A crew of processes on this machine."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from multiprocessing.connection import wait

from app.processes.process import Process, dismiss
from app.processes.serve import Do
from model.errors import AffectcamError

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
        self._work, self._jobs = _Work(asked), jobs
        self._processes: list[Process] = []

    @property
    def busy(self) -> bool:
        """Whether a process is at a task."""
        return any(each.task is not None for each in self._processes)

    def hand_out(self, waiting: deque[Task]) -> None:
        """Give every idle process a task, and start those that are missing.

        Raises:
            AffectcamError: not one process can be started.
        """
        while waiting:
            idle = next((each for each in self._processes if each.task is None), None)
            if idle is None:
                if len(self._processes) >= self._jobs:
                    return
                idle = self._start()
                if idle is None:
                    return
            idle.begin(waiting.popleft())

    def listen(self) -> list[Event]:
        """Wait a moment for what the processes say."""
        events: list[Event] = []
        for pipe in wait([each.pipe for each in self._processes], timeout=_MOMENT_S):
            process = next(each for each in self._processes if each.pipe is pipe)
            try:
                kind, content = process.pipe.recv()
            except (EOFError, OSError):
                events += self._buried(process)
                continue
            if kind == "unfit":
                raise content
            if process.task is None:  # cannot be: only who has a task speaks
                continue
            task, process.task = process.task, None
            events.append(Done(task, content) if kind == "done" else Failed(task, content))
        return events

    def dismiss(self) -> None:
        """End every process."""
        dismiss(self._processes)
        self._processes.clear()

    def _start(self) -> Process | None:
        try:
            process = Process(self._work)
        except OSError as error:
            if not self._processes:
                raise AffectcamError(f"cannot start another process: {error.strerror or error}; use --jobs 1") from None
            self._jobs = len(self._processes)  # too many for this machine: those that run do it alone
            return None
        self._processes.append(process)
        return process

    def _buried(self, process: Process) -> list[Event]:
        self._processes.remove(process)
        process.pipe.close()
        process.process.join()
        return [] if process.task is None else [Lost(process.task, process.how_it_ended())]
