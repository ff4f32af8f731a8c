"""Box -> square -> crop -> input: geometry holds for any box, and the pixels are the right ones."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.card import ModelCard
from model.preprocess import CropGeometry, crop, prepare, resize_crop, sized, square_around

GREY = ModelCard(name="g", architecture="compact", input_size=16, colour="gray", mean=(0.5,), std=(0.25,))
RGB = ModelCard(name="c", architecture="compact", input_size=8, colour="rgb", mean=(0, 0, 0), std=(1, 1, 1))
PLAIN = CropGeometry(scale=1.0, shift_x=0.0, shift_y=0.0)

places = st.floats(-300, 300)
sides = st.floats(1, 200)
boxes = st.builds(lambda x, y, w, h: (x, y, x + w, y + h), places, places, sides, sides)


@given(boxes)
def test_the_square_is_square_and_scaled(box):
    x_min, y_min, x_max, y_max = square_around(box, CropGeometry(scale=1.5, shift_x=0.1, shift_y=-0.2))
    side = ((box[2] - box[0]) * (box[3] - box[1])) ** 0.5
    assert x_max - x_min == pytest.approx(1.5 * side, rel=1e-6)
    assert y_max - y_min == pytest.approx(1.5 * side, rel=1e-6)
    assert (x_min + x_max) / 2 == pytest.approx((box[0] + box[2]) / 2 + 0.1 * side, abs=1e-6)
    assert (y_min + y_max) / 2 == pytest.approx((box[1] + box[3]) / 2 - 0.2 * side, abs=1e-6)


@given(boxes, st.floats(-50, 50), st.floats(0.2, 5))
def test_the_square_moves_and_grows_with_the_box(box, shift, factor):
    before = np.array(square_around(box))
    assert np.allclose(square_around(tuple(value + shift for value in box)), before + shift, atol=1e-6)
    assert np.allclose(square_around(tuple(value * factor for value in box)), before * factor, rtol=1e-6, atol=1e-6)


@given(boxes)
def test_a_crop_is_square_for_any_box(box):
    frame = np.zeros((60, 80, 3), dtype=np.uint8)
    picture = crop(frame, box)
    assert picture.shape[0] == picture.shape[1] >= 1
    assert picture.shape[2] == 3
    assert picture.dtype == np.uint8


def test_a_crop_inside_is_the_frame_there():
    frame = np.random.default_rng(0).integers(0, 255, (50, 70, 3), dtype=np.uint8)
    assert (crop(frame, (10, 20, 30, 40), PLAIN) == frame[20:40, 10:30]).all()


@given(st.integers(-25, 65), st.integers(-25, 45))
def test_past_the_edge_the_nearest_pixel_is_repeated(left, top):
    frame = np.random.default_rng(0).integers(0, 255, (40, 60, 3), dtype=np.uint8)
    rows = np.clip(np.arange(top, top + 20), 0, 39)
    columns = np.clip(np.arange(left, left + 20), 0, 59)
    picture = crop(frame, (left, top, left + 20, top + 20), PLAIN)
    overlapping = left < 60 and top < 40 and left + 20 > 0 and top + 20 > 0
    assert picture.shape == (20, 20, 3)
    if overlapping:
        assert (picture == frame[rows[:, None], columns[None, :]]).all()


def test_a_wild_box_does_not_take_the_memory():
    frame = np.zeros((40, 60, 3), dtype=np.uint8)
    assert crop(frame, (-1e7, -1e7, 1e7, 1e7)).shape[0] <= 240


@pytest.mark.parametrize("tilt", [0.0, 0.5])
@pytest.mark.parametrize("shape", [(8, 20_000, 3), (20_000, 8, 3), (480, 640, 3)])
@pytest.mark.parametrize("side", [pytest.param(15_000.0, marks=pytest.mark.slow), 79_000.0, 1e6])
def test_a_wild_box_in_a_thin_frame_does_not_take_the_memory(shape, side, tilt):
    frame = np.full(shape, 7, dtype=np.uint8)
    picture = crop(frame, (-side / 2, -side / 2, side / 2, side / 2), tilt=tilt)
    assert picture.shape[0] == picture.shape[1] <= 4096
    assert (picture[::64, ::64] == 7).all()


@pytest.mark.parametrize("tilt", [0.0, 0.2])
def test_a_face_that_is_larger_than_a_large_frame_is_cut_pixel_by_pixel(tilt):
    picture = crop(np.zeros((3000, 5000, 3), dtype=np.uint8), (100, -500, 4900, 4300), tilt=tilt)
    assert picture.shape == (5381, 5381, 3)


def test_grey_input_is_normalised_by_the_card():
    white = np.full((33, 33, 3), 255, dtype=np.uint8)
    batch = prepare([white, np.zeros((5, 5), np.uint8)], GREY)
    assert batch.shape == (2, 1, 16, 16)
    assert batch.dtype == np.float32
    assert batch[0] == pytest.approx(2.0)
    assert batch[1] == pytest.approx(-2.0)


def test_colour_order_is_the_cards():
    blue = np.zeros((8, 8, 3), dtype=np.uint8)
    blue[..., 0] = 255
    assert prepare([blue], RGB)[0, :, 0, 0].tolist() == [0, 0, 1]


@pytest.mark.parametrize(
    "bad", [np.zeros((8, 8, 4), np.uint8), np.zeros((8, 8, 3), np.float32), np.zeros((0, 8, 3), np.uint8)]
)
def test_a_crop_of_another_kind_is_refused_with_its_shape(bad):
    with pytest.raises(ValueError, match="expected uint8"):
        prepare([bad], GREY)


@given(st.integers(1, 900), st.integers(1, 900))
def test_a_picture_shrinks_as_by_area_averaging_whatever_its_sides(height, width):
    """By a whole factor first or not: within rounding, and within what leaving out edges shifts."""
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    smooth = (127 + 60 * np.sin(columns / width * 5) + 60 * np.cos(rows / height * 4)).astype(np.uint8)
    small = resize_crop(smooth, 48)
    assert small.shape == (48, 48)
    method = cv2.INTER_AREA if max(height, width) > 48 else cv2.INTER_LINEAR
    plain = cv2.resize(smooth, (48, 48), interpolation=method)
    assert np.abs(small.astype(int) - plain).max() <= 3


@pytest.mark.parametrize("side", [20, 90, 233, 700])
def test_grey_before_or_after_it_shrinks_is_the_same_within_rounding(side):
    noise = np.random.default_rng(side).integers(0, 255, (side, side, 3), dtype=np.uint8)
    picture = cv2.GaussianBlur(noise, (0, 0), max(1, side / 40))
    after = cv2.cvtColor(resize_crop(picture, 16), cv2.COLOR_BGR2GRAY)
    assert np.abs(sized(picture, 16, "gray")[:, :, 0].astype(int) - after).max() <= 2


@pytest.mark.parametrize("colour", ["gray", "bgr", "rgb"])
@pytest.mark.parametrize("shape", [(40, 30), (40, 30, 1), (40, 30, 3)])
def test_any_picture_has_the_size_and_the_channels_asked_for(shape, colour):
    picture = np.random.default_rng(1).integers(0, 255, shape, dtype=np.uint8)
    made = sized(picture, 16, colour)
    assert made.shape == (16, 16, 1 if colour == "gray" else 3)
    if colour != "gray":
        order = slice(None, None, -1) if colour == "rgb" else slice(None)
        assert np.array_equal(made[..., order], sized(picture, 16, "bgr"))
