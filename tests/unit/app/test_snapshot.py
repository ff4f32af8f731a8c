"""A snapshot appears whole, for its user alone, under a name of its own."""

from __future__ import annotations

import errno
import os
import platform
import re
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from video_makers import red_square

from app.sinks import snapshot
from app.sinks.new_file import stem_of
from app.sinks.snapshot import save_snapshot
from model.errors import SinkError

NOW_S = 1_795_611_912.345


@pytest.fixture(scope="module")
def utc() -> Iterator[None]:
    """A zone in which no hour comes twice."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


def test_the_picture_is_kept_to_the_pixel(tmp_path: Path) -> None:
    path = save_snapshot(red_square(), tmp_path / "new" / "folder", NOW_S)
    assert np.array_equal(cv2.imread(str(path)), red_square())
    assert path.parent == tmp_path / "new" / "folder"
    assert re.fullmatch(r"affectcam \d{4}-\d\d-\d\d \d\d-\d\d-\d\d-345\.png", path.name)
    assert list(path.parent.iterdir()) == [path]


def test_it_is_called_after_the_present_moment(tmp_path: Path) -> None:
    before, path, after = time.time(), save_snapshot(red_square(), tmp_path), time.time()
    assert stem_of(before) <= path.stem[:-4] <= stem_of(after)


@pytest.mark.skipif(os.name != "posix", reason="modes of files")
def test_it_is_for_this_user_alone_even_with_a_generous_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        path = save_snapshot(red_square(), tmp_path, NOW_S)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("links", [True, False], ids=["links", "no links, as on FAT"])
def test_many_at_one_moment_get_names_that_sort_and_replace_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    if not links:
        monkeypatch.setattr(os, "link", refuse(errno.EPERM))
    pictures = [np.full((4, 6, 3), level, np.uint8) for level in range(5)]
    paths = [save_snapshot(picture, tmp_path, NOW_S) for picture in pictures]
    assert sorted(paths) == paths
    assert sorted(tmp_path.iterdir()) == paths
    assert [int(cv2.imread(str(path))[0, 0, 0]) for path in paths] == [0, 1, 2, 3, 4]


def test_a_folder_that_is_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    with pytest.raises(SinkError, match=r"cannot write .*taken"):
        save_snapshot(red_square(), tmp_path / "taken", NOW_S)


@pytest.mark.skipif(platform.system() != "Linux", reason="a limit on the size of files")
def test_a_disk_that_refuses_leaves_nothing(tmp_path: Path) -> None:
    import resource

    noise = np.random.default_rng(0).integers(0, 256, (120, 160, 3), dtype=np.uint8)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        with pytest.raises(SinkError, match="the file is larger than this system allows") as caught:
            save_snapshot(noise, tmp_path, NOW_S)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_failing_rename_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "_renamed", refuse(errno.EIO))
    with pytest.raises(SinkError, match="input/output error"):
        save_snapshot(red_square(), tmp_path, NOW_S)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="zones of one process")
@given(st.lists(st.integers(0, 4_000_000_000), min_size=2, max_size=2, unique=True))
def test_names_sort_by_time(utc: None, seconds: list[int]) -> None:
    earlier, later = sorted(seconds)
    assert stem_of(earlier) < stem_of(later)


def refuse(code: int):
    def refused(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    return refused
