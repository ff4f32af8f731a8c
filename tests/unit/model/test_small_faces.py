"""Tiles: they cover the frame, find what is too small for the whole, and keep it in a video."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import skimage.data
from hypothesis import given
from hypothesis import strategies as st
from moving_faces import Stage

from model.boxes import centre_of
from model.detector import FaceDetector
from model.small_faces import OVERLAP, SmallFaces, tiles_of

WHERE = (940.0, 300.0)


@pytest.fixture(scope="module")
def far_away() -> np.ndarray:
    stage = Stage("coffee", width=1280, height=720)
    return stage.put(stage.plain, *WHERE, 1280 / 34)


@given(st.integers(1, 8000), st.integers(1, 8000))
def test_tiles_cover_the_frame_and_overlap(width: int, height: int) -> None:
    tiles = tiles_of(width, height)
    assert len(tiles) <= 16
    for low, high, length in ((0, 2, width), (1, 3, height)):
        spans = sorted({(tile[low], tile[high]) for tile in tiles})
        assert spans[0][0] == 0
        assert spans[-1][1] == length
        for (begin, end), (next_begin, _) in pairwise(spans):
            assert end - next_begin >= OVERLAP * (end - begin) - 2


def test_a_face_too_small_for_the_whole_is_found(far_away: np.ndarray) -> None:
    with FaceDetector(mode="image") as plain, SmallFaces(mode="image") as tiled:
        assert plain.detect(far_away) == []
        (face,) = tiled.detect(far_away)
    assert centre_of(face.box) == pytest.approx(WHERE, abs=8)
    assert face.box[2] - face.box[0] == pytest.approx(1280 / 34, rel=0.35)


def test_a_larger_face_is_given_once(far_away: np.ndarray) -> None:
    stage = Stage("coffee", width=1280, height=720)
    with SmallFaces(mode="image") as tiled:
        assert len(tiled.detect(stage.put(stage.plain, 640, 360, 190))) == 1


def test_in_a_video_it_is_found_within_as_many_detections_as_there_are_tiles_and_kept(far_away: np.ndarray) -> None:
    tiles = len(tiles_of(1280, 720))
    with SmallFaces() as tiled:
        counts = [len(tiled.detect(far_away, step / 10)) for step in range(2 * tiles)]
        assert max(counts[:tiles]) == 1
        first = counts.index(1)
        assert counts[first:] == [1] * (2 * tiles - first)
        assert (
            len(tiled.detect(np.ascontiguousarray(skimage.data.chelsea()[:, :, ::-1]), 9.0)) == 0
        )  # a cat; it is gone
