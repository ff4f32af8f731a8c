"""The detector's own arithmetic: overlaps, the working copy, zoomed looks, verdicts that expire."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.boxes import centre_of, overlap, side_of
from model.face import Box, Face, moved
from model.second_look import LOOK_SIDE, zoomed
from model.verdicts import Verdicts
from model.working_copy import working_copy

whole = st.integers(-1000, 1000)
length = st.integers(1, 1000)
boxes = st.builds(lambda x, y, w, h: (float(x), float(y), float(x + w), float(y + h)), whole, whole, length, length)


@settings(max_examples=40, deadline=None)
@given(boxes, boxes)
def test_overlap_is_a_share_and_the_same_both_ways(one: Box, other: Box) -> None:
    assert 0.0 <= overlap(one, other) <= 1.0 + 1e-9
    assert overlap(one, other) == overlap(other, one)
    assert overlap(one, one) == pytest.approx(1.0)


def test_overlap_of_known_boxes() -> None:
    assert overlap((0, 0, 2, 2), (1, 0, 3, 2)) == pytest.approx(1 / 3)
    assert overlap((0, 0, 2, 2), (2, 0, 4, 2)) == 0.0
    assert overlap((0, 0, 0, 0), (0, 0, 2, 2)) == 0.0


def test_side_and_centre() -> None:
    assert side_of((1, 1, 5, 10)) == 6.0
    assert side_of((5, 1, 1, 10)) == 0.0
    assert centre_of((1, 1, 5, 10)) == (3.0, 5.5)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 4000), st.integers(1, 4000))
def test_working_copy_is_bounded_and_keeps_places(width: int, height: int) -> None:
    frame = np.zeros((height, width, 3), np.uint8)
    picture, scale = working_copy(frame)

    longest = max(picture.shape[:2])
    assert 320 <= longest <= 1279
    assert longest * scale == pytest.approx(max(width, height), abs=scale)


def test_working_copy_is_rgb() -> None:
    frame = np.zeros((8, 8, 3), np.uint8)
    frame[:] = (255, 10, 20)
    assert working_copy(frame)[0][0, 0].tolist() == [20, 10, 255]


@settings(max_examples=40, deadline=None)
@given(boxes, st.floats(0.5, 8.0))
def test_a_look_has_one_size_wherever_the_box_is(box: Box, zoom: float) -> None:
    frame = np.full((90, 120, 3), 7, np.uint8)
    assert zoomed(frame, box, zoom).shape == (LOOK_SIDE, LOOK_SIDE, 3)


def test_a_look_shows_the_box_in_its_middle_and_grey_past_the_edge() -> None:
    frame = np.zeros((100, 100, 3), np.uint8)
    frame[0:20, 0:20] = (0, 0, 255)

    look = zoomed(frame, (0.0, 0.0, 20.0, 20.0), 2.0)

    quarter = LOOK_SIDE // 4
    assert look[LOOK_SIDE // 2, LOOK_SIDE // 2].tolist() == [255, 0, 0]
    assert look[quarter - 4, quarter - 4].tolist() == [128, 128, 128]
    assert look[quarter + 4, quarter + 4].tolist() == [255, 0, 0]
    assert look[-quarter + 8, -quarter + 8].tolist() == [0, 0, 0]


def test_moved_face_is_in_the_frames_pixels() -> None:
    face = Face(box=(1, 2, 3, 4), score=0.5, keypoints=np.ones((6, 2), np.float32))

    there = moved(face, 2.0, 10.0, 20.0)

    assert there.box == (12.0, 24.0, 16.0, 28.0)
    assert there.keypoints[0].tolist() == [12.0, 22.0]
    assert there.score == 0.5


def test_verdicts_follow_a_face_and_expire() -> None:
    verdicts = Verdicts()
    verdicts.accept((0, 0, 10, 10), "far", 1.0)
    verdicts.refuse((50, 50, 60, 60), "near", 1.0)

    verdicts.expire(1.05)
    assert verdicts.face_at((2, 0, 12, 10)) is not None
    assert verdicts.face_at((9, 9, 19, 19)) is None
    assert verdicts.refused((50, 51, 60, 61), "near")
    assert not verdicts.refused((50, 51, 60, 61), "far")

    verdicts.expire(1.3)
    assert not verdicts.refused((50, 51, 60, 61), "near")
    verdicts.expire(1.9)
    assert verdicts.face_at((2, 0, 12, 10)) is None
