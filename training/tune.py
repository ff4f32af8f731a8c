"""The tune step: the report's sweeps, one factor at a time, and a joint search with pruning."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from rich.console import Console

from model.cluster import check_answer, require_ray
from model.errors import ConfigError, DataError

from .config import Config
from .data.condense import open_condensed
from .report_figures import sweep_accuracy
from .tuning.check import check_plan
from .tuning.job import Search, TrialFunction
from .tuning.plan import FactorValue, Range, Space, factors_of, halves_on_ray, space_of
from .tuning.plots import draw
from .tuning.progress import TuningProgress
from .tuning.results import RESULTS, Factor, Joint, Results, read_results, row_of, write_results
from .tuning.runners import Task, run_here, run_in_processes
from .tuning.search import STORE, FactorSearch, JointSearch, open_store
from .tuning.table import show
from .tuning.trial import clear_trial, run_trial

__all__ = ["best_settings", "read_results", "show", "tune"]

logger = logging.getLogger(__name__)

_TRIALS = "trials"


def tune(
    config: Config,
    folder: Path,
    *,
    init: Path | None = None,
    stop: Callable[[], bool] = lambda: False,
    console: Console | None = None,
    trial: TrialFunction = run_trial,
) -> Results:
    """Try every value of ``tune.factors``, then search ``tune.space``; goes on from what ``folder`` holds.

    Args:
        config: the run, with ``[tune]``.
        folder: of the search; gets ``results.json``, pictures, the store and the trials' logs.
        init: the pre-trained weights, where there are some; used if ``tune.pretrained``.
        stop: asked after each step of a trial whether to save and leave.
        console: where a bar and the table go; without one each trial is a line in the log.
        trial: carries out one trial.

    Raises:
        Interrupted: ``stop`` said so; the same call goes on.
        ConfigError: a setting to try is unknown, wrong or does not fit; nothing was run.
        DataError: the data cannot be read, the disk refuses, or not one trial could be completed.
    """
    factors, space = factors_of(config), space_of(config) if config.tune.trials else {}
    if not factors and not space:
        raise ConfigError("tune.factors is empty and tune.trials is 0: name what to search")
    if config.tune.engine == "ray":
        require_ray()
        if config.tune.address:
            check_answer(config.tune.address)  # before the data are read, and a bar is drawn
    init = init if config.tune.pretrained else None
    data = tuple(
        open_condensed(Path(config.data.root) / split, verify=False) for split in (config.data.train, config.data.valid)
    )
    check_plan(config, factors, space, data=data, init=init)
    task = Task(config=config, folder=folder / _TRIALS, trial=trial, init=init)
    with _claimed(folder), open_store(folder / STORE) as store:
        single = FactorSearch(store, config, factors)
        joint = JointSearch(store, config, space) if space else None
        searches: list[FactorSearch | JointSearch] = [single, *([joint] if joint else [])]
        with TuningProgress(searches, console, ended=lambda job: clear_trial(task.folder / job.name)) as watched:
            _carry_out(task, watched, joint.earlier if joint else [], stop)
        results = _collect(config, factors, space, single, joint, init=init)
        for name in results.seconds:
            clear_trial(task.folder / name)  # what a kill between a trial's end and its clearing left
    _require_one(results, folder)
    draw(results, folder)
    write_results(folder, results)
    if console is not None:
        show(results, console)
    return results


def best_settings(folder: Path) -> dict[str, Any]:
    """The settings of the joint search's best trial, dotted, to train with.

    Raises:
        DataError: ``folder`` holds no results, or none of a joint search.
    """
    joint = read_results(folder).joint
    best = joint.best if joint is not None else None
    if best is None:
        raise DataError(
            f"{folder / RESULTS}: no completed trial of a joint search; set tune.trials, or tune.apply=false"
        )
    return dict(best.settings)


@contextlib.contextmanager
def _claimed(folder: Path) -> Iterator[None]:
    """Let no second search work in ``folder``; the claim ends with this process, however that ends."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / ".lock", timeout=0):
            yield
    except Timeout:
        raise DataError(f"{folder}: another search is at work here; wait for its end, or stop it") from None


def _carry_out(task: Task, search: Search, earlier: list[dict[int, float]], stop: Callable[[], bool]) -> None:
    jobs = task.config.tune.jobs
    if task.config.tune.engine == "ray":
        from .tuning.ray_engine import run_on_ray

        run_on_ray(task, search, halving=halves_on_ray(task.config), earlier=earlier, stop=stop)
    elif jobs == 1:
        run_here(task, search, stop=stop)
    else:
        run_in_processes(task, search, jobs=jobs, stop=stop)


def _collect(
    config: Config,
    factors: dict[str, list[FactorValue]],
    space: Space,
    single: FactorSearch,
    joint: JointSearch | None,
    *,
    init: Path | None,
) -> Results:
    seconds: dict[str, float] = {}
    tables = []
    for setting, values in factors.items():
        rows = []
        for value in values:
            name, outcome, took = single.outcome(config, value.settings)
            seconds[name] = took
            theirs = sweep_accuracy(setting, value.value)
            rows.append(row_of(name, value.settings, outcome, value=value.value, report_accuracy=theirs))
        tables.append(Factor(setting=setting, rows=rows))
    together = None
    if joint is not None:
        rows = []
        for name, settings, outcome, took in joint.outcomes():
            seconds[name] = took
            rows.append(row_of(name, settings, outcome))
        plain = {key: dataclasses.asdict(each) if isinstance(each, Range) else each for key, each in space.items()}
        together = Joint(space=plain, rows=rows, importance=joint.importance())
    conditions = {
        "architecture": config.network.architecture,
        "input_size": config.network.input_size,
        "epochs": config.tune.epochs,
        "share": config.tune.share,
        "pretrained": init is not None,
        "seed": config.seed,
    }
    return Results(conditions=conditions, factors=tables, joint=together, seconds=seconds)


def _require_one(results: Results, folder: Path) -> None:
    rows = [row for factor in results.factors for row in factor.rows]
    rows += results.joint.rows if results.joint else []
    if not any(row.score is not None for row in rows):
        raise DataError(
            f"{folder}: none of {len(results.seconds)} trials could be completed ({rows[0].reason}); "
            "change the settings, or delete the folder to try them again"
        )
