"""Room on the disk, in bytes and in minutes."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sinks.disk_space import FLOOR_BYTES, check_room, free_space, minutes_left
from model.errors import SinkError


def test_a_folder_that_is_not_there_yet_has_the_room_of_the_one_above(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free
    assert free_space(tmp_path / "a" / "b") == pytest.approx(free, rel=0.1)


def test_a_relative_folder_is_asked_where_it_would_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert free_space(Path("a/b")) > 0


def test_a_disk_that_is_gone_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(path: Path) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(shutil, "disk_usage", gone)
    with pytest.raises(SinkError, match="input/output error"):
        free_space(tmp_path)


def test_minutes_end_at_the_floor() -> None:
    assert minutes_left(FLOOR_BYTES + 60 * 250_000, 250_000) == pytest.approx(1.0)
    assert minutes_left(FLOOR_BYTES - 1, 250_000) == 0.0
    assert minutes_left(FLOOR_BYTES - 1, 0) == 0.0
    assert minutes_left(10**12, 0) == math.inf


@given(st.integers(0, 10**14), st.floats(0, 1e9, allow_nan=False))
def test_minutes_are_never_negative_and_fall_with_the_rate(free: int, rate: float) -> None:
    assert minutes_left(free, rate) >= minutes_left(free, rate * 2 + 1) >= 0


def test_little_room_is_refused_in_words(tmp_path: Path) -> None:
    check_room(tmp_path, FLOOR_BYTES)
    with pytest.raises(SinkError, match=r"less than 200 MB are left for .*; free some space or use another folder"):
        check_room(tmp_path, FLOOR_BYTES - 1)
