"""What is drawn can be read: in the picture, on any background, never mirrored."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.pipeline.draw import Drawer, DrawStyle, readable_on
from app.pipeline.lettering import LineLettering, TrueTypeLettering, best_lettering
from app.pipeline.shapes import Area
from app.types import Box, Face, Reading
from model.emotions import Emotion

BOX = (120.0, 90.0, 200.0, 170.0)
LETTERINGS = [LineLettering] + ([TrueTypeLettering] if hasattr(cv2, "FontFace") else [])


def reading(box: Box = BOX, emotion: Emotion = Emotion.HAPPINESS, confidence: float = 0.87, track: int = 1) -> Reading:
    scores = np.full(8, (1 - confidence) / 7, np.float32)
    scores[emotion] = confidence
    face = Face(box=box, score=0.9, keypoints=np.zeros((6, 2), np.float32))
    return Reading(track=track, face=face, scores=scores, emotion=emotion, valence=0.0, arousal=0.0)


def grey(width: int = 320, height: int = 240, level: int = 128) -> np.ndarray:
    return np.full((height, width, 3), level, np.uint8)


def of_colour(picture: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    return (picture == np.array(colour, np.uint8)).all(axis=2)


def extent(mask: np.ndarray) -> tuple[int, int, int, int]:
    """The first and last column and row that hold a set pixel: (left, top, right, bottom)."""
    rows, columns = np.nonzero(mask)
    return int(columns.min()), int(rows.min()), int(columns.max()), int(rows.max())


def test_the_frame_is_left_alone() -> None:
    frame = grey()
    drawn = Drawer().draw(frame, [reading()])
    assert (frame == 128).all()
    assert drawn.shape == frame.shape
    assert drawn.dtype == np.uint8
    assert drawn.flags.c_contiguous
    assert not np.shares_memory(drawn, frame)


def test_without_a_face_the_picture_is_the_frame() -> None:
    frame = np.random.default_rng(0).integers(0, 256, (24, 32, 3), dtype=np.uint8)
    assert (Drawer().draw(frame, []) == frame).all()
    assert (Drawer().draw(frame, [], mirror=True) == frame[:, ::-1]).all()


def test_the_box_has_the_emotions_colour_at_its_place() -> None:
    drawn = Drawer(DrawStyle(labels=False)).draw(grey(), [reading()])
    coloured = of_colour(drawn, Emotion.HAPPINESS.colour)
    assert extent(coloured) == pytest.approx((120, 90, 199, 169), abs=2)
    assert coloured[130, 118:123].any()
    assert (drawn[100:160, 130:190] == 128).all()


def test_everything_can_be_switched_off() -> None:
    drawn = Drawer(DrawStyle(boxes=False, labels=False)).draw(grey(), [reading()])
    assert (drawn == 128).all()


def test_the_label_stands_above_the_box() -> None:
    drawn = Drawer(DrawStyle(boxes=False)).draw(grey(), [reading()])
    left, top, _, bottom = extent(of_colour(drawn, Emotion.HAPPINESS.colour))
    assert left == pytest.approx(120, abs=2)
    assert 60 < top < bottom < 90


@pytest.mark.parametrize(
    "box",
    [(120, 0, 200, 80), (-30, -30, 60, 60), (260, -10, 350, 80), (280, 180, 360, 280), (-9, 100, 30, 150)],
    ids=["top", "top left", "top right", "bottom right", "left"],
)
@pytest.mark.parametrize("lettering", LETTERINGS)
def test_a_face_at_an_edge_keeps_its_whole_label(box: Box, lettering: type) -> None:
    style = DrawStyle(boxes=False)
    usual = of_colour(Drawer(style, lettering=lettering()).draw(grey(), [reading()]), Emotion.HAPPINESS.colour)
    drawn = of_colour(Drawer(style, lettering=lettering()).draw(grey(), [reading(box)]), Emotion.HAPPINESS.colour)
    assert drawn.sum() == pytest.approx(usual.sum(), rel=0.02)


def test_the_label_tells_the_confidence_unless_told_not_to() -> None:
    drawer = Drawer()
    assert (drawer.draw(grey(), [reading(confidence=0.42)]) != drawer.draw(grey(), [reading(confidence=0.87)])).any()
    bare = Drawer(DrawStyle(confidence=False))
    assert (bare.draw(grey(), [reading(confidence=0.42)]) == bare.draw(grey(), [reading(confidence=0.87)])).all()


def test_the_plate_does_not_tremble_with_the_number() -> None:
    drawer = Drawer(DrawStyle(boxes=False))
    widths = set()
    for confidence in (0.11, 0.47, 0.55, 0.71, 0.88):
        drawn = drawer.draw(grey(), [reading(confidence=confidence)])
        widths.add(extent(of_colour(drawn, Emotion.HAPPINESS.colour)))
    assert len(widths) == 1


@pytest.mark.parametrize("emotion", list(Emotion))
@pytest.mark.parametrize("background", ["white", "black", "own colour", "noise"])
def test_text_and_plate_stand_out_on_any_background(emotion: Emotion, background: str) -> None:
    frame = {
        "white": grey(level=255),
        "black": grey(level=0),
        "own colour": np.full((240, 320, 3), emotion.colour, np.uint8),
        "noise": np.random.default_rng(1).integers(0, 256, (240, 320, 3), dtype=np.uint8),
    }[background]
    drawn = Drawer().draw(frame, [reading(emotion=emotion)])
    plate = drawn[76:88, 124:180]
    assert of_colour(plate, emotion.colour).mean() > 0.3
    text = readable_on(emotion.colour)
    assert (np.abs(plate.astype(int) - text).max(axis=2) < 60).mean() > 0.05
    # The dark line around box and plate, for the background that has the emotion's own colour.
    assert (drawn[60:180, 110:210].max(axis=2) < 60).sum() > 100


@pytest.mark.parametrize("emotion", list(Emotion))
def test_text_has_the_contrast_that_wcag_asks_for(emotion: Emotion) -> None:
    def luminance(colour: tuple[int, ...]) -> float:
        shares = [c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
        return 0.0722 * shares[0] + 0.7152 * shares[1] + 0.2126 * shares[2]

    light, dark = sorted((luminance(emotion.colour), luminance(readable_on(emotion.colour))), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_mirroring_flips_picture_and_boxes_but_not_text() -> None:
    frame = np.random.default_rng(2).integers(0, 256, (240, 320, 3), dtype=np.uint8)
    drawer = Drawer(DrawStyle(bars=True))
    mirrored = drawer.draw(frame, [reading((30, 90, 100, 160))], mirror=True)
    expected = drawer.draw(np.ascontiguousarray(frame[:, ::-1]), [reading((220, 90, 290, 160))])
    assert (mirrored == expected).all()


def test_labels_of_neighbours_cover_neither_each_other_nor_faces() -> None:
    faces = [
        reading((100, 100, 140, 140), Emotion.HAPPINESS, track=1),
        reading((145, 100, 185, 140), Emotion.ANGER, track=2),
        reading((190, 80, 230, 120), Emotion.DISGUST, track=3),
    ]
    drawer = Drawer(DrawStyle(boxes=False))
    together = drawer.draw(grey(), faces)
    for face in faces:
        alone = of_colour(drawer.draw(grey(), [face]), face.emotion.colour).sum()
        assert of_colour(together, face.emotion.colour).sum() == pytest.approx(alone, rel=0.02)
        x_min, y_min, x_max, y_max = (int(edge) for edge in face.face.box)
        assert (together[y_min + 2 : y_max - 2, x_min + 2 : x_max - 2] == 128).all()


def test_bars_are_as_long_as_the_scores() -> None:
    drawer = Drawer(DrawStyle(boxes=False, labels=False, bars=True))
    lengths = []
    for confidence in (0.25, 0.5, 1.0):
        drawn = drawer.draw(grey(640, 480), [reading(confidence=confidence)])
        left, _, right, _ = extent(of_colour(drawn, Emotion.HAPPINESS.colour))
        lengths.append(right - left + 1)
    assert lengths[0] == pytest.approx(lengths[2] / 4, abs=2)
    assert lengths[1] == pytest.approx(lengths[2] / 2, abs=2)


def test_bars_show_all_eight_emotions() -> None:
    scores = np.full(8, 0.125, np.float32)
    face = Face(box=BOX, score=0.9, keypoints=np.zeros((6, 2), np.float32))
    even = Reading(track=1, face=face, scores=scores, emotion=Emotion.FEAR, valence=0.0, arousal=0.0)
    drawn = Drawer(DrawStyle(boxes=False, labels=False, bars=True)).draw(grey(640, 480), [even])
    rows = [extent(of_colour(drawn, emotion.colour))[1] for emotion in Emotion]
    assert rows == sorted(rows)
    assert len(set(rows)) == 8


def test_bars_in_a_crowd_hide_no_label() -> None:
    faces = [reading((40 + 60 * i, 80, 90 + 60 * i, 130), Emotion(i + 1), track=i + 1) for i in range(4)]
    plain = Drawer(DrawStyle(boxes=False)).draw(grey(), faces)
    barred = Drawer(DrawStyle(boxes=False, bars=True)).draw(grey(), faces)
    for face in faces:
        assert of_colour(barred, face.emotion.colour).sum() >= of_colour(plain, face.emotion.colour).sum()


def test_text_grows_with_the_picture_and_is_smaller_for_a_far_face() -> None:
    def plate_height(width: int, height: int, box: Box) -> int:
        drawn = Drawer(DrawStyle(boxes=False)).draw(grey(width, height), [reading(box)])
        _, top, _, bottom = extent(of_colour(drawn, Emotion.HAPPINESS.colour))
        return bottom - top + 1

    near = plate_height(1280, 720, (500, 200, 800, 500))
    assert plate_height(2560, 1440, (1000, 400, 1600, 1000)) == pytest.approx(2 * near, abs=3)
    assert 0.6 * near < plate_height(1280, 720, (500, 200, 530, 230)) < 0.8 * near


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 300), (300, 1), (2, 2)])
def test_a_picture_of_a_pixel_or_a_line_is_no_error(width: int, height: int) -> None:
    drawn = Drawer(DrawStyle(bars=True)).draw(grey(width, height), [reading((0, 0, width, height))])
    assert drawn.shape == (height, width, 3)


@pytest.mark.parametrize(("width", "height"), [(7, 5), (40, 40)])
def test_a_tiny_picture_gets_what_fits(width: int, height: int) -> None:
    drawn = Drawer(DrawStyle(bars=True)).draw(grey(width, height), [reading((0, 0, width, height))])
    assert drawn.shape == (height, width, 3)
    assert of_colour(drawn, Emotion.HAPPINESS.colour).any()


edges = st.floats(-1e7, 1e7)


@settings(max_examples=60, deadline=None)
@given(
    size=st.tuples(st.integers(1, 160), st.integers(1, 160)),
    boxes=st.lists(st.tuples(edges, edges, edges, edges), max_size=4),
    bars=st.booleans(),
    mirror=st.booleans(),
    lettering=st.sampled_from(LETTERINGS),
)
def test_any_box_in_any_picture_can_be_drawn(
    size: tuple[int, int], boxes: list[Box], bars: bool, mirror: bool, lettering: type
) -> None:
    readings = [reading(box, Emotion(i), track=i + 1) for i, box in enumerate(boxes)]
    drawn = Drawer(DrawStyle(bars=bars), lettering=lettering()).draw(grey(*size), readings, mirror=mirror)
    assert drawn.shape == (size[1], size[0], 3)


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
