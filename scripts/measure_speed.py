"""Measure what one face costs, as a ratio to the report's New-Base (fp32, 224x224) in the same process.

``python scripts/measure_speed.py`` (needs the extra ``train``). Both networks run in ONNX Runtime through the app's own
``Classifier``, resizing included, with the same number of threads; the times are medians.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from model.architectures import build
from model.card import ModelCard
from model.classifier import Classifier
from model.export import export

_YARDSTICK = ModelCard(
    name="yardstick", architecture="new-base", input_size=224, colour="rgb", mean=(0.5,) * 3, std=(0.25,) * 3
)


def export_yardstick(folder: Path) -> Path:
    """New-Base at 224x224 with random weights, which cost as much as trained ones."""
    path = folder / "yardstick.onnx"
    export(build("new-base", channels=3, input_size=224), _YARDSTICK, path)
    return path


def seconds_per_face(model: Path | str, *, threads: int, runs: int) -> float:
    """Median time of one face through ``model``."""
    classifier = Classifier.load(model, backend="onnx", threads=threads)
    face = np.random.default_rng(0).integers(0, 255, (120, 120, 3), dtype=np.uint8)
    classifier.predict([face])
    return statistics.median(_timed(lambda: classifier.predict([face])) for _ in range(runs))


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> None:
    """Print the ratio with one thread and with as many as ONNX Runtime chooses."""
    with tempfile.TemporaryDirectory() as folder:
        yardstick = export_yardstick(Path(folder))
        for threads, name in ((1, "one thread"), (0, "all cores")):
            slow = seconds_per_face(yardstick, threads=threads, runs=9)
            for model in ("compact", "compact-int8"):
                quick = seconds_per_face(model, threads=threads, runs=60)
                times = f"New-Base {1000 * slow:.0f} ms, {model} {1000 * quick:.2f} ms"
                print(f"{name}: {times}, ratio 1/{slow / quick:.0f}")


if __name__ == "__main__":
    main()
