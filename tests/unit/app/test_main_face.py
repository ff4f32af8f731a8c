"""The main face: the largest and most central, kept while it is there."""

from __future__ import annotations

import numpy as np

from app.pipeline.main_face import MainFace
from app.types import Face, Track

SIZE = (640, 480)


def track(identity, x, y, side, *, visible=True):
    face = Face(box=(x, y, x + side, y + side), score=0.9, keypoints=np.zeros((6, 2), np.float32))
    return Track(id=identity, face=face, visible=visible)


def ids(tracks):
    return [each.id for each in tracks]


def test_the_largest_is_chosen():
    assert ids(MainFace().choose([track(1, 300, 200, 40), track(2, 250, 150, 120)], SIZE)) == [2]


def test_of_two_alike_the_central_one_is_chosen():
    assert ids(MainFace().choose([track(1, 0, 0, 100), track(2, 270, 190, 100)], SIZE)) == [2]


def test_it_sticks_to_its_face_when_a_larger_one_comes():
    main = MainFace()
    main.choose([track(1, 270, 190, 80)], SIZE)
    assert ids(main.choose([track(1, 270, 190, 80), track(2, 100, 100, 300)], SIZE)) == [1]


def test_it_waits_for_a_lost_face_and_takes_another_when_it_is_gone():
    main = MainFace()
    main.choose([track(1, 270, 190, 80)], SIZE)
    assert ids(main.choose([track(1, 270, 190, 80, visible=False), track(2, 0, 0, 50)], SIZE)) == [1]
    assert ids(main.choose([track(2, 0, 0, 50)], SIZE)) == [2]


def test_nobody_gives_nothing():
    assert MainFace().choose([], SIZE) == []
