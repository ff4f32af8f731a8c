"""The workflow of a run: pretrain, tune, train, export, evaluate, report; each skipped when nothing changed."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from filelock import FileLock, Timeout

from model.classifier import find_model
from model.errors import ConfigError, DataError

from .config import Config, DataConfig
from .data.condense import CondensedSet, open_condensed
from .depends import evaluate_depends, export_depends, report_depends, training_depends, tune_depends
from .devices import LAUNCHED_BY, world_size
from .load_config import pretrain_config, with_settings
from .sources import open_split
from .steps import Record, claim, read_record, set_aside, sha256_of, write_json, write_record

logger = logging.getLogger(__name__)


class Step(StrEnum):
    """The steps, in the order in which they run; what is evaluated is the exported file."""

    PRETRAIN = "pretrain"
    TUNE = "tune"
    TRAIN = "train"
    EXPORT = "export"
    EVALUATE = "evaluate"
    REPORT = "report"


class Trainer(Protocol):
    """Who carries out a training, with a bar and with Ctrl-C in hand: ``run.py``, or a test."""

    def __call__(self, config: Config, step: Step, folder: Path, init: Path | None) -> Path:
        """Train ``config`` in ``folder`` from ``init``; the best checkpoint."""


class Tuner(Protocol):
    """Who carries out a search, likewise."""

    def __call__(self, config: Config, folder: Path, init: Path | None) -> object:
        """Search ``config.tune`` in ``folder``, trials beginning with ``init``."""


class Workflow:
    """A run's folder, and its steps."""

    def __init__(
        self,
        config: Config,
        folder: Path,
        *,
        trainer: Trainer,
        tuner: Tuner,
        command: str = "",
        say: Callable[[str], None] = logger.info,
    ) -> None:
        """Prepare to work in ``folder``; nothing is done yet.

        Args:
            config: the run.
            folder: where its results go, ``runs/NAME``.
            trainer: carries out a training.
            tuner: carries out a search.
            command: how the user would type this, for the records.
            say: takes a line for the user.
        """
        self._asked = config
        self._folder = folder
        self._trainer = trainer
        self._tuner = tuner
        self._command = command
        self._say = say
        self._opened: dict[Path, CondensedSet] = {}
        # Of several processes that train together the first one alone writes.
        self._leads = int(os.environ.get("RANK", "0")) == 0

    def run(self, step: Step, *, again: bool = False) -> Any:
        """Do a step; without ``again``, only if it was not done or something changed. What evaluate returns is shown.

        Raises:
            AffectcamError: as the step does.
        """
        if world_size() > 1 and step not in (Step.PRETRAIN, Step.TRAIN):
            raise ConfigError(
                f"{step} runs in one process; under a launcher name pretrain or train, one after the other"
            )
        return getattr(self, f"_{step.value}")(again)

    # -- the steps ---------------------------------------------------------------------------------------------------

    def _pretrain(self, again: bool) -> None:
        if not self._asked.pretrain.root:
            if again:
                raise ConfigError("pretrain.root is empty: name the folder of condensed splits to pre-train on")
            return
        config = pretrain_config(self._asked)
        self._train_step(Step.PRETRAIN, config, self._folder / "pretrain", init=None)

    def _train(self, again: bool) -> None:  # noqa: ARG002 - what is trained already is not trained again
        config = self._tuned()
        if config.network.valence_arousal:
            _check_values(config, self._open(config.data, config.data.train))
        self._train_step(Step.TRAIN, config, self._folder / "train", init=self._pretrained())

    def _train_step(self, step: Step, config: Config, folder: Path, *, init: Path | None) -> None:
        train_set, valid_set = self._open(config.data, config.data.train), self._open(config.data, config.data.valid)
        depends = training_depends(config, train_set, valid_set, init)
        record = read_record(self._folder, step)
        if record is not None and record.matches(depends):
            self._say(f"{step}: done already, nothing that it depends on changed")
            return
        if record is not None:
            self._say(f"{step}: done again ({_named(record.changed(depends))} changed)")
        self._make_folder()
        with self._alone():
            if self._leads and self._claimed(step, folder, depends, record):
                return
            started = time.monotonic()
            best = self._trainer(config, step, folder, init)
            if self._leads:
                self._note(step, depends, [best, folder / "last.pt"], started)

    def _claimed(self, step: Step, folder: Path, depends: dict[str, Any], record: Record | None) -> bool:
        """Make the folder ready for a training; True if it turns out to be done already."""
        moved = claim(folder, depends)
        if moved is not None:
            self._say(f"{step}: begun anew; what other settings left is kept in {moved}")
        if record is not None and record.is_of(depends):
            if record.matches(depends):  # settings that came back found their earlier work
                self._say(f"{step}: done already, nothing that it depends on changed")
                return True
            if (folder / "last.pt").exists():  # it was finished, and something altered it since: never go on from it
                kept = set_aside(folder, "altered")
                self._say(f"{step}: its result was altered; begun anew, what is there is kept in {kept}")
                claim(folder, depends)
        write_json(self._folder / "config.json", self._asked.to_dict())
        return False

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep a second command out of this run's folder; several processes of one training are one."""
        if not self._leads or LAUNCHED_BY in os.environ:
            yield
            return
        lock = FileLock(self._folder / "steps" / "training.lock")
        try:
            (self._folder / "steps").mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=0)
        except Timeout:
            raise DataError(
                f"{self._folder}: another command trains in this folder; wait for it, or set another name"
            ) from None
        try:
            yield
        finally:
            lock.release()

    def _tune(self, again: bool) -> None:
        if not self._asked.tune.factors and not self._asked.tune.trials:
            if again:
                raise ConfigError("tune.factors is empty and tune.trials is 0: name what to search")
            return
        config = self._asked
        init = self._pretrained() if config.tune.pretrained else None
        data = config.data
        base = training_depends(config, self._open(data, data.train), self._open(data, data.valid), init)
        depends = {**base, "tune": tune_depends(config)}
        if self._is_done(Step.TUNE, depends):
            return
        started = self._begin()
        folder = self._folder / "tune"
        moved = claim(folder, depends)
        if moved is not None:
            self._say(f"tune: begun anew; what other settings left is kept in {moved}")
        self._tuner(config, folder, init)
        self._note(Step.TUNE, depends, [folder / "results.json"], started)

    def _export(self, again: bool) -> None:
        from .export import export_run, int8_path

        config = self._tuned()
        best = self._folder / "train" / "best.pt"
        if not best.is_file():
            raise DataError(f"{best}: no such checkpoint; run the train step first")
        depends = export_depends(config, best, self._open(config.data, config.data.valid))
        if not again and self._is_done(Step.EXPORT, depends):
            return
        started = self._begin()
        path = export_run(config, self._folder)
        int8 = int8_path(path)
        written = [path, *([int8] if config.export.int8 and int8.is_file() else []), self._folder / "export.json"]
        self._note(Step.EXPORT, depends, written, started)
        self._say(f"exported {', '.join(str(file) for file in written[:-1])}")

    def _evaluate(self, again: bool) -> Any:
        from .evaluate import evaluate

        config = self._asked
        own = Path(config.export.path) if config.export.path else self._folder / f"{config.name}.onnx"
        if not config.evaluate.model and not own.is_file():
            raise DataError(f"{own}: not there yet; run the export step, or name a model: --set evaluate.model=compact")
        model = find_model(config.evaluate.model) if config.evaluate.model else own
        split = self._open(config.data, config.evaluate.split)  # what is missing is said here, with where it comes from
        is_own = model.resolve() == own.resolve()
        depends = evaluate_depends(config, model, split)
        if not again and is_own and self._is_done(Step.EVALUATE, depends):
            return None
        started = self._begin()
        figures = evaluate(config, self._folder)
        if is_own:
            self._note(Step.EVALUATE, depends, [self._folder / "evaluate.json"], started)
        return figures

    def _report(self, again: bool) -> None:
        from .report import write_report

        config = self._asked
        steps = {step.value: read_record(self._folder, step) for step in Step if step is not Step.REPORT}
        others = {folder: read_record(Path(folder), Step.EVALUATE) for folder in config.report.compare}
        depends = report_depends(config, steps, others)
        if not again and self._is_done(Step.REPORT, depends):
            return
        started = self._begin()
        path = write_report(config, self._folder)
        self._note(Step.REPORT, depends, [path], started)
        self._say(f"report: {path}")

    # -- what they share ---------------------------------------------------------------------------------------------

    def _is_done(self, step: Step, depends: dict[str, Any]) -> bool:
        record = read_record(self._folder, step)
        if record is None:
            return False
        if record.matches(depends):
            self._say(f"{step}: done already, nothing that it depends on changed")
            return True
        self._say(f"{step}: done again ({_named(record.changed(depends))} changed)")
        return False

    def _begin(self) -> float:
        """Make the run's folder; the time at which a step began."""
        self._make_folder()
        return time.monotonic()

    def _make_folder(self) -> None:
        """For this user alone: reports show faces. One that is there stays as it is."""
        if not self._leads:
            return
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise DataError(f"{self._folder}: cannot be made ({error.strerror or error}); set another --runs") from None

    def _note(self, step: Step, depends: dict[str, Any], outputs: Sequence[Path], started: float) -> None:
        seconds = time.monotonic() - started
        write_record(self._folder, step, depends, outputs, command=self._command, seconds=seconds)

    def _pretrained(self) -> Path | None:
        """The pre-training's best checkpoint, or the model whose weights are begun with, where there is to be one.

        Raises:
            DataError: the pre-training was asked for and is not done.
            ModelError: there is no such model.
        """
        if self._asked.pretrain.weights:
            return find_model(self._asked.pretrain.weights)
        if not self._asked.pretrain.root:
            return None
        best = self._folder / "pretrain" / "best.pt"
        record = read_record(self._folder, Step.PRETRAIN)
        if record is None or not best.is_file() or record.outputs.get(str(best)) != sha256_of(best):
            raise DataError(
                f"{best}: not there, or not finished; run the pretrain step first, or set pretrain.root to ''"
            )
        return best

    def _tuned(self) -> Config:
        """The config, with the joint search's best settings when they are to be applied."""
        if not self._asked.tune.apply:
            return self._asked
        from .tune import best_settings

        return with_settings(self._asked, best_settings(self._folder / "tune"), "tune.apply")

    def _open(self, data: DataConfig, split: str) -> CondensedSet:
        path = Path(data.root) / split
        if path not in self._opened:
            self._opened[path] = open_split(data, split, self._asked)
        return self._opened[path]


def _check_values(config: Config, train_set: CondensedSet) -> None:
    """Refuse a second head that nothing would teach: the file would call it learned."""
    known = int(np.isfinite(train_set.valence_arousal).all(axis=1).sum())
    if known < 2 or not config.train.valence_arousal:
        reason = f"{train_set.folder} has values for {known} picture(s)" if known < 2 else "train.valence_arousal is 0"
        raise ConfigError(
            f"network.valence_arousal is true and {reason}: the head would learn nothing; set it to false, and the app "
            "derives both from the scores"
        )


def _named(changed: Sequence[str]) -> str:
    shown = ", ".join(changed[:3])
    return f"{shown} and {len(changed) - 3} more" if len(changed) > 3 else shown


def open_trainsets(config: Config) -> tuple[CondensedSet, CondensedSet]:
    """The two splits of a training step, their hashes compared already by who called it."""
    root = Path(config.data.root)
    return (
        open_condensed(root / config.data.train, verify=False),
        open_condensed(root / config.data.valid, verify=False),
    )
