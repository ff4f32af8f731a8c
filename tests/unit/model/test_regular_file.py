"""Small files are read within a bound, and nothing that may never end."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from model.regular_file import read_regular


def test_no_more_is_read_than_asked(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12345")
    assert read_regular(tmp_path / "a", 9) == b"12345"
    assert read_regular(tmp_path / "a", 3) == b"123"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names there")
@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_what_is_no_regular_file_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    place = {"pipe": tmp_path / "pipe", "device": Path("/dev/zero"), "folder": tmp_path}[kind]
    if kind == "pipe":
        os.mkfifo(place)
    with pytest.raises(OSError, match="no regular file"):
        read_regular(place, 9)


def test_one_that_is_not_there_is_told_as_always(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_regular(tmp_path / "gone", 9)
