"""What each step of a run depends on, as its record keeps it: a finished step is done again when any of it changed.

Plain values, so that JSON gives them back as they were. A new setting must not appear while it has no effect: runs that
were finished before there was one stay finished.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .config import Config
from .data.condense import CondensedSet
from .steps import Record, sha256_of
from .teacher_files import teacher_files

#: Settings of [train] that change how a run is carried out, not what comes out of it.
OPERATIONAL = ("accelerator", "checkpoint_minutes", "compile", "devices", "threads")

#: Likewise those of [tune], as far as the table of results is the same whoever carries the trials out.
OPERATIONAL_TUNE = ("address", "apply", "engine", "gpus_per_trial", "jobs")


def training_depends(
    config: Config, train_set: CondensedSet, valid_set: CondensedSet, init: Path | None
) -> dict[str, Any]:
    """Of a training that begins with the weights in ``init``, or with random ones.

    Raises:
        ConfigError: a teacher is not there.
        DataError: ``init`` or a teacher cannot be read.
    """
    settings = {key: value for key, value in dataclasses.asdict(config.train).items() if key not in OPERATIONAL}
    return {
        "seed": config.seed,
        "train_split": train_set.fingerprint,
        "valid_split": valid_set.fingerprint,
        "network": dataclasses.asdict(config.network),
        "augment": dataclasses.asdict(config.augment),
        "train": settings,
        "pretrained": sha256_of(init) if init is not None else "",
        "keep_head": config.pretrain.keep_head if init is not None else True,
        **_distil_depends(config),
    }


def tune_depends(config: Config) -> dict[str, Any]:
    """Of a search, besides what its trials' trainings depend on.

    The pruner only where one was chosen, so that what was recorded before there was one stays.
    """
    left_out = {*OPERATIONAL_TUNE, *(("pruner",) if config.tune.pruner == "auto" else ())}
    return {key: value for key, value in dataclasses.asdict(config.tune).items() if key not in left_out}


def export_depends(config: Config, checkpoint: Path, valid_set: CondensedSet) -> dict[str, Any]:
    """Of the files that are exported from ``checkpoint``, with their figures on ``valid_set``.

    Raises:
        DataError: the checkpoint cannot be read.
    """
    return {
        "checkpoint": sha256_of(checkpoint),
        "export": dataclasses.asdict(config.export),
        "network": dataclasses.asdict(config.network),
        "valid": valid_set.fingerprint,
        "name": config.name,
    }


def evaluate_depends(config: Config, model: Path, split: CondensedSet) -> dict[str, Any]:
    """Of the figures of the model file ``model`` on ``split``.

    Raises:
        ConfigError: ``evaluate.photographs`` is none that is known.
        DataError: the model, its smaller twin, the groups or the photographs cannot be read.
    """
    from .export import int8_path

    asked = dataclasses.asdict(config.evaluate)
    groups = Path(config.evaluate.groups)
    int8 = int8_path(model)
    return {
        "int8": sha256_of(int8) if int8.is_file() else "",
        "photographs": _photographs_of(config),
        "evaluate": {key: value for key, value in asked.items() if key not in ("batch_size", "model")},
        "groups": sha256_of(groups) if config.evaluate.groups and groups.is_file() else "",
        "model": sha256_of(model),
        "split": split.fingerprint,
    }


def report_depends(
    config: Config, steps: Mapping[str, Record | None], others: Mapping[str, Record | None]
) -> dict[str, Any]:
    """Of the report: the records of this run's steps by their names, and of the others' evaluation by their folders."""
    return {
        "steps": {name: _traces(record) for name, record in steps.items()},
        "report": dataclasses.asdict(config.report),
        "others": {folder: _traces(record) for folder, record in others.items()},
    }


def _distil_depends(config: Config) -> dict[str, Any]:
    """Nothing without teachers, so that what was recorded before there were any stays as it is."""
    if not config.distil.teachers:
        return {}
    teachers = [sha256_of(file) for file in teacher_files(config.distil)]
    return {"distil": {**dataclasses.asdict(config.distil), "teachers": teachers}}


def _photographs_of(config: Config) -> str:
    """A hash of the photographs that are scored end to end, without reading them."""
    if not config.evaluate.photographs:
        return ""
    from .data.source import fingerprint
    from .photographs import parse_photographs

    return fingerprint(parse_photographs(config.evaluate.photographs).path)


def _traces(record: Record | None) -> dict[str, str] | None:
    return None if record is None else dict(record.outputs)
