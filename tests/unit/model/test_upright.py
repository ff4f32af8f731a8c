"""A tilted head is read upright: the angle from the eyes, and the turned crop."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
import skimage.data
from hypothesis import given
from hypothesis import strategies as st

from model.detector import FaceDetector
from model.face import Face
from model.preprocess import crop, square_around, turned_square
from model.upright import LITTLE, MUCH, roll_of, tilt_of

degrees = st.floats(-179, 179)
places, sides = st.floats(-300, 300), st.floats(1, 200)
boxes = st.builds(lambda x, y, side: (x, y, x + side, y + side), places, places, sides)


def face_with_roll(angle, box=(100.0, 100.0, 200.0, 200.0)):
    turn = np.array([math.cos(math.radians(angle)), math.sin(math.radians(angle))])
    keypoints = np.zeros((6, 2), np.float32)
    keypoints[0], keypoints[1] = 150 - 20 * turn, 150 + 20 * turn
    return Face(box=box, score=0.9, keypoints=keypoints)


@given(degrees)
def test_the_roll_is_that_of_the_eyes(angle):
    assert math.degrees(roll_of(face_with_roll(angle))) == pytest.approx(angle, abs=1e-3)


@given(degrees, st.floats(-0.01, 0.01))
def test_a_little_tilt_is_left_and_much_undone_without_a_jump(angle, step):
    tilt = math.degrees(tilt_of(face_with_roll(angle)))
    if abs(angle) < LITTLE:
        assert tilt == 0
    elif abs(angle) > MUCH:
        assert tilt == pytest.approx(angle, abs=1e-3)
    assert 0 <= tilt * math.copysign(1, angle) <= abs(angle) + 1e-3
    near = math.degrees(tilt_of(face_with_roll(angle + step)))
    assert abs(near - tilt) <= 5 * abs(step) + 1e-3


def test_keypoints_that_are_no_numbers_or_one_point_turn_nothing():
    for keypoints in (np.full((6, 2), np.nan, np.float32), np.zeros((6, 2), np.float32)):
        assert tilt_of(Face(box=(0, 0, 10, 10), score=0.5, keypoints=keypoints)) == 0


@given(boxes, st.floats(-3, 3), st.integers(1, 300))
def test_the_turned_square_keeps_its_size_and_turns_about_the_boxs_centre(box, tilt, side):
    to_frame, upright = turned_square(box, tilt, side), square_around(box)
    corners = np.array([(-0.5, -0.5), (side - 0.5, -0.5), (-0.5, side - 0.5)])
    there = corners @ to_frame[:, :2].T + to_frame[:, 2] + 0.5
    lengths = np.linalg.norm(there[1:] - there[0], axis=1)
    assert np.allclose(lengths, upright[2] - upright[0], rtol=1e-6)
    middle = np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2])
    as_it_was = np.array([upright[0], upright[1]])
    assert np.linalg.norm(there[0] - middle) == pytest.approx(np.linalg.norm(as_it_was - middle), rel=1e-6, abs=1e-6)


@given(boxes, st.floats(-3, 3))
def test_a_turned_crop_is_square_for_any_box(box, tilt):
    picture = crop(np.zeros((60, 80, 3), np.uint8), box, tilt=tilt)
    assert picture.shape[0] == picture.shape[1] >= 1
    assert picture.shape == crop(np.zeros((60, 80, 3), np.uint8), box).shape


@pytest.mark.parametrize("box", [(-1e7, -1e7, 1e7, 1e7), (1e9, 0, 1e9 + 5, 5), (3, 3, 3, 3)])
def test_a_wild_box_takes_no_more_than_a_few_frames(box):
    assert crop(np.zeros((60, 80, 3), np.uint8), box, tilt=0.5).shape[0] <= 4 * 80


@pytest.mark.parametrize("angle", [-40, -25, 25, 40])
def test_a_tilted_real_face_is_cut_upright(angle):
    """Its eyes lie level in the turned crop, and where those of the upright picture lie in its own."""
    picture = np.ascontiguousarray(skimage.data.astronaut()[:300, :, ::-1])
    turn = cv2.getRotationMatrix2D((223.0, 120.0), angle, 1)
    tilted = cv2.warpAffine(picture, turn, picture.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)
    with FaceDetector(mode="image") as detector:
        places = []
        for frame in (picture, np.asarray(tilted, np.uint8)):
            (face,) = detector.detect(frame)
            cut = np.ascontiguousarray(cv2.resize(crop(frame, face.box, tilt=tilt_of(face)), (200, 200)))
            wide = cv2.copyMakeBorder(cut, 100, 100, 100, 100, cv2.BORDER_CONSTANT, value=(128, 128, 128))
            (again,) = detector.detect(np.asarray(wide, np.uint8))
            places.append(again.keypoints[:4] - 100)
    upright, turned = places
    assert abs(turned[0][1] - turned[1][1]) < 20  # of 200 pixels; eyes 70 apart, 25 degrees would be 33
    assert np.abs(turned - upright).max() < 24
