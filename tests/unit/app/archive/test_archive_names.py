"""Any name becomes a folder's name that every system takes and every reader turns back."""

from __future__ import annotations

import os
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.archive.names import partition_of


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("talk.mp4", "file=talk.mp4"),
        ("talks/monday 1.mp4", "file=talks%2Fmonday%201.mp4"),
        ("two\nlines.mkv", "file=two%0Alines.mkv"),
        ("Привет.webm", "file=Привет.webm"),
        ("100%=a:b.mp4", "file=100%25%3Da%3Ab.mp4"),
        ("end.", "file=end%2E"),
    ],
)
def test_names_are_encoded(name: str, folder: str) -> None:
    assert partition_of(name) == folder


@given(st.text(min_size=1, max_size=60))
def test_a_name_of_unicode_comes_back_unless_it_is_too_long(name: str) -> None:
    try:
        name.encode()
    except UnicodeEncodeError:
        return
    folder = partition_of(name)
    assert len(folder.encode()) <= 255
    assert not set(folder) & set('/\\:*?"<>| \n\0')
    if "~" not in folder or "~" in name:
        assert unquote(folder.removeprefix("file=")) == name


def test_long_names_and_bytes_that_are_no_unicode_stay_apart() -> None:
    long = ["講" * 200 + end for end in ("1.mp4", "2.mp4")]
    broken = [os.fsdecode(b"caf\xe9.mp4"), os.fsdecode(b"caf\xe8.mp4")]
    folders = [partition_of(name) for name in long + broken]
    assert len(set(folders)) == 4
    assert all(len(folder.encode()) <= 255 for folder in folders)
    assert folders[2].startswith("file=caf\ufffd.mp4~")
