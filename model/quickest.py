"""The quickest way to run a model on this machine: measured at its first use, and remembered."""

from __future__ import annotations

import contextlib
import json
import statistics
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .backends.onnx import OnnxBackend, available_providers, version
from .card import SCORES
from .cores import cores
from .errors import ModelError
from .providers import CPU, PROVIDERS, SLOW_TO_START
from .whole_file import whole_file, write_through

#: A face that takes longer on one core may have them all: less would make labels old. A quicker one may not, since
#: finding faces, drawing and the call itself need the others.
SLOW_S = 0.02
_RUNS = 7
_MOST_REMEMBERED = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How a model is run."""

    provider: str
    threads: int
    face_s: float  # what one face takes, measured; infinite if it does not run


def quickest(path: Path, *, memory: Path | None, threads: int | None = None) -> Way:
    """How to run the model in ``path`` here.

    Args:
        path: the .onnx file.
        memory: a JSON file of what was measured before; None measures anew.
        threads: that a large network may have; all cores if None.

    Raises:
        ModelError: the file cannot be run at all.
    """
    most = threads or cores()
    key = _key(path, most)
    remembered = _read(memory)
    if (found := _as_way(remembered.get(key))) is not None:
        return found
    way = _measured(path, most)
    if memory is not None:
        entries = {**{name: value for name, value in remembered.items() if name != key}, key: asdict(way)}
        _write(memory, dict(list(entries.items())[-_MOST_REMEMBERED:]))
    return way


def _measured(path: Path, most: int) -> Way:
    """The quickest of what this installation has."""
    there = available_providers()
    best = Way(provider=CPU, threads=1, face_s=_seconds(path, CPU, 1))
    tries = [(CPU, most)] if best.face_s > SLOW_S and most > 1 else []
    tries += [(name, 1) for name in PROVIDERS.values() if name in there and name not in (CPU, *SLOW_TO_START)]
    for provider, threads in tries:
        with contextlib.suppress(ModelError):  # offered, but without its hardware or libraries
            way = Way(provider=provider, threads=threads, face_s=_seconds(path, provider, threads))
            best = min(best, way, key=lambda each: each.face_s)
    return best


def _seconds(path: Path, provider: str, threads: int) -> float:
    backend = OnnxBackend(path, provider=provider, threads=threads)
    size = backend.card.input_size
    face = np.zeros((1, backend.card.channels, size, size), np.float32)
    backend.run(face, [SCORES])  # sets up
    times = []
    for _ in range(_RUNS):
        began = time.perf_counter()
        backend.run(face, [SCORES])
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def _key(path: Path, most: int) -> str:
    """What the measurement depends on: the file, the runtime and the machine; no path, which may hold a name."""
    try:
        stat = path.stat()
    except OSError:
        return path.name  # opening it will say what is wrong
    return "|".join([path.name, str(stat.st_size), str(stat.st_mtime_ns), version(), str(most), *available_providers()])


def _as_way(value: Any) -> Way | None:
    """A remembered entry, if it is one that makes sense here."""
    try:
        way = Way(provider=str(value["provider"]), threads=int(value["threads"]), face_s=float(value["face_s"]))
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return way if way.provider in available_providers() and 1 <= way.threads <= 1024 else None


def _read(memory: Path | None) -> dict[str, Any]:
    if memory is None:
        return {}
    try:
        found = json.loads(memory.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(memory: Path, entries: dict[str, Any]) -> None:
    with contextlib.suppress(ModelError), whole_file(memory) as part:  # it can be measured again
        write_through(part, json.dumps(entries, indent=1).encode())
