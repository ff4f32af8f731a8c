"""Logs are what people paste into reports: they hold no folder that tells who or where somebody is."""

from __future__ import annotations

import logging
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.log_format import PrivateFormatter, without_folders

NAMES = st.text(st.characters(categories=["L", "N"]) | st.sampled_from("' \"():*?<>|;,-"), min_size=1, max_size=8).map(
    lambda name: f"q{name}q"
)
BEGINNINGS = ("/", "//", "../", "../../", "~/", "~ada/", "file:///", "talks/../../")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/home/ada/talks/a.mp4: no sound", "…/a.mp4: no sound"),
        ("cannot read '/home/ada/a.mp4'", "cannot read '…/a.mp4'"),
        ("/home/ada/my talks/a b.mp4: no sound", "…/a b.mp4: no sound"),
        (r"C:\Users\Ada\a.mp4 is open", "…/a.mp4 is open"),
        (r"\\server\ada\a.mp4", "…/a.mp4"),
        ("from /home/ada/a to /home/ada/b", "from …/b"),
        ("/home/ada/Mum's secret/bad.mp4: no sound", "…/bad.mp4: no sound"),
        ('cannot read "/home/ada/Mum\'s secret/bad.mp4"', 'cannot read "…/bad.mp4"'),
        ('/home/ada/the "best"/a.mp4', "…/a.mp4"),
        ("/home/ada/1:2/x|y/what?/<a>/a*b/a.mp4", "…/a.mp4"),
        ("/home/ada/talks: old/a.mp4: no sound", "…/a.mp4: no sound"),
        ("/home//ada///secret/a.mp4", "…/a.mp4"),
        ("//server/ada/a.mp4", "…/a.mp4"),
        ("../../tmp/x/bad.mp4: no sound", "…/bad.mp4: no sound"),
        ("talks/../../ada/x/bad.mp4: no sound", "…/bad.mp4: no sound"),
        (r"..\ada\a.mp4", "…/a.mp4"),
        ("path=../ada/x/bad.mp4", "path=…/bad.mp4"),
        ("file:///home/ann/x.mp4: no sound", "…/x.mp4: no sound"),
        ("cannot list FILE://localhost/home/ann/x.mp4", "cannot list …/x.mp4"),
        ("~/x", "…/x"),
        ("~/secret/x.mp4: no sound", "…/x.mp4: no sound"),
        ("~ann/secret/x.mp4", "…/x.mp4"),
        ("/dev/shm/secret/x.mp4", "…/x.mp4"),
        ("/home/ada/a.mp4: cannot open /home/ada/b.mp4", "…/a.mp4: cannot open …/b.mp4"),
        ("PosixPath('/home/ada/a.mp4')", "PosixPath('…/a.mp4')"),
        ('  File "/home/ada/app/a.py", line 3, in f', '  File "…/a.py", line 3, in f'),
        ("https://a.org/one/two and 3 / 4", "https://a.org/one/two and 3 / 4"),
        ("wait... and go, 1..2", "wait... and go, 1..2"),
        ("talks/a.mp4: no sound", "talks/a.mp4: no sound"),
        ("rtsp://camera.local/one/two", "rtsp://camera.local/one/two"),
        ("3/4 of 1/2 is gone", "3/4 of 1/2 is gone"),
        ("/dev/video0 is busy", "/dev/video0 is busy"),
    ],
)
def test_only_a_path_s_last_part_is_left(text, shown):
    assert without_folders(text) == shown


@pytest.mark.parametrize("part", ["..-", ",a/", "'a/", "/a: ", " ../", "~a", "\\", "a/.."])
def test_a_long_line_takes_no_longer_than_its_length(part):
    began = time.perf_counter()
    without_folders(part * 20_000)
    assert time.perf_counter() - began < 2  # 20 s where each sign is looked at again and again


def test_what_lies_in_the_working_folder_is_told_from_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert without_folders(f"{tmp_path}/talks/a.mp4: no sound") == "talks/a.mp4: no sound"


@given(
    st.lists(NAMES, min_size=2, max_size=6),
    st.sampled_from(BEGINNINGS),
    st.sampled_from(["%s", "(%s)", "'%s'", "reading %s: failed"]),
)
def test_no_folder_s_name_is_left(names, beginning, sentence):
    text = without_folders(sentence % f"{beginning}{'/'.join(names)}")
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


def test_a_line_break_in_a_name_neither_keeps_a_folder_nor_forges_a_record():
    record = logging.LogRecord(
        "app", logging.WARNING, __file__, 1, "%s: no sound", ("/home/ada/a\nERROR: b/talk\x1b[2J.mp4",), None
    )
    text = PrivateFormatter("%(levelname)s: %(message)s").format(record)
    assert text == "WARNING: …/talk\N{REPLACEMENT CHARACTER}[2J.mp4: no sound"
