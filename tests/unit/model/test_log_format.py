"""Logs are what people paste into reports: they hold no folder that tells who or where somebody is."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.log_format import PrivateFormatter, without_folders

NAMES = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=8).map(lambda name: f"q{name}q")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/home/ada/talks/a.mp4: no sound", "…/a.mp4: no sound"),
        ("cannot read '/home/ada/a.mp4'", "cannot read '…/a.mp4'"),
        ("/home/ada/my talks/a b.mp4: no sound", "…/a b.mp4: no sound"),
        (r"C:\Users\Ada\a.mp4 is open", "…/a.mp4 is open"),
        (r"\\server\ada\a.mp4", "…/a.mp4"),
        ("from /home/ada/a to /home/ada/b", "from …/b"),
        ("talks/a.mp4: no sound", "talks/a.mp4: no sound"),
        ("rtsp://camera.local/one/two", "rtsp://camera.local/one/two"),
        ("3/4 of 1/2 is gone", "3/4 of 1/2 is gone"),
        ("/dev/video0 is busy", "/dev/video0 is busy"),
    ],
)
def test_only_a_path_s_last_part_is_left(text, shown):
    assert without_folders(text) == shown


def test_what_lies_in_the_working_folder_is_told_from_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert without_folders(f"{tmp_path}/talks/a.mp4: no sound") == "talks/a.mp4: no sound"


@given(st.lists(NAMES, min_size=2, max_size=6), st.sampled_from(["%s", "(%s)", "'%s'", "reading %s: failed"]))
def test_no_folder_s_name_is_left(names, sentence):
    text = without_folders(sentence % Path("/", *names))
    assert names[-1] in text
    assert not [name for name in names[:-1] if f"{name}/" in text]


def test_an_exception_s_story_is_told_without_folders(tmp_path):
    try:
        raise OSError(f"{tmp_path}/a.mp4")
    except OSError as error:
        record = logging.LogRecord(
            "app", logging.ERROR, __file__, 1, "it failed", (), (OSError, error, error.__traceback__)
        )
    text = PrivateFormatter("%(levelname)s: %(message)s").format(record)
    assert text.startswith("ERROR: it failed\nTraceback")
    assert str(tmp_path.parent) not in text
    assert "…/a.mp4" in text
