"""A trial's end of the Ray engine: the same trial function, carried out by a Ray worker on any node."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import time
import uuid
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import ray
from ray import tune

from model import cluster
from model.errors import ConfigError
from model.portable import portable

from ..interrupted import Interrupted
from .job import Job
from .runners import Task, attempt
from .search import STORE

_ASK_AGAIN_S = 0.5  # between two questions whether to stop


class Mailbox:
    """A Ray actor on the search's own node: what the search answers the trials, wherever they run."""

    def __init__(self) -> None:
        self._verdicts: dict[str, bool] = {}
        self._stopped = False
        self._news = asyncio.Condition()

    async def decide(self, key: str, leave: bool) -> None:
        """Keep the answer to the score ``key``: whether to leave the trial off."""
        async with self._news:
            self._verdicts[key] = leave
            self._news.notify_all()

    async def stop(self) -> None:
        """Ask every trial to save and leave."""
        async with self._news:
            self._stopped = True
            self._news.notify_all()

    async def verdict(self, key: str) -> bool | None:
        """Wait for the answer to ``key``; None: everybody is to stop."""
        async with self._news:
            await self._news.wait_for(lambda: self._stopped or key in self._verdicts)
            return None if self._stopped else self._verdicts.pop(key)

    async def stopped(self) -> bool:
        """Whether everybody is to stop."""
        return self._stopped


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What every trial on the cluster is given."""

    task: Task
    mailbox: Any  # handle of a Mailbox
    fingerprint: str  # of the affectcam that searches
    folder: str  # in which the search was started: relative paths mean the same


def carry_out(given: dict[str, Any], order: Order) -> None:
    """Carry out the trial ``given["job"]`` and report its scores, and last what became of it, to Ray Tune.

    What is reported has a ``kind``: ``validated``, ``ended``, ``stopped``, or ``broken`` with the error that the
    settings are not to blame for.
    """
    logging.getLogger("lightning").setLevel(logging.WARNING)
    warnings.simplefilter("ignore")
    job, line = Job(**given["job"]), _Line(order.mailbox)
    try:
        if line.stop():
            raise Interrupted
        _check_here(order)
        outcome = attempt(order.task, job, line.validated, line.stop)
        tune.report({"kind": "ended", "outcome": json.dumps(asdict(outcome))})
    except Interrupted:
        tune.report({"kind": "stopped"})
    except Exception as error:
        tune.report({"kind": "broken", "error": portable(error)})


class _Line:
    """To the search and back."""

    def __init__(self, mailbox: Any) -> None:
        self._mailbox = mailbox
        self._stop, self._asked_at = False, float("-inf")

    def validated(self, epoch: int, score: float) -> bool:
        """Tell a score, and hear whether to leave off."""
        key = uuid.uuid4().hex
        tune.report({"kind": "validated", "epoch": epoch, "score": score, "key": key})
        verdict = self._ask(lambda: self._mailbox.verdict.remote(key))
        self._stop = self._stop or verdict is None
        return bool(verdict)

    def stop(self) -> bool:
        """Whether the search asked for it, or is gone."""
        if not self._stop and time.monotonic() - self._asked_at > _ASK_AGAIN_S:
            self._stop = self._ask(self._mailbox.stopped.remote) is not False
            self._asked_at = time.monotonic()
        return self._stop

    def _ask(self, question: Callable[[], Any]) -> Any:
        try:
            return ray.get(question())
        except ray.exceptions.RayError:
            return None


def _check_here(order: Order) -> None:
    """Refuse a node that runs something else or sees other files: it may have come after the search began."""
    node = ray.util.get_node_ip_address()
    cluster.refuse_other(cluster.fingerprint(), order.fingerprint, node)
    if not Path(order.folder).is_dir():
        raise ConfigError(f"node {node}: has no folder {order.folder}; start the search in one that all nodes share")
    os.chdir(order.folder)
    if not (order.task.folder.parent / STORE).is_file():
        raise ConfigError(
            f"node {node}: does not see {order.task.folder.parent}; give --runs a folder on a disk that all nodes share"
        )
