"""What the tests of recordings share: results to record, and readers of what was recorded."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import numpy as np
import pytest
from video_makers import Pixels

from app.types import Face, Frame, FrameResult, Reading
from model.emotions import Emotion


def reading(*, track: int = 1, emotion: Emotion = Emotion.HAPPINESS) -> Reading:
    """A reading of one face."""
    scores = np.array([0.1, 0.65, 0.05, 0.1, 0.025, 0.025, 0.03, 0.02], dtype=np.float32)
    face = Face(box=(10.0, 5.0, 40.0, 35.0), score=0.9, keypoints=np.zeros((6, 2), np.float32))
    return Reading(track=track, face=face, scores=scores, emotion=emotion, valence=0.5, arousal=-0.25)


def result(clean: Pixels, time_s: float, index: int, *readings: Reading, drawn: Pixels | None = None) -> FrameResult:
    """What a live run hands to its sinks."""
    return FrameResult(frame=Frame(pixels=clean, time_s=time_s, index=index), readings=readings, drawn=drawn)


def decode(path: Path) -> list[tuple[Pixels, float]]:
    """Pictures with their times in seconds, as a player sees them; fails where one is damaged."""
    with av.open(str(path)) as container:
        return [(frame.to_ndarray(format="bgr24"), float(frame.time)) for frame in container.decode(video=0)]


def duration_s(path: Path) -> float:
    """To the end of the last picture, as a player shows it."""
    with av.open(str(path)) as container:
        assert container.duration is not None
        return container.duration / av.time_base


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a table."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@contextmanager
def files_no_larger_than(limit: int) -> Iterator[None]:
    """The kernel refuses to let a file of this process grow past ``limit`` bytes, as a full disk would."""
    resource = pytest.importorskip("resource", reason="limits on file size are POSIX's")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
