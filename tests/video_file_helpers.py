"""What the tests of video files share: a whole pass, why a file is refused, what colour is seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.capture.video_file import VideoFile
from app.types import Frame
from model.errors import SourceError


def read(path: Path) -> tuple[list[Frame], str | None]:
    with VideoFile(path) as source:
        frames = list(source)
        return frames, source.loss


def noise(count: int, *, seed: int = 0) -> list[np.ndarray]:
    random = np.random.default_rng(seed)
    return [random.integers(0, 256, (48, 64, 3), dtype=np.uint8) for _ in range(count)]


def assert_colour(pixels: np.ndarray, expected: tuple[int, int, int], tolerance: int = 6) -> None:
    assert np.abs(np.median(pixels.reshape(-1, 3), axis=0) - expected).max() <= tolerance


def refusal(path: Path) -> str:
    with pytest.raises(SourceError) as caught:
        VideoFile(path)
    message = str(caught.value)
    assert "\n" not in message
    assert str(path) in message
    return message
