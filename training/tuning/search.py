"""Which trial comes next, and what became of each: Optuna and its store, known nowhere else."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import logging
import sqlite3
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.pruners import BasePruner, MedianPruner, NopPruner, SuccessiveHalvingPruner
from optuna.storages import BaseStorage, RDBStorage
from optuna.trial import FrozenTrial, Trial, TrialState

from model.errors import DataError

from ..config import Config
from .job import Job, Outcome, State, show_value
from .plan import REDUCTION, FactorValue, Range, Space, digest, halves_on_ray, key_of, least_epochs

logger = logging.getLogger(__name__)

STORE = "study.db"
_STATES = {
    State.COMPLETE: TrialState.COMPLETE,
    State.PRUNED: TrialState.PRUNED,
    State.FAILED: TrialState.FAIL,
}
_FEWEST_FOR_IMPORTANCE = 8  # trials; from fewer it is noise


@contextlib.contextmanager
def open_store(path: Path) -> Iterator[BaseStorage]:
    """The SQLite file that holds the studies, made where there is none; what goes wrong with it is a DataError.

    Raises:
        DataError: it is damaged, or the disk refuses.
    """
    from sqlalchemy.exc import SQLAlchemyError

    optuna.logging.disable_default_handler()
    optuna.logging.enable_propagation()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"{path.parent}: cannot be made ({error.strerror or error})") from None
    storage = None
    try:
        # By a function of ours, since in an URL some characters of a path would mean something else.
        connect = {"creator": lambda: sqlite3.connect(path, timeout=60, check_same_thread=False)}
        storage = RDBStorage("sqlite:///study.db", engine_kwargs=connect)
        yield storage
    except (SQLAlchemyError, sqlite3.Error, optuna.exceptions.StorageInternalError) as error:
        cause = error.__cause__ if isinstance(error, optuna.exceptions.StorageInternalError) else error
        reason = str(cause or error).splitlines()[0]
        raise DataError(f"{path}: the search's store fails ({reason}); make room, or delete it to begin anew") from None
    finally:
        if storage is not None:
            storage.remove_session()
            storage.engine.dispose()


class _Study:
    """An Optuna study whose trials are carried out elsewhere; one process writes it."""

    def __init__(self, storage: BaseStorage, name: str, pruner: BasePruner | None = None) -> None:
        self._study = optuna.create_study(
            storage=storage,
            study_name=name,
            direction="maximize",
            load_if_exists=True,
            pruner=pruner or NopPruner(),
        )
        self._live: dict[str, Trial] = {}
        self._reported: dict[str, set[int]] = {}

    def validated(self, job: Job, epoch: int, score: float) -> bool:
        """Keep the score; a study that prunes says more."""
        if epoch not in self._reported[job.name]:  # an epoch that ended just before a kill comes twice
            self._live[job.name].report(score, epoch)
            self._reported[job.name].add(epoch)
        return False

    def ended(self, job: Job, outcome: Outcome) -> None:
        """Keep the result."""
        trial = self._live.pop(job.name)
        trial.set_user_attr("seconds", round(_seconds(trial.user_attrs) + outcome.seconds, 2))
        trial.set_user_attr("outcome", {**dataclasses.asdict(outcome), "seconds": 0.0})
        value = outcome.score if outcome.state is State.COMPLETE else None
        self._study.tell(trial, value, _STATES[outcome.state])

    def interrupted(self, job: Job, seconds: float) -> None:
        """Keep the time; the trial stays open, and the next start takes it up."""
        trial = self._live.pop(job.name)
        trial.set_user_attr("seconds", round(_seconds(trial.user_attrs) + seconds, 2))

    def _again(self, frozen: FrozenTrial) -> Trial:
        """Take up a trial that an earlier process left open."""
        return Trial(self._study, frozen._trial_id)  # Optuna has no public name for this

    def _job(self, trial: Trial, frozen: FrozenTrial | None, settings: dict[str, Any], title: str) -> Job:
        name, prunable = f"{self._study.study_name}-{trial.number}", isinstance(self, JointSearch)
        job = Job(name=name, settings=settings, title=title, prunable=prunable)
        self._live[job.name] = trial
        self._reported[job.name] = set(frozen.intermediate_values) if frozen else set()
        return job


class FactorSearch(_Study):
    """Factors one at a time. Values that mean the same training, as the run's own in every factor, share a trial."""

    def __init__(self, storage: BaseStorage, config: Config, factors: Mapping[str, list[FactorValue]]) -> None:
        super().__init__(storage, "factors")
        self._keys: dict[str, tuple[str, dict[str, Any]]] = {}
        for setting, values in factors.items():
            for value in values:
                title = f"{setting} = {show_value(value.value)}"
                self._keys.setdefault(key_of(config, value.settings), (title, value.settings))
        self._open = {}
        self._left = list(self._keys)
        for frozen in self._study.get_trials(deepcopy=False):
            key = frozen.user_attrs.get("key")
            if key in self._left and frozen.state.is_finished():
                self._left.remove(key)
            elif key in self._left and frozen.state is TrialState.RUNNING:
                self._open[key] = frozen
        self.total, self.done = len(self._keys), len(self._keys) - len(self._left)

    def next(self) -> Job | None:
        """The next value; those that were interrupted come first."""
        if not self._left:
            return None
        key = min(self._left, key=lambda each: (each not in self._open, self._left.index(each)))
        self._left.remove(key)
        title, settings = self._keys[key]
        frozen = self._open.get(key)
        if frozen is not None:
            return self._job(self._again(frozen), frozen, settings, title)
        trial = self._study.ask()
        trial.set_user_attr("settings", settings)
        trial.set_user_attr("key", key)
        return self._job(trial, None, settings, title)

    def outcome(self, config: Config, settings: Mapping[str, Any]) -> tuple[str, Outcome, float]:
        """The ended trial with ``settings``: its name, result and seconds."""
        key = key_of(config, settings)
        for frozen in self._study.get_trials(deepcopy=False):
            if frozen.user_attrs.get("key") == key and frozen.state.is_finished():
                return f"{self._study.study_name}-{frozen.number}", _outcome(frozen), _seconds(frozen.user_attrs)
        raise KeyError(key)


