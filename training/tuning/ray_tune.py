"""What Ray Tune is given: our search as its searcher, ASHA that tells trials instead of killing them, and an ear."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import ray
from ray.tune import Callback, Stopper
from ray.tune.experiment import Trial
from ray.tune.schedulers import ASHAScheduler, TrialScheduler
from ray.tune.search import Searcher

from .job import Job
from .plan import REDUCTION, least_epochs
from .ray_desk import Desk

logger = logging.getLogger(__name__)

_LOOK_EVERY_S = 5.0  # at what the cluster still has
Scores = dict[int, float]  # by epoch


class DeskSearcher(Searcher):
    """Asks the desk what to try."""

    def __init__(self, desk: Desk, jobs: int) -> None:
        super().__init__(metric="score", mode="max")
        self._desk, self._jobs = desk, jobs

    def suggest(self, trial_id: str) -> dict[str, Any] | str | None:
        """The next trial; None: not yet, since what to try may depend on those under way."""
        if self._desk.live >= self._jobs:
            return None
        job = self._desk.next(trial_id)
        return Searcher.FINISHED if job is None else {"job": asdict(job)}

    def on_trial_complete(self, trial_id: str, result: Any = None, error: bool = False) -> None:  # noqa: ARG002
        """Pass it on."""
        self._desk.over(trial_id, died=error)

    def save(self, checkpoint_path: str) -> None:
        """Keep nothing: the search's own store does."""
        Path(checkpoint_path).touch()

    def restore(self, checkpoint_path: str) -> None:
        """Read nothing, likewise."""


class DeskScheduler(ASHAScheduler):
    """Passes scores on, and leaves trials off by telling them, so that their last epoch is kept as well.

    Args:
        desk: whom to tell.
        epochs: of a trial.
        halving: whether ASHA leaves trials off; if not, the search alone does.
        earlier: scores of trials that an earlier start of the search carried out.
    """

    def __init__(self, desk: Desk, *, epochs: int, halving: bool, earlier: Sequence[Scores]) -> None:
        grace = least_epochs(epochs)
        super().__init__("epoch", "score", "max", max_t=epochs, grace_period=grace, reduction_factor=REDUCTION)
        self._desk, self._epochs, self._halving = desk, epochs, halving
        for place, scores in enumerate(earlier):
            known: Any = SimpleNamespace(trial_id=f"earlier-{place}")
            super().on_trial_add(None, known)
            for epoch, score in sorted(scores.items()):
                super().on_trial_result(None, known, {"epoch": epoch, "score": score})

    def on_trial_result(self, tune_controller: Any, trial: Trial, result: dict[str, Any]) -> str:
        """Decide, and let the trial know."""

        def halved(job: Job) -> bool:
            if not self._halving or not job.prunable:
                return False
            action = super(DeskScheduler, self).on_trial_result(tune_controller, trial, result)
            return action == TrialScheduler.STOP and result["epoch"] < self._epochs

        self._desk.heard(trial.trial_id, result, halved)
        return TrialScheduler.CONTINUE

    def on_trial_remove(self, tune_controller: Any, trial: Trial) -> None:  # noqa: ARG002
        """Forget a trial that ended before it began."""
        self._trial_info.pop(trial.trial_id, None)


class DeskBell(Callback, Stopper):
    """Rings at every step of Ray Tune: has somebody asked to stop, and has the cluster become smaller?"""

    def __init__(self, desk: Desk, suffices: Callable[[], bool], need: str) -> None:
        self._desk, self._suffices, self._need = desk, suffices, need
        self._running, self._looked_at, self._sufficed, self._nodes = 0, time.monotonic(), True, alive_nodes()

    def on_step_begin(self, *, trials: list[Trial], **_: Any) -> None:
        """Look around."""
        self._running = sum(trial.status == Trial.RUNNING for trial in trials)
        if time.monotonic() - self._looked_at > _LOOK_EVERY_S:
            self._looked_at = time.monotonic()
            suffices, nodes = self._suffices(), alive_nodes()
            if nodes < self._nodes:
                logger.warning(
                    "%d node(s) left the cluster, %d remain; their trials go on elsewhere", self._nodes - nodes, nodes
                )
            self._nodes = nodes
            if self._sufficed and not suffices:
                logger.warning(
                    "no node of the cluster has %s any more: waiting for one; Ctrl-C keeps what is done", self._need
                )
            elif suffices and not self._sufficed:
                logger.info("a node of the cluster has %s again", self._need)
            self._sufficed = suffices

    def __call__(self, *_: Any) -> bool:
        """No trial is ended by its results here."""
        return False

    def stop_all(self) -> bool:
        """Whether to end what is left."""
        return self._desk.is_time_to_end(self._running)


def alive_nodes() -> int:
    """How many nodes the cluster has."""
    return sum(bool(node["Alive"]) for node in ray.nodes())


def node_with(cpus: float, gpus: float) -> bool:
    """Whether some node of the cluster, were it idle, could carry out a trial that needs these."""
    return any(
        node["Alive"] and node["Resources"].get("CPU", 0) >= cpus and node["Resources"].get("GPU", 0) >= gpus
        for node in ray.nodes()
    )
