"""What is drawn can be read: in the picture, on any background, never mirrored."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest
from draw_makers import BOX, changed, extent, grey, noise, of_colour, reading
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from app.pipeline.canvas import SMALLEST_TEXT, fitting
from app.pipeline.draw import Drawer, DrawStyle
from app.pipeline.draw_style import Kind
from app.pipeline.lettering import LineLettering, TrueTypeLettering, best_lettering
from app.pipeline.palette import NEUTRAL, colours, readable_on
from app.pipeline.shapes import Area
from app.types import Box
from model.emotions import Emotion

LETTERINGS = [LineLettering] + ([TrueTypeLettering] if hasattr(cv2, "FontFace") else [])
YELLOW = Emotion.HAPPINESS.colour


def test_the_frame_is_left_alone() -> None:
    frame = grey()
    everything = DrawStyle(kind="bars", badge=True, numbers="top-left", attention=True)
    drawn = Drawer(everything).draw(frame, [reading(attention=np.ones((3, 3), np.float32))])
    assert (frame == 128).all()
    assert drawn.shape == frame.shape
    assert drawn.dtype == np.uint8
    assert drawn.flags.c_contiguous
    assert not np.shares_memory(drawn, frame)


@pytest.mark.parametrize("style", [DrawStyle(), DrawStyle(numbers="top-left", attention=True)])
def test_without_a_face_the_picture_is_the_frame(style: DrawStyle) -> None:
    frame = noise(32, 24)
    assert (Drawer(style).draw(frame, []) == frame).all()
    assert (Drawer(style).draw(frame, [], mirror=True) == frame[:, ::-1]).all()


@pytest.mark.parametrize("kind", ["label", "box", "bars"])
def test_the_label_stands_above_the_box(kind: Kind) -> None:
    drawn = changed(Drawer(DrawStyle(kind=kind)).draw(grey(), [reading()]), grey())
    left, top, right, bottom = extent(drawn[:86, :200])
    assert left == pytest.approx(120, abs=2)
    assert 60 < top < bottom
    assert right > left + 60


@pytest.mark.parametrize(
    "box",
    [(120, 0, 200, 80), (-30, -30, 60, 60), (260, -10, 350, 80), (280, 180, 360, 280), (-9, 100, 30, 150)],
    ids=["top", "top left", "top right", "bottom right", "left"],
)
@pytest.mark.parametrize("lettering", LETTERINGS)
def test_a_face_at_an_edge_keeps_its_whole_sign(box: Box, lettering: type) -> None:
    drawer = Drawer(DrawStyle(kind="label"), lettering=lettering())
    usual, shown = (changed(drawer.draw(grey(), [reading(each)]), grey()).sum() for each in (BOX, box))
    assert shown == pytest.approx(usual, rel=0.02)
    mask = changed(Drawer(DrawStyle(kind="emoji")).draw(grey(), [reading(box)]), grey())
    left, top, right, bottom = extent(mask)
    assert right - left == pytest.approx(bottom - top, abs=1)
    assert mask.sum() == pytest.approx(np.pi / 4 * (right - left + 1) ** 2, rel=0.15)


@pytest.mark.parametrize("kind", ["label", "box"])
def test_the_label_tells_the_confidence_unless_told_not_to(kind: Kind) -> None:
    drawer = Drawer(DrawStyle(kind=kind))
    assert (drawer.draw(grey(), [reading(confidence=0.42)]) != drawer.draw(grey(), [reading(confidence=0.87)])).any()
    bare = Drawer(DrawStyle(kind=kind, confidence=False))
    assert (bare.draw(grey(), [reading(confidence=0.42)]) == bare.draw(grey(), [reading(confidence=0.87)])).all()


@pytest.mark.parametrize("kind", ["label", "box"])
def test_the_plate_does_not_tremble_with_the_number(kind: Kind) -> None:
    drawer = Drawer(DrawStyle(kind=kind))
    pictures = [drawer.draw(grey(), [reading(confidence=share)]) for share in (0.11, 0.47, 0.55, 0.71, 0.88)]
    assert len({extent(changed(picture, grey())) for picture in pictures}) == 1


@pytest.mark.parametrize("emotion", list(Emotion))
@pytest.mark.parametrize("background", ["white", "black", "own colour", "noise"])
def test_text_and_plate_stand_out_on_any_background(emotion: Emotion, background: str) -> None:
    frame = {
        "white": grey(level=255),
        "black": grey(level=0),
        "own colour": np.full((240, 320, 3), emotion.colour, np.uint8),
        "noise": noise(),
    }[background]
    drawn = Drawer().draw(frame, [reading(emotion=emotion)])
    plate = drawn[76:88, 124:180]
    assert of_colour(plate, emotion.colour).mean() > 0.3
    text = readable_on(emotion.colour)
    assert (np.abs(plate.astype(int) - text).max(axis=2) < 60).mean() > 0.05
    # The dark line around box and plate, for the background that has the emotion's own colour.
    assert (drawn[60:180, 110:210].max(axis=2) < 60).sum() > 100


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_quiet_label_can_be_read_on_any_background(level: int) -> None:
    drawn = Drawer(DrawStyle(kind="label")).draw(grey(level=level), [reading()])
    strip = drawn[74:86, 140:160]  # within the name
    assert strip.max() > 240
    assert strip.min() <= 0.35 * level + 1


def test_mirroring_flips_picture_and_boxes_but_not_text() -> None:
    frame = noise()
    for kind in ("label", "box", "bars", "emoji"):
        drawer = Drawer(DrawStyle(kind=kind, badge=True, numbers="top-left"))
        mirrored = drawer.draw(frame, [reading((30, 90, 100, 160))], mirror=True)
        expected = drawer.draw(np.ascontiguousarray(frame[:, ::-1]), [reading((220, 90, 290, 160))])
        assert (mirrored == expected).all(), kind


@pytest.mark.parametrize("style", [DrawStyle(), DrawStyle(kind="label"), DrawStyle(kind="bars"), DrawStyle(badge=True)])
def test_a_face_in_the_middle_is_labelled_alike_in_the_mirror(style: DrawStyle) -> None:
    drawer = Drawer(style)
    plain, mirrored = (drawer.draw(grey(), [reading()], mirror=mirror) for mirror in (False, True))
    assert (plain == mirrored).all()  # on a plain ground: letter by letter the same, and so upright
    assert (plain != plain[:, ::-1]).any()


@pytest.mark.parametrize("kind", ["label", "emoji"])
def test_signs_of_neighbours_cover_neither_each_other_nor_faces(kind: Kind) -> None:
    faces = [
        reading((100, 100, 140, 140), Emotion.HAPPINESS, track=1),
        reading((150, 100, 190, 140), Emotion.ANGER, track=2),
        reading((250, 80, 290, 120), Emotion.DISGUST, track=3),
    ]
    drawer, frame = Drawer(DrawStyle(kind=kind)), grey(400)
    together = changed(drawer.draw(frame, faces), frame)
    alone = [changed(drawer.draw(frame, [face]), frame).sum() for face in faces]
    assert together.sum() == pytest.approx(sum(alone), rel=0.02)
    for face in faces:
        x_min, y_min, x_max, y_max = (int(edge) for edge in face.face.box)
        assert not together[y_min + 2 : y_max - 2, x_min + 2 : x_max - 2].any()


def test_text_grows_with_the_picture_and_is_smaller_for_a_far_face() -> None:
    def plate_height(width: int, height: int, box: Box) -> int:
        drawn = Drawer(DrawStyle(kind="label")).draw(grey(width, height), [reading(box)])
        _, top, _, bottom = extent(changed(drawn, grey(width, height)))
        return bottom - top + 1

    near = plate_height(1280, 720, (500, 200, 800, 500))
    assert plate_height(2560, 1440, (1000, 400, 1600, 1000)) == pytest.approx(2 * near, abs=3)
    assert 0.6 * near < plate_height(1280, 720, (500, 200, 530, 230)) < 0.8 * near


@pytest.mark.parametrize("kind", ["label", "box", "bars", "emoji"])
def test_signs_grow_with_the_scale(kind: Kind) -> None:
    face = reading((260, 200, 380, 320))
    sizes = []
    for scale in (0.5, 1.0, 1.5):
        drawn = Drawer(DrawStyle(kind=kind, text_scale=scale)).draw(grey(1280, 720), [face])
        sizes.append(changed(drawn, grey(1280, 720)).sum())
    assert all(larger > 1.1 * smaller for smaller, larger in pairwise(sizes))


@pytest.mark.parametrize("kind", ["label", "box", "bars"])
def test_a_huge_scale_shrinks_to_what_fits(kind: Kind) -> None:
    drawn = Drawer(DrawStyle(kind=kind, text_scale=8)).draw(grey(), [reading()])
    assert (
        changed(drawn, grey()).sum()
        > 2 * changed(Drawer(DrawStyle(kind="label")).draw(grey(), [reading()]), grey()).sum()
    )


@pytest.mark.parametrize("kind", ["label", "box", "bars", "emoji"])
def test_an_unsure_reading_names_no_expression(kind: Kind) -> None:
    drawer = Drawer(DrawStyle(kind=kind, numbers="top-left", attention=True))
    heat = np.ones((2, 2), np.float32)
    happy = drawer.draw(grey(640, 480), [reading(sure=False, attention=heat)])
    angry = drawer.draw(grey(640, 480), [reading(emotion=Emotion.ANGER, confidence=0.3, sure=False)])
    assert (happy == angry).all()
    assert changed(happy, grey(640, 480)).any()  # but the face is seen
    assert np.ptp(happy.astype(int), axis=2).max() == 0  # in no expression's colour
    outlined = of_colour(happy, NEUTRAL)[100:160, 118:123].any()
    assert outlined == (kind in ("box", "bars"))


def test_the_outline_of_an_unsure_reading_is_thin() -> None:
    drawer, frame = Drawer(), grey(1280, 720)
    edges = [
        changed(drawer.draw(frame, [reading((400, 200, 700, 500), sure=sure)]), frame)[350, :500].sum()
        for sure in (True, False)
    ]
    assert 0 < edges[1] < edges[0]


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 300), (300, 1), (2, 2)])
def test_a_picture_of_a_pixel_or_a_line_is_no_error(width: int, height: int) -> None:
    style = DrawStyle(kind="bars", badge=True, numbers="top-left", attention=True)
    drawn = Drawer(style).draw(grey(width, height), [reading((0, 0, width, height))])
    assert drawn.shape == (height, width, 3)


@pytest.mark.parametrize(("width", "height"), [(7, 5), (40, 40)])
def test_a_tiny_picture_gets_what_fits(width: int, height: int) -> None:
    drawn = Drawer(DrawStyle(kind="bars")).draw(grey(width, height), [reading((0, 0, width, height))])
    assert drawn.shape == (height, width, 3)
    assert of_colour(drawn, YELLOW).any()


edges = st.floats(-1e7, 1e7)
styles = st.builds(
    DrawStyle,
    kind=st.sampled_from(["label", "box", "bars", "emoji", "none"]),
    text_scale=st.floats(0.25, 4),
    palette=st.sampled_from(["standard", "okabe-ito", "tol-bright", "white"]),
    badge=st.booleans(),
    attention=st.booleans(),
    numbers=st.sampled_from(["off", "top-left", "top-right", "bottom-left", "bottom-right"]),
    confidence=st.booleans(),
)
maps = st.none() | arrays(np.float32, st.tuples(st.integers(1, 7), st.integers(1, 7)), elements=st.floats(width=32))


def test_a_label_that_grows_by_leaps_stays_in_a_narrow_picture() -> None:
    readings = [reading((0, 0, 0, 0), sure=False), reading((0, 0, 0, 30))]
    style = DrawStyle(kind="label", text_scale=4.0)
    assert Drawer(style, lettering=LineLettering()).draw(grey(135, 116), readings).shape == (116, 135, 3)


@given(size=st.integers(1, 60), given=st.tuples(st.integers(1, 200), st.integers(1, 200)), leap=st.integers(1, 9))
def test_what_fits_fits(size: int, given: tuple[int, int], leap: int) -> None:
    def needed(size: int) -> tuple[int, int]:
        return 5 * size // leap * leap + 3, size

    fits = fitting(size, needed, given)
    assert fits == 0 or (needed(fits)[0] <= given[0] and needed(fits)[1] <= given[1])
    assert fits in (0, *range(SMALLEST_TEXT, size + 1))


@settings(max_examples=150, deadline=None)
@given(
    size=st.tuples(st.integers(1, 160), st.integers(1, 160)),
    faces=st.lists(st.tuples(st.tuples(edges, edges, edges, edges), st.booleans(), maps), max_size=4),
    style=styles,
    mirror=st.booleans(),
    lettering=st.sampled_from(LETTERINGS),
)
def test_any_box_in_any_picture_can_be_drawn_in_any_style(
    size: tuple[int, int],
    faces: list[tuple[Box, bool, np.ndarray | None]],
    style: DrawStyle,
    mirror: bool,
    lettering: type,
) -> None:
    readings = [
        reading(box, Emotion(i), track=i + 1, sure=sure, attention=heat) for i, (box, sure, heat) in enumerate(faces)
    ]
    drawn = Drawer(style, lettering=lettering()).draw(grey(*size), readings, mirror=mirror)
    assert drawn.shape == (size[1], size[0], 3)
    assert drawn.dtype == np.uint8


@given(
    area=st.builds(Area, st.integers(-50, 150), st.integers(-50, 150), st.integers(1, 60), st.integers(1, 60)),
    size=st.tuples(st.integers(60, 120), st.integers(60, 120)),
)
def test_an_area_that_fits_is_moved_wholly_inside(area: Area, size: tuple[int, int]) -> None:
    moved = area.moved_into(*size)
    assert moved.within(*size)
    assert (moved.width, moved.height) == (area.width, area.height)
    assert (moved == area) is area.within(*size)


@pytest.mark.parametrize("lettering", LETTERINGS)
def test_lettering_measures_what_it_draws(lettering: type) -> None:
    letters = lettering()
    for size in (12, 24, 48):
        picture = grey(900, 120, level=255)
        letters.draw(picture, "happiness 87%", (20, 80), size, (0, 0, 0))
        left, top, right, bottom = extent(picture[:, :, 0] < 128)
        assert right - left + 1 == pytest.approx(letters.width("happiness 87%", size), abs=2 + size / 6)
        assert 80 - top == pytest.approx(0.75 * size, abs=2 + size / 10)
        assert 80 <= bottom < 80 + 0.4 * size


def test_an_opencv_without_truetype_draws_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(cv2, "FontFace", raising=False)
    assert isinstance(best_lettering(), LineLettering)


def test_the_palette_changes_colours_and_nothing_else() -> None:
    frame = grey(640, 480)
    seen = {}
    for palette in ("standard", "tol-bright", "white"):
        seen[palette] = Drawer(DrawStyle(palette=palette)).draw(frame, [reading()])
        assert of_colour(seen[palette], colours(palette)[Emotion.HAPPINESS]).sum() > 500
    masks = [changed(picture, frame) for picture in seen.values()]
    assert all((mask != masks[0]).sum() < 10 for mask in masks)  # but for a smoothed pixel that comes out as the ground
    assert not of_colour(seen["tol-bright"], YELLOW).any()
    assert np.ptp(seen["white"].astype(int), axis=2).max() == 0
