"""The file of one person's calibration: numbers only, written whole or not at all, checked when it is read."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from app.pipeline.calibrate import MOST, Calibration
from model.emotions import LABELS
from model.errors import ConfigError

from .json_file import read_bounded, write_private

_FORMAT = 1
_MOST_BYTES = 100_000


def write_person(path: Path, name: str, calibration: Calibration) -> None:
    """Keep a calibration, readable by this user alone; a failure leaves the earlier file as it was.

    Raises:
        ConfigError: it cannot be written.
    """
    values = {
        "format": _FORMAT,
        "name": name,
        "model": calibration.model,
        "samples": calibration.samples,
        "bias": {label: round(float(value), 6) for label, value in zip(LABELS, calibration.bias, strict=True)},
    }
    try:
        write_private(path, values)
    except OSError as error:
        raise ConfigError(f"cannot write {path}: {error.strerror}; the earlier one is as it was") from error


def read_person(path: Path) -> tuple[str, Calibration]:
    """The name and the calibration.

    Raises:
        FileNotFoundError: there is none.
        ConfigError: the file cannot be read or is damaged.
    """
    try:
        values = read_bounded(path, _MOST_BYTES)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}; calibrate again") from error
    found = _checked(values)
    if found is None:
        raise ConfigError(f"{path} is damaged or holds no calibration; calibrate again, or delete it")
    return found


def _checked(values: object) -> tuple[str, Calibration] | None:
    if not isinstance(values, dict) or values.get("format") != _FORMAT:
        return None
    name, model, bias, samples = (values.get(key) for key in ("name", "model", "bias", "samples"))
    if not isinstance(name, str) or not isinstance(model, str) or not isinstance(samples, int):
        return None
    if not isinstance(bias, dict) or set(bias) != set(LABELS):
        return None
    numbers = [bias[label] for label in LABELS]
    if any(isinstance(each, bool) or not isinstance(each, int | float) or not 0 <= each <= MOST for each in numbers):
        return None  # NaN is not between
    return name, Calibration(bias=np.array(numbers, dtype=np.float32), model=model, samples=samples)
