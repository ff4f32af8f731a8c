"""The figures of the main face, in the corner that was chosen."""

from __future__ import annotations

from dataclasses import replace

import pytest
from draw_makers import changed, extent, grey, noise, reading

from app.pipeline.draw import Drawer, DrawStyle
from app.pipeline.draw_style import Numbers
from app.types import Box, Reading
from model.emotions import Emotion

MIDDLE: Box = (560, 280, 720, 440)
SIZE = (1280, 720)


def drawer(corner: Numbers = "top-left") -> Drawer:
    return Drawer(DrawStyle(kind="none", numbers=corner))


@pytest.mark.parametrize("corner", ["top-left", "top-right", "bottom-left", "bottom-right"])
def test_they_stand_in_their_corner(corner: Numbers) -> None:
    frame = noise(*SIZE)
    left, top, right, bottom = extent(changed(drawer(corner).draw(frame, [reading(MIDDLE)]), frame))
    assert (bottom < 240, top > 480) == (corner.startswith("top"), corner.startswith("bottom"))
    assert (right < 320, left > 960) == (corner.endswith("left"), corner.endswith("right"))


@pytest.mark.parametrize(
    "other",
    [
        reading(MIDDLE, Emotion.ANGER),
        reading(MIDDLE, confidence=0.6),
        replace(reading(MIDDLE), valence=-0.43),
        replace(reading(MIDDLE), arousal=0.12),
    ],
    ids=["label", "confidence", "valence", "arousal"],
)
def test_they_tell_four_things_in_a_panel_that_does_not_tremble(other: Reading) -> None:
    pictures = [drawer().draw(grey(*SIZE), [each]) for each in (reading(MIDDLE), other)]
    assert (pictures[0] != pictures[1]).any()
    assert len({extent(changed(picture, grey(*SIZE))) for picture in pictures}) == 1


def test_they_are_of_the_largest_and_most_central_face() -> None:
    small = reading((100, 100, 140, 140), Emotion.ANGER, track=2)
    alone = drawer().draw(grey(*SIZE), [reading(MIDDLE)])
    assert (drawer().draw(grey(*SIZE), [small, reading(MIDDLE)]) == alone).all()


def test_they_stay_with_a_face_while_it_is_there() -> None:
    one = drawer()
    angry = reading(MIDDLE, Emotion.ANGER, track=2)
    expected = one.draw(grey(*SIZE), [angry])
    larger = reading((400, 100, 800, 500), track=1)
    assert (one.draw(grey(*SIZE), [larger, angry]) == expected).all()
    assert (one.draw(grey(*SIZE), [larger]) != expected).any()


def test_an_unsure_face_has_no_figures() -> None:
    faces = [reading(MIDDLE, sure=False), replace(reading(MIDDLE, Emotion.FEAR, sure=False), valence=-1.0, arousal=1.0)]
    pictures = [drawer().draw(grey(*SIZE), [face]) for face in faces]
    assert (pictures[0] == pictures[1]).all()
    assert changed(pictures[0], grey(*SIZE)).any()


def test_labels_make_way_for_them() -> None:
    face = reading((20, 120, 120, 220))  # its label would be behind the figures
    frame = grey(*SIZE)
    numbers = drawer().draw(frame, [face])
    shown = changed(numbers, frame)
    both = Drawer(DrawStyle(kind="label", numbers="top-left")).draw(frame, [face])
    assert (both[shown] == numbers[shown]).all()
