"""Preparing: published sets in, condensed splits out, all of them or none."""

from __future__ import annotations

import shutil
import stat
import sys

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs its extra")

from prepare_helpers import Quiet, made, write_faces

from model.errors import DataError
from training import preparation
from training.data.condense import open_condensed
from training.data.faces import Faces
from training.data.only_one import only_one


@pytest.fixture
def faces(tmp_path):
    return write_faces(tmp_path / "faces")


def test_every_split_becomes_a_condensed_set(faces, tmp_path):
    lines = made(faces, tmp_path / "out")
    assert lines == [f"{name}: 12 pictures -> {tmp_path / 'out' / name}" for name in ("train", "valid")]
    train = open_condensed(tmp_path / "out" / "train")
    assert train.names[:2] == ("train/happiness/happiness_0_0001.png", "train/happiness/happiness_1_0001.png")
    assert train.groups[:2] == ("happiness_0", "happiness_1")
    assert train.index["source"] == "folder faces"
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["train", "valid"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_what_holds_faces_is_for_its_user_alone(faces, tmp_path):
    made(faces, tmp_path / "out")
    for place in (tmp_path / "out", *(tmp_path / "out").rglob("*")):
        assert stat.S_IMODE(place.stat().st_mode) == (0o700 if place.is_dir() else 0o600), place


@pytest.mark.parametrize("skip", ["a file that is no picture", "a broken picture"])
def test_strict_refuses_any_skip_and_leaves_nothing(faces, tmp_path, skip):
    for place in range(3):
        name = f"x{place}.png" if skip == "a broken picture" else f"x{place}.txt"
        (faces / "valid" / "sadness" / name).write_text("no picture")
    first = "valid/sadness/x0\\.(png|txt): not a (readable 8-bit picture|picture file)"
    with pytest.raises(DataError, match=rf"faces: 3 skipped, and --strict allows none; the first: .*{first}"):
        made(faces, tmp_path / "out", strict=True)
    assert not (tmp_path / "out").exists()
    assert made(faces, tmp_path / "out")[1].endswith(
        f"; 3 broken, listed in {tmp_path / 'out' / 'valid' / 'index.json'}"
    )
    with pytest.raises(DataError, match="3 skipped, and --strict allows none"):
        made(faces, tmp_path / "out", strict=True)


def test_pictures_without_a_face_are_counted_apart(faces, tmp_path, monkeypatch):
    def no_face(self, picture, box):
        raise DataError("no face found") if picture[0, 0] % 2 else DataError("no box of its own")

    first = sorted((faces / "valid").rglob("*.png"))[:4]
    for place, file in enumerate(first):
        cv2.imwrite(str(file), np.full((8, 8), 1 if place < 3 else 2, np.uint8))

    def cut(self, picture, box):
        return no_face(self, picture, box) if np.ptp(picture) == 0 else picture

    monkeypatch.setattr("training.data.faces.FaceCutter.cut", cut)
    line = made(faces, tmp_path / "out", faces=Faces.DETECTOR)[1]
    assert line.startswith("valid: 8 pictures")
    assert "; 3 no face found and 1 broken, listed in" in line


def test_persons_are_held_out_and_cut_in_another_way_none_stays_where_it_was(tmp_path):
    faces = write_faces(tmp_path / "faces", splits=("train",), each=20)
    first, second, third = Quiet(), Quiet(), Quiet()
    made(faces, tmp_path / "out", first, valid_share=0.3, test_share=0.2)
    parts = {name: set(open_condensed(tmp_path / "out" / name).groups) for name in ("train", "valid", "test")}
    assert sum(map(len, parts.values())) == len(set.union(*parts.values())) == 40
    made(faces, tmp_path / "out", second, valid_share=0.3)
    assert second.said == [f"removed {tmp_path / 'out' / 'test'}: the same data set, cut in another way"]
    assert len(open_condensed(tmp_path / "out" / "train")) == 40 - len(parts["valid"])
    other = write_faces(tmp_path / "others", splits=("test",), each=2)
    made(other, tmp_path / "out", third)
    said = [line for line in third.said if "stays as it is" in line]
    assert said == [
        f"note: {tmp_path / 'out' / name} is of another data set (folder faces) and stays as it is"
        for name in ("train", "valid")
    ]


def test_a_source_that_changes_while_it_is_read_is_refused(faces, tmp_path, monkeypatch):
    traces = iter(["before", "after"])
    monkeypatch.setattr(preparation, "fingerprint", lambda *given, **named: next(traces))
    with pytest.raises(DataError, match="faces: changed while it was read; the same command begins anew"):
        made(faces, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_one_process_at_a_time_works_in_a_folder(faces, tmp_path):
    pytest.importorskip("fcntl", reason="no such lock on this system")
    (tmp_path / "out").mkdir()
    with only_one(tmp_path / "out"), pytest.raises(DataError, match="another process is preparing a data set there"):
        made(faces, tmp_path / "out")
    assert len(made(faces, tmp_path / "out")) == 2


def test_a_disk_that_is_too_small_is_said_before(faces, tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)._replace(free=100)
    monkeypatch.setattr(preparation.shutil, "disk_usage", lambda _: usage)
    watch = Quiet()
    made(faces, tmp_path / "out", watch)
    assert watch.said == [f"note: this takes up to 0.0 GB, and {tmp_path / 'out'} has 0.0 GB left"]
