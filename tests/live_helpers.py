"""What the tests of live runs share: a camera that never ends, a run of stand-ins on it, and which threads are left."""

from __future__ import annotations

import threading
import time

import numpy as np
from pipeline_fakes import BrightnessClassifier, FixedDetector, FrameList

from app.config import ReadingConfig
from app.pipeline.live import LiveRunner
from app.pipeline.pipeline import Pipeline

BRIGHT = np.full((48, 64, 3), 230, np.uint8)
HALVES = np.hstack([np.full((48, 32, 3), 230, np.uint8), np.full((48, 32, 3), 30, np.uint8)])
CONFIG = ReadingConfig()


def endless(picture=BRIGHT, fps=60.0):
    return FrameList([picture], fps=fps, live=True, endless=True)


def runner_on(source, *, detector=None, classifier=None, **named):
    pipeline = Pipeline(classifier or BrightnessClassifier(), CONFIG, detector=detector or FixedDetector())
    return LiveRunner(source, pipeline, **named)


def wait_for(condition, timeout_s=10.0):
    until = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.01)


def threads_left():
    """The names of the program's own threads that still run."""
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("affectcam-")]
