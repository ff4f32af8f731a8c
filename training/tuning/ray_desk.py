"""The search's end of the Ray engine: what Ray Tune asks and tells, passed to the search that all engines share."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .job import Job, Outcome, Search, State
from .runners import DEATHS

logger = logging.getLogger(__name__)

_LEAVE_S = 60.0  # until a trial that was told to leave is ended: it saves first


@dataclass(slots=True)
class _Live:
    job: Job
    since: float
    last: dict[str, Any]  # its latest report


class Desk:
    """Between Ray Tune and the search; works in the search's process, so that one process writes the store."""

    def __init__(self, search: Search, *, mailbox: Any, stop: Callable[[], bool]) -> None:
        self._search, self._mailbox, self._stop = search, mailbox, stop
        self._live: dict[str, _Live] = {}
        self._asked_at: float | None = None  # when everybody was asked to leave
        self.failure: Exception | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        """Ray Tune keeps a copy of all that it is given, to begin again from; we do from the store, without it."""
        return object, ()

    @property
    def asked(self) -> bool:
        """Whether everybody was asked to leave."""
        return self._asked_at is not None

    @property
    def live(self) -> int:
        """How many trials are under way or wait for a place."""
        return len(self._live)

    def next(self, trial_id: str) -> Job | None:
        """The next trial; None: no more."""
        job = None if self.asked else self._guarded(self._search.next)
        if job is not None:
            self._live[trial_id] = _Live(job, time.monotonic(), {})
        return job

    def heard(self, trial_id: str, report: dict[str, Any], also: Callable[[Job], bool]) -> None:
        """Take a report; ``also`` says whether another rule leaves the trial off."""
        live = self._live.get(trial_id)
        if live is None:
            return
        live.last = report
        if report["kind"] == "validated":
            epoch, score = report["epoch"], report["score"]
            leave = bool(self._guarded(lambda: self._search.validated(live.job, epoch, score)))
            leave = also(live.job) or leave
            self._mailbox.decide.remote(report["key"], leave)
        elif report["kind"] == "broken":
            self.fail(report["error"])

    def over(self, trial_id: str, *, died: bool) -> None:
        """Take the end of a trial."""
        live = self._live.pop(trial_id, None)
        if live is None:
            return
        seconds = time.monotonic() - live.since
        if live.last.get("kind") == "ended":
            told = json.loads(live.last["outcome"])  # as a text, which Ray Tune leaves as it is
            outcome = Outcome(**{**told, "state": State(told["state"])})
        elif died and not self.asked:
            reason = f"its process, or its node, ended {DEATHS} times; too little memory?"
            outcome = Outcome(state=State.FAILED, reason=reason)
        else:
            self._guarded(lambda: self._search.interrupted(live.job, seconds))
            return
        self._guarded(lambda: self._search.ended(live.job, outcome))

    def fail(self, error: Exception) -> None:
        """Note what ends the whole search; the trials save and leave."""
        self.failure = self.failure or error
        self._ask_to_leave()

    def is_time_to_end(self, running: int) -> bool:
        """Whether Ray Tune is to end what is left: those that were asked to leave have left, or do not."""
        if not self.asked and self._stop():
            self._ask_to_leave()
        if self._asked_at is None:
            return False
        if running and time.monotonic() - self._asked_at > _LEAVE_S:
            logger.warning("a trial does not leave and is ended; the trial goes on from its last save")
            return True
        return not running

    def _ask_to_leave(self) -> None:
        if self._asked_at is None:
            self._asked_at = time.monotonic()
            self._mailbox.stop.remote()

    def _guarded(self, ask: Callable[[], Any]) -> Any:
        """What the search answers; an error in it ends the search, and is raised when the trials have left."""
        try:
            return ask()
        except Exception as error:
            self.fail(error)
            return None
