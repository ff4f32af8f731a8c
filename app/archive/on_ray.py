"""A crew of actors on the nodes of a Ray cluster that was started or joined."""

from __future__ import annotations

import contextlib
import time
from collections import deque
from typing import Any

from model.errors import AffectcamError

from .actor import Actor, Greeting, check
from .crew import Done, Event, Failed, Lost
from .task import Asked, Task

_MOMENT_S = 0.5
#: How long it is waited for a first worker, and for another one when all are gone.
NOBODY_S = 60.0


class RayCrew:
    """One actor for each processor of the cluster, or as many as jobs; see :class:`app.archive.crew.Crew`.

    An actor that dies, or whose node is lost, is replaced; while no node has room for another, the others go on.
    """

    def __init__(self, asked: Asked, jobs: int | None, *, model_sha256: str, nobody_s: float = NOBODY_S) -> None:
        """Prepare; ``model_sha256`` is the hash that the model's file must have on each node."""
        import ray

        self._ray: Any = ray
        self._remote: Any = ray.remote(num_cpus=1, max_restarts=0, max_task_retries=0)(Actor)
        self._asked, self._model_sha256 = asked, model_sha256
        self._jobs = jobs or max(1, int(self._ray.cluster_resources().get("CPU", 1)))
        self._members: list[_Member] = []
        self._by_answer: dict[Any, _Member] = {}  # whose answer is waited for
        self._nobody_s, self._seen_s = nobody_s, time.monotonic()
        self._failed_starts = 0

    @property
    def busy(self) -> bool:
        """Whether an actor is at a task."""
        return any(member.task is not None for member in self._members)

    def hand_out(self, waiting: deque[Task]) -> None:
        """Give every idle actor a task, and start those that are missing."""
        for member in self._members:
            if waiting and member.idle:
                member.task = waiting.popleft()
                self._ask(member, member.actor.do.remote(member.task))
        for _ in range(min(self._jobs - len(self._members), len(waiting))):
            member = _Member(self._remote.remote(self._asked))
            self._members.append(member)
            self._ask(member, member.actor.greet.remote())

    def listen(self) -> list[Event]:
        """Wait a moment for what the actors say.

        Raises:
            ConfigError: one is of another affectcam.
            ModelError: one has another file of the model, or cannot use it.
            AffectcamError: none is left.
        """
        events: list[Event] = []
        if self._by_answer:
            ready, _ = self._ray.wait(list(self._by_answer), num_returns=1, timeout=_MOMENT_S)
            for answer in ready:
                events += self._hear(self._by_answer.pop(answer), answer)
        if any(member.ready for member in self._members):
            self._seen_s = time.monotonic()
        elif time.monotonic() - self._seen_s > self._nobody_s:
            raise AffectcamError(
                f"no node of the cluster has had a free processor for {self._nobody_s:.0f} s; "
                "run the same command again to go on from here"
            )
        return events

    def dismiss(self) -> None:
        """End every actor."""
        for member in self._members:
            self._end(member)
        self._members.clear()
        self._by_answer.clear()

    def _ask(self, member: _Member, answer: Any) -> None:
        self._by_answer[answer] = member

    def _hear(self, member: _Member, answer: Any) -> list[Event]:
        try:
            said = self._ray.get(answer)
        except self._ray.exceptions.RayTaskError as error:  # it has not even our sources, or a bug shows
            raise AffectcamError(f"a worker fails: {_last_line(error)}; install the same affectcam there") from None
        except self._ray.exceptions.RayError as error:
            return self._buried(member, _last_line(error))
        if member.task is not None:
            task, member.task = member.task, None
            return [Failed(task, said) if isinstance(said, AffectcamError) else Done(task, said)]
        if isinstance(said, Exception):
            raise said
        if isinstance(said, Greeting):
            check(said, model=self._asked.config.model, model_sha256=self._model_sha256)
            self._ask(member, member.actor.prepare.remote())
        else:
            member.ready, self._failed_starts = True, 0
        return []

    def _buried(self, member: _Member, how: str) -> list[Event]:
        self._members.remove(member)
        self._end(member)
        if member.task is not None:
            return [Lost(member.task, "died, or its node was lost")]
        self._failed_starts += 1
        if self._failed_starts > self._jobs + 2:
            raise AffectcamError(f"no worker can be started: {how}; install the same affectcam on each node")
        return []

    def _end(self, member: _Member) -> None:
        with contextlib.suppress(Exception):  # gone already, or the cluster is
            self._ray.kill(member.actor)


class _Member:
    def __init__(self, actor: Any) -> None:
        self.actor = actor
        self.ready = False  # it has greeted, and has its model
        self.task: Task | None = None

    @property
    def idle(self) -> bool:
        return self.ready and self.task is None


def _last_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[-1] if lines else type(error).__name__)[:300]
