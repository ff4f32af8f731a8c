"""An hour of video in ten minutes: memory, threads and file handles do not grow."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.capture.demo import open_demo
from app.config import ReadingConfig
from app.pipeline.pipeline import Pipeline
from app.pipeline.runner import Summary, run_file
from app.sinks.files import open_file_sinks
from app.types import Frame
from model.classifier import Classifier

_log = logging.getLogger(__name__)
SECONDS = float(os.environ.get("AFFECTCAM_SOAK_S", "600"))
WARM_UP_S = min(60.0, SECONDS / 4)
MOST_MB = 1.0  # in ten minutes of work, by the slope of all samples after the warm-up


class Endless:
    """The demo over and over, decoded anew each round, as one long file."""

    live, loss, frame_count, name = False, None, None, "the demo, over and over"

    def __init__(self, seconds: float) -> None:
        with open_demo() as demo:
            self.size, self.fps = demo.size, demo.fps
        self._until = time.monotonic() + seconds

    def __iter__(self) -> Iterator[Frame]:
        index = 0
        while True:
            with open_demo() as demo:
                for frame in demo:
                    if time.monotonic() > self._until:
                        return
                    yield replace(frame, time_s=index / self.fps, index=index)
                    index += 1

    def close(self) -> None:
        pass


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@pytest.mark.slow
@pytest.mark.timeout(SECONDS + 120)
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_an_hour_of_video_takes_no_more_memory_than_a_minute(tmp_path: Path) -> None:
    began, samples = time.monotonic(), []

    def note(summary: Summary) -> None:
        now = time.monotonic() - began
        if now > WARM_UP_S and (not samples or now - samples[-1][0] > 1):
            handles = len(list(Path("/proc/self/fd").iterdir()))
            samples.append((now, _resident_mb(), threading.active_count(), handles, summary.frames))

    source = Endless(SECONDS)
    sinks = open_file_sinks(
        tmp_path, Path("long.mp4"), ["csv", "srt"], size=source.size, fps=source.fps, overwrite=False
    )
    with Pipeline(Classifier.load("compact", backend="onnx", threads=1), ReadingConfig()) as pipeline:
        summary = run_file(source, pipeline, sinks, tick=note)
    times, megabytes, threads, handles, _ = np.array(samples).T
    slope = float(np.polyfit(times, megabytes, 1)[0]) * 600
    _log.info(
        "%d frames, %+.2f MB in ten minutes, %.0f to %.0f MB", summary.frames, slope, megabytes.min(), megabytes.max()
    )
    assert slope <= MOST_MB * max(1.0, 600 / SECONDS)  # a shorter run is a coarser measure
    assert threads.max() == threads.min()
    assert handles.max() <= handles.min() + 2  # the demo is opened anew each round
