"""The file of one person's calibration: numbers only, written whole or not at all, checked when it is read."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import numpy as np

from app.pipeline.calibrate import MOST, Calibration
from model.emotions import LABELS
from model.errors import ConfigError
from model.regular_file import read_regular

from .place import private_folder

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
    temporary = None
    try:
        private_folder(path.parent)
        handle, part = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")  # mode 0600
        temporary = Path(part)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(values, file, indent=1)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise ConfigError(f"cannot write {path}: {error.strerror}; the earlier one is as it was") from error


def read_person(path: Path) -> tuple[str, Calibration]:
    """The name and the calibration.

    Raises:
        FileNotFoundError: there is none.
        ConfigError: the file cannot be read or is damaged.
    """
    try:
        raw = read_regular(path, _MOST_BYTES + 1)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}; calibrate again") from error
    try:
        values = json.loads(raw) if len(raw) <= _MOST_BYTES else None
    except (ValueError, RecursionError):
        values = None
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
