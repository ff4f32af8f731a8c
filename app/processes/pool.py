"""Several processes of this machine that do the same work, started as they are needed."""

from __future__ import annotations

from collections.abc import Iterator
from multiprocessing.connection import wait
from typing import Any

from model.errors import AffectcamError

from .process import Process, dismiss
from .serve import Work

#: What is heard of a process that is gone.
GONE = "gone"


class Pool:
    """At most as many processes as there are jobs."""

    def __init__(self, work: Work, jobs: int) -> None:
        """Prepare; the first process is started when it is asked for."""
        self._work, self._jobs = work, jobs
        self._members: list[Process] = []

    @property
    def busy(self) -> bool:
        """Whether a process is at a task."""
        return any(member.task is not None for member in self._members)

    def idle(self) -> Process | None:
        """A process without a task, started if it must be; None where all that there may be have one.

        Raises:
            AffectcamError: not one process can be started.
        """
        member = next((each for each in self._members if each.task is None), None)
        if member is not None or len(self._members) >= self._jobs:
            return member
        return self._start()

    def hear(self, timeout_s: float | None = None) -> Iterator[tuple[Process, str, Any]]:
        """Wait, at most ``timeout_s``, for what the processes at a task say: who, of which kind, and its content.

        The kind is :data:`GONE` for one that died or left, which has been taken out; it may have had no task.

        Raises:
            Exception: what ended a process and is no task's fault.
        """
        for pipe in wait([member.pipe for member in self._members], timeout=timeout_s):
            member = next(each for each in self._members if each.pipe is pipe)
            try:
                kind, content = member.pipe.recv()
            except (EOFError, OSError):
                self._members.remove(member)
                member.pipe.close()
                member.process.join()
                yield member, GONE, None
                continue
            if kind == "unfit":
                raise content
            if member.task is not None:  # it always has one: only who has a task speaks
                yield member, kind, content

    def dismiss(self) -> list[Process]:
        """End every process; who they were."""
        dismiss(self._members)
        gone, self._members = self._members, []
        return gone

    def _start(self) -> Process | None:
        try:
            member = Process(self._work)
        except OSError as error:
            if not self._members:
                raise AffectcamError(f"cannot start another process: {error.strerror or error}; use --jobs 1") from None
            self._jobs = len(self._members)  # too many for this machine: those that run do it alone
            return None
        self._members.append(member)
        return member
