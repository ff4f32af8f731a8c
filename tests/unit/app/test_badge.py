"""The badge is seen when it is on, in a corner where it covers no face."""

from __future__ import annotations

import numpy as np
import pytest
from draw_makers import changed, extent, grey, noise, reading

from app.pipeline.draw import Drawer, DrawStyle

BADGE = DrawStyle(kind="none", badge=True)


def place(drawer: Drawer, boxes: list[tuple[float, float, float, float]], size: tuple[int, int] = (640, 360)) -> str:
    """The corner that it is drawn in."""
    picture = drawer.draw(grey(*size), [reading(box, track=i) for i, box in enumerate(boxes)])
    _, _, right, bottom = extent(changed(picture, grey(*size)))
    return f"{'top' if bottom < size[1] / 2 else 'bottom'}-{'left' if right < size[0] / 2 else 'right'}"


@pytest.mark.parametrize(("size", "least"), [((640, 360), 20), ((1280, 720), 28)])
def test_it_is_there_with_and_without_a_face_and_large_enough_to_read(size: tuple[int, int], least: int) -> None:
    for faces in ([], [reading((300, 100, 400, 200))]):
        left, top, right, bottom = extent(changed(Drawer(BADGE).draw(grey(*size), faces), grey(*size)))
        assert bottom - top + 1 >= least
        assert 4 * least < right - left + 1 < size[0] / 3


def test_without_it_the_picture_is_free_of_it() -> None:
    frame = noise(640, 360)
    with_badge, without = (Drawer(DrawStyle(badge=badge)).draw(frame, []) for badge in (True, False))
    assert (without == frame).all()
    assert (with_badge != frame).any()


@pytest.mark.parametrize("kind", ["label", "box", "bars", "emoji", "none"])
def test_it_is_drawn_beside_every_kind(kind: str) -> None:
    frame = grey(1280, 720)
    shown = [
        Drawer(DrawStyle(kind=kind, badge=badge)).draw(frame, [reading((500, 200, 700, 400))])  # type: ignore[arg-type]
        for badge in (True, False)
    ]
    left, top, _, _ = extent(changed(*shown))
    assert (left > 640, top > 600) == (True, True)


def test_it_is_upright_in_the_mirror() -> None:
    plain, mirrored = (Drawer(BADGE).draw(grey(640, 360), [], mirror=mirror) for mirror in (False, True))
    assert (plain == mirrored).all()


def test_it_makes_way_for_a_face_and_then_stays_where_it_is() -> None:
    drawer = Drawer(BADGE)
    assert place(drawer, []) == "bottom-right"
    assert place(drawer, [(500, 250, 640, 360)]) == "top-left"
    assert place(drawer, []) == "top-left"
    assert place(drawer, [(0, 0, 100, 100), (500, 250, 640, 360)]) == "top-right"


def test_it_covers_least_where_faces_are_everywhere() -> None:
    corners = [(0.0, 0.0, 320.0, 180.0), (320.0, 0.0, 640.0, 180.0), (0.0, 180.0, 320.0, 360.0)]
    assert place(Drawer(BADGE), [*corners, (320, 180, 640, 340)]) == "bottom-right"


def test_it_makes_way_for_the_numbers() -> None:
    frame, face = grey(1280, 720), [reading((500, 200, 700, 400))]
    numbers = Drawer(DrawStyle(kind="none", numbers="bottom-right")).draw(frame, face)
    both = Drawer(DrawStyle(kind="none", numbers="bottom-right", badge=True)).draw(frame, face)
    assert extent(changed(both, numbers))[3] < 360


def test_a_label_makes_way_for_it() -> None:
    frame = grey(640, 360)
    face = [reading((420, 344, 520, 360))]  # its label would be where the badge is
    badge = Drawer(BADGE).draw(frame, face)
    shown = changed(badge, frame)
    both = Drawer(DrawStyle(kind="label", badge=True)).draw(frame, face)
    assert (both[shown] == badge[shown]).all()


def test_a_large_scale_leaves_it_small() -> None:
    widths = []
    for scale in (0.5, 1.0, 2.5):
        drawn = Drawer(DrawStyle(kind="none", badge=True, text_scale=scale)).draw(grey(1280, 720), [])
        left, _, right, _ = extent(changed(drawn, grey(1280, 720)))
        widths.append(right - left)
    assert widths[0] < widths[1] < widths[2] < 1.6 * widths[1]


@pytest.mark.parametrize("size", [(100, 80), (40, 300), (13, 13)])
def test_a_picture_too_small_for_words_gets_the_sign(size: tuple[int, int]) -> None:
    mask = changed(Drawer(BADGE).draw(grey(*size), []), grey(*size))
    assert 90 < mask.sum() <= 169
    assert np.ptp([*np.nonzero(mask)[0]]) <= 13
