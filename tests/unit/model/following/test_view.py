import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.following.view import VIEW_SIDE, view_of


def _ramps(height: int = 480, width: int = 640) -> np.ndarray:
    """Green says where a pixel is: brighter to the right and downwards."""
    rows, columns = np.mgrid[:height, :width]
    return np.repeat((columns / width * 120 + rows / height * 120)[..., None], 3, axis=2).astype(np.uint8)


@given(st.floats(200, 440), st.floats(200, 280), st.floats(0.5, 3.9))
def test_shows_what_is_at_each_place(x: float, y: float, scale: float) -> None:
    frame = _ramps()
    view = view_of(frame, (x, y), scale)
    assert view.pixels.shape == (VIEW_SIDE, VIEW_SIDE)
    for column, row in [(0, 0), (95, 0), (48, 48), (10, 90)]:
        there = view.to_frame(np.array([(column, row)], np.float32))[0]
        expected = there[0] / 640 * 120 + there[1] / 480 * 120
        assert float(view.pixels[row, column]) == pytest.approx(expected, abs=1.5)


@given(st.floats(-1000, 2000), st.floats(-1000, 2000), st.floats(0.1, 20))
def test_there_and_back(x: float, y: float, scale: float) -> None:
    view = view_of(np.zeros((48, 64, 3), np.uint8), (x, y), scale)
    points = np.array([(0, 0), (12.5, 80)], np.float32)
    np.testing.assert_allclose(view.from_frame(view.to_frame(points)), points, atol=0.05)


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (480, 1)])
def test_tiny_frames_have_views(shape: tuple[int, int]) -> None:
    view = view_of(np.full((*shape, 3), 77, np.uint8), (0.5, 0.5), 4.0)
    assert (view.pixels == 77).all()
