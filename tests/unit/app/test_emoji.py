"""The drawn faces differ where it counts, and stay in their square."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from draw_makers import changed, extent, grey, noise
from hypothesis import given, settings
from hypothesis import strategies as st

from app.pipeline.curves import crescent, ellipse, stroke, within
from app.pipeline.emoji import draw_emoji
from app.pipeline.palette import DARK, LIGHT, colours
from model.emotions import Emotion

SKIN = (66, 228, 240)


def face(emotion: Emotion, side: int, colour: tuple[int, int, int] = SKIN) -> np.ndarray:
    picture = grey(side, side)
    draw_emoji(picture, 0, 0, side, emotion, colour)
    return picture


@pytest.mark.parametrize("side", [24, 40, 200])
@pytest.mark.parametrize("colour", [SKIN, LIGHT])
def test_no_two_are_alike_even_in_one_colour(side: int, colour: tuple[int, int, int]) -> None:
    faces = {emotion: face(emotion, side, colour).astype(int) for emotion in Emotion}
    for one, other in combinations(Emotion, 2):
        different = np.abs(faces[one] - faces[other]).max(axis=2) > 90
        assert different.mean() > 0.04, (one, other)


def test_the_corners_of_the_mouth_go_up_for_happiness_and_down_for_sadness_and_anger() -> None:
    def corners_above_middle(emotion: Emotion) -> float:
        dark = (np.abs(face(emotion, 200).astype(int) - DARK).max(axis=2) < 40)[120:170]
        sides, middle = dark[:, 62:78], dark[:, 92:108]
        return float(np.nonzero(middle)[0].mean() - np.nonzero(sides)[0].mean())

    assert corners_above_middle(Emotion.HAPPINESS) > 5
    assert corners_above_middle(Emotion.SADNESS) < -5
    assert corners_above_middle(Emotion.ANGER) < -5


def test_only_contempt_smiles_on_one_side() -> None:
    def lopsided(emotion: Emotion) -> float:
        mouth = face(emotion, 200)[110:170, 40:160].astype(int)
        return float((np.abs(mouth - mouth[:, ::-1]).max(axis=2) > 90).mean())

    assert lopsided(Emotion.CONTEMPT) > 0.08
    assert max(lopsided(emotion) for emotion in (Emotion.NEUTRAL, Emotion.HAPPINESS, Emotion.ANGER)) < 0.02


@pytest.mark.parametrize("emotion", list(Emotion))
def test_features_show_on_every_skin(emotion: Emotion) -> None:
    for palette in ("okabe-ito", "tol-bright", "white"):
        skin = colours(palette)[emotion]
        features = np.abs(face(emotion, 40, skin).astype(int) - skin).max(axis=2)[8:32, 8:32] > 60
        assert features.mean() > 0.05, palette


def test_a_white_face_has_no_colour() -> None:
    for emotion in Emotion:
        assert np.ptp(face(emotion, 60, LIGHT).astype(int), axis=2).max() == 0


@settings(max_examples=80, deadline=None)
@given(
    left=st.integers(-300, 120),
    top=st.integers(-300, 120),
    side=st.integers(0, 250),
    emotion=st.sampled_from(list(Emotion)),
)
def test_it_stays_within_its_square_and_the_picture(left: int, top: int, side: int, emotion: Emotion) -> None:
    whole = noise(140, 120)
    before = whole.copy()
    draw_emoji(whole[20:100, 20:120], left, top, side, emotion, SKIN)
    mask = changed(whole, before)
    inside = np.zeros_like(mask)
    inside[
        max(20, top + 20) : max(20, min(100, top + side + 20)), max(20, left + 20) : max(20, min(120, left + side + 20))
    ] = 1
    assert not mask[~inside].any()


def test_the_edge_is_smooth() -> None:
    picture = grey(100, 100, level=255)
    draw_emoji(picture, 0, 0, 100, Emotion.NEUTRAL, SKIN)
    levels = {int(level) for level in picture[3, :, 0]}
    assert len(levels) > 6


def test_a_stroke_is_as_wide_as_its_pen_and_a_circle_round() -> None:
    line = stroke(np.array([(0.0, 0.0), (5.0, 0.0), (10.0, 0.0)]), 2)
    assert (line.min(axis=0), line.max(axis=0)) == (pytest.approx((-1, -1), abs=0.02), pytest.approx((11, 1), abs=0.02))
    assert np.linalg.norm(ellipse(3, 4, 2) - (3, 4), axis=1) == pytest.approx(2)


def test_a_crescent_lies_in_the_disc_and_out_of_the_moved_one() -> None:
    points = crescent(np.pi / 2, 0.3)
    assert np.linalg.norm(points, axis=1).max() <= 1.0001
    assert np.linalg.norm(points + np.array((0, 0.3)), axis=1).min() >= 0.9999
    assert points[:, 1].max() == pytest.approx(1, abs=0.01)


def test_an_outline_is_cut_at_a_frame() -> None:
    square = np.array([(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0)])
    assert extent_of(within(ellipse(0, 0, 2), square)) == pytest.approx((0, 0, 2, 2), abs=0.01)
    assert len(within(ellipse(-9, 0, 2), square)) == 0
    assert extent_of(within(square, ellipse(2, 2, 100))) == (0, 0, 4, 4)


def extent_of(points: np.ndarray) -> tuple[float, ...]:
    return (*points.min(axis=0), *points.max(axis=0))


def test_the_whole_square_is_used() -> None:
    assert extent(changed(face(Emotion.FEAR, 64), grey(64, 64))) == (0, 0, 63, 63)
