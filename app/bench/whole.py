"""The whole: a file through ``classify``, and a live run."""

from __future__ import annotations

import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from app.capture.paced import Paced
from app.config import ReadingConfig
from app.pipeline.live import LiveRunner
from app.pipeline.load import load_classifier
from app.pipeline.pipeline import Pipeline
from app.pipeline.runner import run_file
from app.sinks.files import open_file_sinks
from app.types import FrameResult
from model.classifier import Classifier

from .clip import Beginning
from .peak import peak_megabytes
from .timing import percentile


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRun:
    """A file, start-up aside."""

    frames: int
    seconds: float
    cpu_seconds: float  # of all threads

    @property
    def per_frame(self) -> float:
        """Seconds."""
        return self.seconds / max(1, self.frames)


def run_whole_file(
    path: Path, frames: int, classifier: Classifier, config: ReadingConfig, formats: list[str], folder: Path
) -> FileRun:
    """The first ``frames`` of a video into ``formats``, as ``classify`` does it.

    Raises:
        SourceError: the file is no video.
        SinkError: there is no room.
    """
    with Beginning(path, frames) as source, Pipeline(classifier, config) as pipeline:
        pipeline.find(next(iter(source)))  # the networks load
        sinks = open_file_sinks(folder, path, formats, size=source.size, fps=source.fps, overwrite=True)
        started, busy = time.perf_counter(), time.process_time()
        summary = run_file(source, pipeline, sinks)
        return FileRun(
            frames=summary.frames, seconds=time.perf_counter() - started, cpu_seconds=time.process_time() - busy
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRun:
    """A live run at the clip's own rate."""

    seconds: float
    sent_per_second: float  # pictures, each once, the warm-up aside
    fps: float  # of the source
    latencies: list[float] = field(repr=False)  # seconds from a frame's arrival to when it was handed over
    cpu_seconds: float
    peak_mb: float | None  # the most memory that the process has held, where the system tells

    @property
    def median(self) -> float:
        """Added latency, seconds."""
        return percentile(self.latencies, 50)

    @property
    def late(self) -> float:
        """Its 99th percentile, seconds."""
        return percentile(self.latencies, 99)


class _Taken:
    """Stands where the virtual camera's device is: notes when each new picture comes."""

    needs_drawing = True

    def __init__(self, warm_up_s: float) -> None:
        self.latencies: list[float] = []
        self.times: list[float] = []
        self._begin_s = time.monotonic() + warm_up_s
        self._newest = -1

    def write(self, result: FrameResult) -> None:
        now = time.monotonic()
        if result.frame.index == self._newest or now < self._begin_s:
            return
        self._newest = result.frame.index
        self.times.append(now)
        self.latencies.append(now - result.frame.time_s)

    def rate(self) -> float:
        """Pictures a second, from the first to the last; 0 of fewer than two."""
        return (len(self.times) - 1) / (self.times[-1] - self.times[0]) if len(self.times) > 1 else 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass


def run_live_alone(path: Path, frames: int, config: ReadingConfig, seconds: float) -> LiveRun:
    """:func:`run_live` in a process of its own, so that its memory is that of a live run and nothing else.

    Raises:
        SourceError: the file is no video.
        ModelError: the model cannot be used.
    """
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(run_live, path, frames, config, seconds).result()


def run_live(path: Path, frames: int, config: ReadingConfig, seconds: float) -> LiveRun:
    """Play the first ``frames`` of a video over and over as a camera, read and drawn, for so many ``seconds``.

    Decoding is in the figures, as a camera's is.

    Raises:
        SourceError: the file is no video.
        ModelError: the model cannot be used.
    """
    classifier = load_classifier(config)
    warm_up_s = min(1.0, seconds / 3)
    taken = _Taken(warm_up_s)
    with Paced(lambda: Beginning(path, frames), loop=True) as source:
        runner = LiveRunner(source, Pipeline(classifier, config))
        runner.add_sink(taken)
        busy, started = time.process_time(), time.monotonic()
        runner.start()
        runner.wait(seconds)
        taken_s = time.monotonic() - started
        runner.stop()
        return LiveRun(
            seconds=taken_s,
            sent_per_second=taken.rate(),
            fps=source.fps,
            latencies=taken.latencies,
            cpu_seconds=time.process_time() - busy,
            peak_mb=peak_megabytes(),
        )
