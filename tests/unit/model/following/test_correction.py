import numpy as np
import pytest

from model.face import Face
from model.following.correction import GIVE_UP_S, Correction


def _face(x: float, y: float, side: float = 100) -> Face:
    keypoints = np.array([(x + part * side / 6, y + side / 3) for part in range(6)], np.float32)
    return Face(box=(x, y, x + side, y + side), score=0.8, keypoints=keypoints)


def test_begins_where_it_was_shown_and_ends_where_it_is() -> None:
    shown, detected = _face(52, 60), _face(60, 58)
    correction = Correction(shown, detected, 7.0)
    first = correction.apply(detected, 7.0)
    assert first.box == pytest.approx(shown.box)
    np.testing.assert_allclose(first.keypoints, shown.keypoints, atol=1e-4)
    later = [correction.apply(detected, 7.0 + step * GIVE_UP_S).box[0] for step in range(8)]
    assert later == sorted(later)
    assert later[-1] == pytest.approx(60, abs=0.02)


def test_a_face_that_is_far_off_is_put_right_at_once() -> None:
    detected = _face(80, 60)
    assert Correction(_face(50, 60), detected, 0.0).apply(detected, 0.0).box == detected.box
