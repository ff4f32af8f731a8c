"""Colours can be told apart, by colour-blind eyes as well where that is promised, and text on them can be read."""

from __future__ import annotations

from itertools import combinations
from typing import get_args

import numpy as np
import pytest

from app.pipeline.draw_style import Palette
from app.pipeline.palette import colours, contrast, readable_on, rim_of
from model.emotions import Emotion

# Of linear red, green and blue, for eyes that lack a kind of cone (Machado, Oliveira and Fernandes 2009, severity 1).
DEUTERANOPIA = [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
PROTANOPIA = [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
TRITANOPIA = [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
TO_XYZ = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]


def linear(colour: tuple[int, int, int]) -> np.ndarray:
    share = np.array(colour[::-1]) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def lab(red_green_blue: np.ndarray) -> np.ndarray:
    xyz = np.array(TO_XYZ) @ np.clip(red_green_blue, 0, 1) / (0.9505, 1.0, 1.089)
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("palette", ["standard", "okabe-ito", "tol-bright"])
@pytest.mark.parametrize(
    "eyes", [np.eye(3), DEUTERANOPIA, PROTANOPIA, TRITANOPIA], ids=["all", "no green", "no red", "no blue"]
)
def test_any_two_can_be_told_apart(palette: Palette, eyes: object) -> None:
    seen = {emotion: lab(np.array(eyes) @ linear(colour)) for emotion, colour in colours(palette).items()}
    distances = {pair: float(np.linalg.norm(seen[pair[0]] - seen[pair[1]])) for pair in combinations(Emotion, 2)}
    nearest = min(distances, key=lambda pair: distances[pair])
    assert distances[nearest] > 12, nearest  # 2.3 is just noticeable, side by side


@pytest.mark.parametrize("palette", get_args(Palette))
@pytest.mark.parametrize("emotion", list(Emotion))
def test_text_has_the_contrast_that_wcag_asks_for(palette: Palette, emotion: Emotion) -> None:
    colour = colours(palette)[emotion]
    assert contrast(colour, readable_on(colour)) >= 4.5


@pytest.mark.parametrize("palette", get_args(Palette))
@pytest.mark.parametrize("emotion", list(Emotion))
def test_each_colour_stands_out_from_its_rim(palette: Palette, emotion: Emotion) -> None:
    colour = colours(palette)[emotion]
    assert contrast(colour, rim_of(colour)) >= 2.5


def test_the_contrast_is_that_of_wcag() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((118, 118, 118), (255, 255, 255)) == pytest.approx(4.54, abs=0.01)  # the usual lightest grey text


def test_the_standard_colours_are_the_emotions_own_and_white_is_white() -> None:
    assert dict(colours("standard")) == {emotion: emotion.colour for emotion in Emotion}
    assert set(colours("white").values()) == {(255, 255, 255)}
