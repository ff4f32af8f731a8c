"""A data set's folder: only regular files inside of it are read, whatever its links and pipes lead to."""

from __future__ import annotations

import os
import sys

import pytest
from data_set_makers import write_picture

from model.errors import DataError
from training.data.source import fingerprint, open_root
from training.prepare import main

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows lets only some users make links")


@pytest.fixture
def faces(tmp_path):
    for number in range(3):
        write_picture(tmp_path / "faces" / "happiness" / f"{number}.png")
    return tmp_path / "faces"


def condensed(faces, tmp_path):
    return main(["folder", str(faces), str(tmp_path / "out"), "--size", "8", "--jobs", "1"])


@pytest.mark.parametrize("what", ["a file", "a folder", "a place above"])
def test_a_link_that_leads_out_of_a_data_set_is_refused_in_one_line(faces, tmp_path, capsys, what):
    write_picture(tmp_path / "other" / "secret.png")
    target = {"a file": tmp_path / "other" / "secret.png", "a folder": tmp_path / "other", "a place above": ".."}[what]
    link = faces / "sadness.png"
    link.symlink_to(target)
    assert condensed(faces, tmp_path) == 1
    said = capsys.readouterr().err
    assert said == f"error: {link}: a link that leads out of the data set; put there what it leads to\n"
    with pytest.raises(DataError, match="a link that leads out"):
        fingerprint(faces)


def test_links_inside_of_a_data_set_are_read_and_a_link_to_it_as_well(faces, tmp_path, capsys):
    (faces / "happiness" / "again.png").symlink_to("0.png")
    (faces / "sadness").symlink_to("happiness")
    (tmp_path / "link").symlink_to(faces)
    assert condensed(tmp_path / "link", tmp_path) == 0
    assert "train: 8 pictures" in capsys.readouterr().out
    before = fingerprint(faces)
    assert fingerprint(tmp_path / "link") == before
    (faces / "sadness").unlink()
    (faces / "sadness").symlink_to(".")
    assert fingerprint(faces) != before


def test_what_is_made_may_lie_behind_a_link_in_the_data_set(faces, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (faces / "condensed").symlink_to(tmp_path / "elsewhere")
    assert open_root(faces, apart_from=faces / "condensed") == faces


def test_a_pipe_among_pictures_is_skipped_and_listed(faces, tmp_path, capsys):
    os.mkfifo(faces / "happiness" / "pipe.png")
    assert condensed(faces, tmp_path) == 0
    assert "train: 3 pictures" in (said := capsys.readouterr().out)
    assert "1 broken" in said
    assert "pipe.png: cannot be read (not a regular file)" in (tmp_path / "out" / "train" / "index.json").read_text()
