import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from model.face import Face
from model.following.similarity import Similarity, fit_similarity


def _motions(least: float, most: float, turn: float) -> st.SearchStrategy[Similarity]:
    return st.builds(
        lambda scale, turn, right, down: Similarity(
            a=scale * math.cos(turn), b=scale * math.sin(turn), right=right, down=down
        ),
        st.floats(least, most),
        st.floats(-turn, turn),
        st.floats(-200, 200),
        st.floats(-200, 200),
    )


motions = _motions(0.7, 1.4, 0.6)
of_a_head = _motions(0.8, 1.25, 0.3)  # between two detections


def _points(seed: int, count: int = 20) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0, 300, (count, 2)).astype(np.float32)


@given(motions, st.integers(0, 1000))
def test_finds_the_motion_of_all_points(motion: Similarity, seed: int) -> None:
    before = _points(seed)
    found = fit_similarity(before, motion.points(before), least=0.5)
    assert found is not None
    assert found[1].all()
    np.testing.assert_allclose(found[0].matrix, motion.matrix, atol=0.05, rtol=1e-3)


@given(of_a_head, st.integers(0, 1000))
@example(Similarity(a=1.25 * math.cos(0.25), b=1.25 * math.sin(0.25)), 512)  # once fitted to all of them
def test_a_quarter_that_moved_otherwise_does_not_count(motion: Similarity, seed: int) -> None:
    before = _points(seed)
    after = motion.points(before)
    after[:5] += np.random.default_rng(seed + 1).uniform(150, 300, (5, 2)).astype(np.float32)
    found = fit_similarity(before, after, least=0.5)
    assert found is not None
    assert found[1].tolist() == [False] * 5 + [True] * 15
    np.testing.assert_allclose(found[0].points(before)[5:], after[5:], atol=0.1)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_too_few_points_tell_no_size(count: int) -> None:
    before = _points(0, count)
    assert fit_similarity(before, before, least=1.0) is None


def test_points_in_one_place_tell_no_size() -> None:
    before = np.full((10, 2), 5.0, np.float32)
    assert fit_similarity(before, before + 1, least=1.0) is None


@given(motions)
def test_a_box_stays_upright_and_grows_with_its_keypoints(motion: Similarity) -> None:
    keypoints = np.array([(30, 40), (60, 40), (45, 55), (45, 70), (20, 45), (70, 45)], np.float32)
    moved = motion.face(Face(box=(20, 20, 70, 80), score=0.9, keypoints=keypoints))
    x_min, y_min, x_max, y_max = moved.box
    assert (x_max - x_min, y_max - y_min) == pytest.approx((50 * motion.scale, 60 * motion.scale))
    middle = motion.points(np.array([(45, 50)], np.float32))[0]
    assert ((x_min + x_max) / 2, (y_min + y_max) / 2) == pytest.approx(tuple(map(float, middle)), abs=1e-3)
    np.testing.assert_allclose(moved.keypoints, motion.points(keypoints))
    assert moved.score == 0.9
