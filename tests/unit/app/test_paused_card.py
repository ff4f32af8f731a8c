"""The card for a paused call: calm words, and nobody to be recognised."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from draw_makers import changed, extent, grey, noise

from app.pipeline.paused_card import paused_card
from model.paths import assets_folder


@pytest.fixture(scope="module")
def call() -> np.ndarray:
    """A picture of the demo, with its face."""
    capture = cv2.VideoCapture(str(assets_folder() / "demo.mp4"))
    good, picture = capture.read()
    capture.release()
    assert good
    return np.asarray(picture, np.uint8)


@pytest.mark.parametrize(
    "size", [(640, 360), (1280, 720), (641, 359), (360, 640), (1, 1), (2, 900), (900, 2), (16, 16)]
)
@pytest.mark.parametrize("last", [None, noise(320, 240), noise(1, 1), noise(7, 900)])
def test_it_has_the_size_asked_for(size: tuple[int, int], last: np.ndarray | None) -> None:
    card = paused_card(last, size, "paused")
    assert card.shape == (size[1], size[0], 3)
    assert card.dtype == np.uint8
    assert card.flags.c_contiguous


def test_the_words_are_in_the_middle() -> None:
    spoken, silent = (paused_card(None, (1280, 720), words) for words in ("paused", ""))
    left, top, right, bottom = extent(changed(spoken, silent))
    assert (left + right) / 2 == pytest.approx(640, abs=6)
    assert (top + bottom) / 2 == pytest.approx(400, abs=20)
    assert spoken[top:bottom, left:right].max() > 240
    assert silent.mean() < 60


def test_long_words_are_made_smaller_and_endless_ones_left_out() -> None:
    silent = paused_card(None, (640, 360), "")
    long = changed(paused_card(None, (640, 360), "the reading is paused, it goes on in a moment"), silent)
    left, _, right, _ = extent(long)
    assert left > 20
    assert right < 620
    assert (paused_card(None, (640, 360), "paused " * 60) == silent).all()


def test_what_was_last_seen_is_dark_and_coarse(call: np.ndarray) -> None:
    card = paused_card(call, (640, 480), "paused")
    assert card.mean() < 0.55 * call.mean()
    corner = card[:200, :150].astype(int)  # beside the words
    assert np.abs(np.diff(corner, axis=0)).max() <= 3
    assert np.abs(np.diff(corner, axis=1)).max() <= 3
    assert (paused_card(255 - call, (640, 480), "paused") != card).any()


def test_no_face_is_left_to_find(call: np.ndarray) -> None:
    from model.detector import FaceDetector

    card = paused_card(call, (640, 480), "")
    brightened = np.clip((card.astype(float) - card.min()) * 255 / (card.max() - card.min()), 0, 255).astype(np.uint8)
    detector = FaceDetector()
    try:
        assert len(detector.detect(call, 0.0)) == 1
        assert detector.detect(card, 10.0) == []
        assert detector.detect(np.ascontiguousarray(brightened), 20.0) == []
    finally:
        detector.close()


def test_the_last_picture_is_left_alone() -> None:
    last = grey()
    paused_card(last, (320, 240), "paused")
    assert (last == 128).all()