class JointSearch(_Study):
    """All settings of the space together: TPE, and a bar at every epoch that the other trials' scores set.

    What trial n tries follows from the seed, n and the results before it, so that an interrupted search goes on as it
    would have (one job at a time; with several it also depends on which ends first).
    """

    def __init__(self, storage: BaseStorage, config: Config, space: Space) -> None:
        # Another space is another study: Optuna's parameters cannot change their choices.
        name = f"joint-{digest({key: repr(value) for key, value in space.items()})[:6]}"
        super().__init__(storage, name, _pruner(config))
        self._seed, self._trials, self._epochs = config.seed, config.tune.trials, config.tune.epochs
        self._distributions = {key: _distribution(values) for key, values in space.items()}
        earlier = [each for each in self._study.get_trials(deepcopy=False) if each.number < self._trials]
        self._open = [each for each in earlier if each.state is TrialState.RUNNING]
        self._asked = len(earlier)
        self.total, self.done = self._trials, len(earlier) - len(self._open)

    @property
    def earlier(self) -> list[dict[int, float]]:
        """The scores by epoch of the trials that ended before this start."""
        trials = self._study.get_trials(deepcopy=False)
        return [each.intermediate_values for each in trials if each.state.is_finished()]

    def next(self) -> Job | None:
        """The next trial; those that were interrupted come first."""
        if self._open:
            frozen = self._open.pop(0)
            self._reseed(frozen.number)
            return self._drawn(self._again(frozen), frozen)
        if self._asked >= self._trials:
            return None
        self._reseed(self._asked)
        self._asked += 1
        return self._drawn(self._study.ask(), None)

    def validated(self, job: Job, epoch: int, score: float) -> bool:
        """Keep the score; True: not good enough, among the others at this epoch, to go on."""
        super().validated(job, epoch, score)
        return epoch < self._epochs and self._live[job.name].should_prune()

    def outcomes(self) -> list[tuple[str, dict[str, Any], Outcome, float]]:
        """The ended trials in order: name, settings, result, seconds."""
        return [
            (
                f"{self._study.study_name}-{frozen.number}",
                _settings(frozen.params),
                _outcome(frozen),
                _seconds(frozen.user_attrs),
            )
            for frozen in self._study.get_trials(deepcopy=False)
            if frozen.number < self._trials and frozen.state.is_finished()
        ]

    def importance(self) -> dict[str, float] | None:
        """How much of the scores' spread each setting explains, sum 1 (PED-ANOVA); None: too few trials to say."""
        complete = self._study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
        if len(complete) < _FEWEST_FOR_IMPORTANCE or len(self._distributions) < 2:
            return None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # experimental in some versions
            try:
                found = optuna.importance.get_param_importances(
                    self._study, evaluator=optuna.importance.PedAnovaImportanceEvaluator()
                )
            except (ValueError, RuntimeError, ImportError) as error:
                logger.warning("no importance of the settings: %s", error)
                return None
        return {key: round(value, 4) for key, value in found.items()}

    def _reseed(self, number: int) -> None:
        startup = max(4, min(10, self._trials // 3))
        self._study.sampler = optuna.samplers.TPESampler(
            seed=(self._seed * 1_000_003 + number) % 2**32, n_startup_trials=startup
        )

    def _drawn(self, trial: Trial, frozen: FrozenTrial | None) -> Job:
        drawn = {key: _suggest(trial, key, distribution) for key, distribution in self._distributions.items()}
        settings = _settings(drawn)
        title = ", ".join(f"{key} = {show_value(value)}" for key, value in settings.items())
        return self._job(trial, frozen, settings, title)


def _pruner(config: Config) -> BasePruner:
    """What leaves trials off here; on a cluster that prunes by ASHA, Ray Tune does, and nothing here."""
    tune = config.tune
    if halves_on_ray(config):
        return NopPruner()
    if tune.pruner == "asha":
        return SuccessiveHalvingPruner(min_resource=least_epochs(tune.epochs), reduction_factor=REDUCTION)
    # Few epochs and few trials: halving would decide after the first epochs for all of them.
    return MedianPruner(n_startup_trials=4)


def _distribution(values: list[Any] | Range) -> BaseDistribution:
    if isinstance(values, list):
        # As texts: Optuna's choices are plain values and compare equal where 1, 1.0 and true are.
        return CategoricalDistribution([json.dumps(value) for value in values])
    if values.whole:
        return IntDistribution(int(values.low), int(values.high), log=values.log)
    return FloatDistribution(values.low, values.high, log=values.log)


def _suggest(trial: Trial, key: str, distribution: BaseDistribution) -> Any:
    if isinstance(distribution, CategoricalDistribution):
        return trial.suggest_categorical(key, distribution.choices)
    if isinstance(distribution, IntDistribution):
        return trial.suggest_int(key, distribution.low, distribution.high, log=distribution.log)
    assert isinstance(distribution, FloatDistribution)
    return trial.suggest_float(key, distribution.low, distribution.high, log=distribution.log)


def _settings(params: Mapping[str, Any]) -> dict[str, Any]:
    return {key: json.loads(value) if isinstance(value, str) else value for key, value in params.items()}


def _outcome(frozen: FrozenTrial) -> Outcome:
    kept = frozen.user_attrs.get("outcome")
    if kept is None:
        return Outcome(state=State.FAILED, reason="left without a result by another program")
    return Outcome(**{**kept, "state": State(kept["state"])})


def _seconds(attributes: Mapping[str, Any]) -> float:
    return float(attributes.get("seconds", 0.0))
