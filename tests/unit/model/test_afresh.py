"""What is found after a period's beginning does not depend on what came before it."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from moving_faces import Stage

from app.types import Frame
from model.afresh import PERIOD_S, begins_afresh, period_of
from model.boxes import side_of
from model.detector import FaceDetector
from model.face import Face
from model.following.correction import GIVE_UP_S, MOST
from model.following.follower import Detector, Follower

FPS = 8.0


def test_a_period_begins_with_the_first_frame_and_where_five_seconds_are_over() -> None:
    assert begins_afresh(-math.inf, 3.0)
    assert not begins_afresh(3.0, 4.999)
    assert begins_afresh(4.999, 5.0)
    assert begins_afresh(1.0, 12.0)
    assert begins_afresh(5.0, 4.9)  # a rewind
    assert not begins_afresh(-1.0, -0.5)
    assert period_of(-0.5) == -1


@pytest.fixture(scope="module")
def film() -> list[Frame]:
    """Eleven seconds of a face that sways, and of another that is hidden now and then."""
    stage = Stage(width=320, height=240)
    rng = np.random.default_rng(4)
    frames = []
    for index in range(round(11 * FPS)):
        time_s = index / FPS
        pixels = stage.put(stage.plain.copy(), 90 + 25 * math.sin(2 * time_s), 120 + 8 * math.sin(3 * time_s), 70)
        if time_s % 2.3 < 1.7:
            pixels = stage.put(pixels, 230, 110 + 12 * math.cos(1.5 * time_s), 60, mirrored=True)
        grain = rng.normal(0, 2, pixels.shape)
        frames.append(Frame(pixels=np.clip(pixels + grain, 0, 255).astype(np.uint8), time_s=time_s, index=index))
    return frames


def _found(make: Callable[[], Detector], frames: list[Frame]) -> dict[int, list[Face]]:
    detector = make()
    try:
        return {frame.index: detector.detect(frame.pixels, frame.time_s) for frame in frames}
    finally:
        detector.close()


def _followed() -> Detector:
    return Follower(FaceDetector())


@pytest.mark.parametrize("make", [FaceDetector, _followed])
def test_from_a_period_on_faces_are_those_of_the_whole_film(film: list[Frame], make: Callable[[], Detector]) -> None:
    whole = _found(make, film)
    part = _found(make, [frame for frame in film if frame.time_s >= PERIOD_S])
    assert sum(map(len, part.values())) > len(part)  # both faces are there
    for frame in film:
        if frame.time_s < PERIOD_S:
            continue
        alike, expected = part[frame.index], whole[frame.index]
        assert [face.score for face in alike] == [face.score for face in expected]
        # Only the glide from where a face was shown fades from before; after a period nothing of it is left.
        glide = MOST * math.exp(-(frame.time_s - PERIOD_S) / GIVE_UP_S) if frame.time_s < 2 * PERIOD_S else 0.0
        for one, other in zip(alike, expected, strict=True):
            assert np.abs(np.subtract(one.box, other.box)).max() <= glide * side_of(other.box)
