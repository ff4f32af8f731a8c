"""Following by real frames of a real face, with the real detector beside it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from moving_faces import SCENES, scene

from app.types import Frame
from model.boxes import overlap
from model.detector import FaceDetector
from model.face import Face
from model.following.follower import EVERY_S, MOST_FOLLOWED, Follower
from scripts.measure_following import compare, run

FEW = ["head shaken", "near and far", "covered", "a second one comes"]
QUICK = FEW[2:]


def _frames(name: str, *, fps: float = 30.0) -> list[Frame]:
    return [Frame(pixels=pixels, time_s=time_s, index=i) for i, (pixels, time_s) in enumerate(scene(name, fps=fps))]


@pytest.fixture
def follower() -> Iterator[Follower]:
    with Follower(FaceDetector()) as opened:
        yield opened


def _agrees(name: str, *, detections: int) -> None:
    frames = _frames(name)
    with FaceDetector() as detector:
        every = run(detector, frames)
    with Follower(FaceDetector()) as follower:
        followed = run(follower, frames)
        assert follower.detections <= detections
    found = compare(frames, every, followed)
    assert found.lost <= 2  # frames, as a face comes back from behind a board
    assert found.more == 0
    assert np.median(found.overlaps) >= 0.85
    assert min(found.overlaps) >= 0.7
    assert max(found.delays_s) <= 0.3


@pytest.mark.parametrize("name", [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in FEW])
def test_agrees_with_detection_in_every_frame_at_a_fraction_of_the_detections(name: str) -> None:
    _agrees(name, detections=32)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted({*SCENES} - {*FEW} - {"cut away", "comes and goes"}))
def test_agrees_in_the_other_scenes_too(name: str) -> None:
    _agrees(name, detections=45)


def test_nothing_is_followed_past_a_cut(follower: Follower) -> None:
    frames = [frame for frame in _frames("cut away") if 0.6 < frame.time_s < 1.4]
    shown = {frame.time_s: len(follower.detect(frame.pixels, frame.time_s)) for frame in frames}
    assert all(faces == (time_s < 0.95) for time_s, faces in shown.items())


def test_a_face_that_comes_into_an_empty_picture_or_beside_another_is_shown_within_three_tenths(
    follower: Follower,
) -> None:
    seen: dict[int, float] = {}
    began = {1: 0.0, 2: 0.8}
    face, other = _frames("still"), _frames("two cross")
    # An empty picture with a face from one frame to the next would be a cut; a second face beside the first is none.
    for frame in face[:24]:
        seen.setdefault(len(follower.detect(frame.pixels, frame.time_s)), frame.time_s)
    for index, frame in enumerate(other[:12]):
        time_s = 0.8 + index / 30
        seen.setdefault(len(follower.detect(frame.pixels, time_s)), time_s)
    for count, began_s in began.items():
        assert seen[count] - began_s <= 0.3


def test_the_same_frames_give_the_same_faces() -> None:
    frames = _frames("head rolled")[:20]
    told = []
    for _ in range(2):
        with Follower(FaceDetector()) as follower:
            told.append([[face.box for face in follower.detect(frame.pixels, frame.time_s)] for frame in frames])
    assert told[0] == told[1]


def test_slow_video_is_detected_in_every_frame(follower: Follower) -> None:
    frame = _frames("still")[0]
    for step in range(5):
        assert follower.detect(frame.pixels, step * EVERY_S * 1.2)
    assert follower.detections == 5


@pytest.mark.parametrize("time_s", [0.0, -3.0, 0.1])
def test_a_time_that_does_not_rise_is_a_new_beginning(follower: Follower, time_s: float) -> None:
    frame = _frames("still")[0]
    follower.detect(frame.pixels, 0.1)
    assert len(follower.detect(frame.pixels, time_s)) == 1
    assert follower.detections == 2


def test_frames_may_change_their_size(follower: Follower) -> None:
    frame = _frames("still")[0].pixels
    follower.detect(frame, 0.0)
    (face,) = follower.detect(np.ascontiguousarray(frame[40:440, 100:540]), 1 / 30)
    assert overlap(face.box, (155, 135, 285, 265)) > 0.5


class _Crowd:
    """As the detector, with more faces than are followed."""

    def __init__(self) -> None:
        self.asked = 0

    def detect(self, frame: np.ndarray, time_s: float) -> list[Face]:
        self.asked += 1
        points = np.zeros((6, 2), np.float32)
        return [Face(box=(i * 50, 9, i * 50 + 40, 49), score=0.9, keypoints=points) for i in range(MOST_FOLLOWED + 1)]

    def close(self) -> None:
        self.asked = -1


def test_a_crowd_is_detected_in_every_frame_and_closing_closes_the_detector() -> None:
    crowd, frame = _Crowd(), np.zeros((240, 480, 3), np.uint8)
    follower = Follower(crowd)
    for step in range(4):
        assert len(follower.detect(frame, step / 30)) == MOST_FOLLOWED + 1
    assert crowd.asked == 4
    follower.close()
    assert crowd.asked == -1
