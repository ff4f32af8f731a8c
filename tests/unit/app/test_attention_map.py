"""The heat lies where the network looked: over the crop, in the mirror too, cut at the picture's edge."""

from __future__ import annotations

import numpy as np
import pytest
from draw_makers import changed, extent, grey, noise, reading

from app.pipeline.attention_map import draw_attention
from app.pipeline.draw import Drawer, DrawStyle
from app.types import Box
from model.preprocess import square_around, turned_square

HEAT = DrawStyle(kind="none", attention=True)
FACE: Box = (200, 150, 360, 310)


def spot(row: int, column: int, side: int = 5) -> np.ndarray:
    attention = np.full((side, side), -0.2, np.float32)
    attention[row, column] = 2.0
    return attention


@pytest.mark.parametrize(("row", "column"), [(1, 1), (1, 3), (3, 1), (2, 2)])
@pytest.mark.parametrize("mirror", [False, True])
def test_the_hottest_place_is_that_of_the_map(row: int, column: int, mirror: bool) -> None:
    frame = grey(640, 480)
    drawn = Drawer(HEAT).draw(frame, [reading(FACE, attention=spot(row, column))], mirror=mirror).astype(int)
    redder = drawn[:, :, 2] - drawn[:, :, 0]
    y, x = np.unravel_index(redder.argmax(), redder.shape)
    left, top, right, _ = square_around(FACE)
    cell = (right - left) / 5
    expected = left + (column + 0.5) * cell
    assert x == pytest.approx(639 - expected if mirror else expected, abs=0.6 * cell)
    assert y == pytest.approx(top + (row + 0.5) * cell, abs=0.6 * cell)


def test_nothing_outside_the_crop_is_touched_and_the_face_shines_through() -> None:
    frame = noise(640, 480)
    drawn = Drawer(HEAT).draw(frame, [reading(FACE, attention=np.ones((3, 3), np.float32))])
    left, top, right, bottom = extent(changed(drawn, frame))
    edges = square_around(FACE)
    assert (left, top) >= (edges[0] - 1, edges[1] - 1)
    assert (right, bottom) <= (edges[2] + 1, edges[3] + 1)
    middle = (slice(200, 260), slice(250, 310))
    assert np.corrcoef(drawn[middle].ravel(), frame[middle].ravel())[0, 1] > 0.5


@pytest.mark.parametrize(
    "attention",
    [np.full((4, 4), -1, np.float32), np.zeros((4, 4), np.float32), np.full((4, 4), np.nan, np.float32), None],
    ids=["against", "nothing", "no numbers", "none"],
)
def test_without_anything_for_the_label_there_is_no_heat(attention: np.ndarray | None) -> None:
    frame = noise(640, 480)
    assert (Drawer(HEAT).draw(frame, [reading(FACE, attention=attention)]) == frame).all()


def test_it_is_shown_only_when_asked_for_and_for_a_sure_reading() -> None:
    frame = noise(640, 480)
    assert (Drawer(DrawStyle(kind="none")).draw(frame, [reading(FACE, attention=spot(2, 2))]) == frame).all()
    assert (Drawer(HEAT).draw(frame, [reading(FACE, attention=spot(2, 2), sure=False)]) == frame).all()


@pytest.mark.parametrize("shift", [(-260, 0), (180, 0), (0, -200), (330, 240), (-900, 0), (0, 900)])
def test_at_the_edge_it_is_cut_and_not_squeezed(shift: tuple[int, int]) -> None:
    large = noise(3000, 3000)
    attention = np.random.default_rng(1).normal(size=(6, 6)).astype(np.float32)
    box = (FACE[0] + shift[0], FACE[1] + shift[1], FACE[2] + shift[0], FACE[3] + shift[1])
    small = large[1000:1480, 1000:1640].copy()
    draw_attention(small, box, attention)
    draw_attention(large, (box[0] + 1000, box[1] + 1000, box[2] + 1000, box[3] + 1000), attention)
    assert np.abs(small.astype(int) - large[1000:1480, 1000:1640]).max() <= 3


def test_only_the_picture_itself_is_written_to() -> None:
    whole = noise(200, 200)
    before = whole.copy()
    draw_attention(whole[50:150, 50:150], (-40, -40, 140, 140), np.ones((3, 3), np.float32))
    mask = changed(whole, before)
    assert mask[50:150, 50:150].mean() > 0.5
    mask[50:150, 50:150] = False
    assert not mask.any()


def test_a_box_of_any_size_is_no_error() -> None:
    for box in ((0.0, 0.0, 0.0, 0.0), (-1e7, -1e7, 1e7, 1e7), (50.0, 50.0, 40.0, 40.0)):
        picture = grey(64, 48)
        draw_attention(picture, box, np.ones((3, 3), np.float32))
        assert picture.shape == (48, 64, 3)


@pytest.mark.parametrize("tilt", [-0.6, 0.0, 0.5])
@pytest.mark.parametrize("mirror", [False, True])
def test_over_a_turned_crop_the_heat_is_turned_as_well(tilt: float, mirror: bool) -> None:
    picture = grey(640, 480)
    draw_attention(picture, FACE, spot(1, 3), mirror=mirror, tilt=tilt)
    redder = picture[:, :, 2].astype(int) - picture[:, :, 0]
    y, x = np.unravel_index(redder.argmax(), redder.shape)
    side = 250
    to_frame = turned_square(FACE, tilt, side)
    expected_x, expected_y = to_frame @ np.array([3.5 / 5 * side, 1.5 / 5 * side, 1])
    assert x == pytest.approx(639 - expected_x if mirror else expected_x, abs=12)
    assert y == pytest.approx(expected_y, abs=12)
