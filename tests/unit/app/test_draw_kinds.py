"""Each kind of drawing changes what it says, and nothing else in the picture."""

from __future__ import annotations

import numpy as np
import pytest
from draw_makers import changed, extent, grey, noise, of_colour, reading

from app.pipeline.draw import Drawer, DrawStyle
from app.pipeline.draw_style import Kind, kind_of, palette_of
from model.emotions import Emotion
from model.errors import ConfigError

FACE = (200.0, 150.0, 320.0, 270.0)


def drawn(kind: Kind, frame: np.ndarray, **more: object) -> np.ndarray:
    return Drawer(DrawStyle(kind=kind, **more)).draw(frame, [reading(FACE)])  # type: ignore[arg-type]


def test_nothing_is_nothing() -> None:
    frame = noise(640, 480)
    assert (drawn("none", frame) == frame).all()


def test_a_label_is_a_strip_with_a_dot_and_no_box() -> None:
    mask = changed(drawn("label", grey(640, 480)), grey(640, 480))
    left, top, right, bottom = extent(mask)
    assert bottom < 150
    assert mask[top : bottom + 1, left : right + 1].mean() > 0.9  # one piece
    dots = of_colour(drawn("label", grey(640, 480)), Emotion.HAPPINESS.colour)
    assert 15 < dots.sum() < 200


def test_a_box_lies_on_the_edges_of_the_face_and_leaves_it_free() -> None:
    picture = drawn("box", grey(640, 480))
    below_the_plate = of_colour(picture, Emotion.HAPPINESS.colour)[149:]
    assert extent(below_the_plate) == pytest.approx((200, 0, 319, 120), abs=2)
    assert (picture[170:250, 220:300] == 128).all()


def test_bars_add_a_panel_to_the_box() -> None:
    frame = noise(640, 480)
    left, top, right, bottom = extent(changed(drawn("bars", frame), drawn("box", frame)))
    assert left > 320
    assert (right - left) * (bottom - top) > 120 * 100
    panel = drawn("bars", frame)[top : bottom + 1, left : right + 1]
    assert panel.mean() < 0.55 * frame.mean()


def test_bars_are_as_long_as_the_scores() -> None:
    drawer = Drawer(DrawStyle(kind="bars"))
    lengths = []
    for confidence in (0.25, 0.5, 1.0):
        picture = drawer.draw(grey(640, 480), [reading(FACE, confidence=confidence)])
        left, _, right, _ = extent(of_colour(picture, Emotion.HAPPINESS.colour)[150:, 330:])
        lengths.append(right - left + 1)
    assert lengths[0] == pytest.approx(lengths[2] / 4, abs=2)
    assert lengths[1] == pytest.approx(lengths[2] / 2, abs=2)


def test_bars_show_all_eight_emotions() -> None:
    picture = Drawer(DrawStyle(kind="bars")).draw(grey(640, 480), [reading(FACE, confidence=0.125)])
    rows = [extent(of_colour(picture[150:, 330:], emotion.colour))[1] for emotion in Emotion]
    assert rows == sorted(rows)
    assert len(set(rows)) == 8


def test_bars_in_a_crowd_hide_no_label() -> None:
    faces = [reading((40 + 60 * i, 80, 90 + 60 * i, 130), Emotion(i + 1), track=i + 1) for i in range(4)]
    plain = Drawer(DrawStyle(kind="box")).draw(grey(), faces)
    barred = Drawer(DrawStyle(kind="bars")).draw(grey(), faces)
    for face in faces:
        assert of_colour(barred, face.emotion.colour).sum() >= of_colour(plain, face.emotion.colour).sum()


def test_larger_bars_shrink_before_they_cover_the_face() -> None:
    frame = grey(640, 480)
    picture = Drawer(DrawStyle(kind="bars", text_scale=2.5)).draw(frame, [reading((220, 180, 360, 320))])
    assert (picture[190:310, 230:350] == 128).all()


def test_an_emoji_stands_beside_the_face_without_words_or_a_box() -> None:
    frame = noise(640, 480)
    left, top, right, bottom = extent(changed(drawn("emoji", frame), frame))
    assert left >= 320
    assert right - left == pytest.approx(bottom - top, abs=2)
    surer = Drawer(DrawStyle(kind="emoji")).draw(frame, [reading(FACE, confidence=0.99)])
    assert (surer == drawn("emoji", frame)).all()


def test_an_emoji_keeps_its_size_while_the_face_trembles() -> None:
    frame = grey(1280, 720)
    drawer = Drawer(DrawStyle(kind="emoji"))
    sizes = set()
    for tremble in (-0.4, 0.0, 0.4):
        left, _, right, _ = extent(changed(drawer.draw(frame, [reading((500, 300, 601, 401 + tremble))]), frame))
        sizes.add(right - left)
    assert len(sizes) == 1


def test_words_for_styles_are_checked() -> None:
    assert kind_of("emoji") == "emoji"
    assert palette_of("tol-bright") == "tol-bright"
    with pytest.raises(ConfigError, match="--style is 'hat', expected one of label, box, bars, emoji, none"):
        kind_of("hat")
    with pytest.raises(ConfigError, match="--palette is 'mud', expected one of standard, okabe-ito, tol-bright, white"):
        palette_of("mud")
