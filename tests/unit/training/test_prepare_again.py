"""What is prepared already is known again, gone on with, or made anew where anything changed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs its extra")

from prepare_helpers import Quiet, hashes, made, run, write_faces

from model.errors import ConfigError, DataError
from training import preparation
from training.data.condense import open_condensed
from training.data.faces import Faces
from training.data.source import fingerprint
from training.preparation import Wanted, prepare


@pytest.fixture
def faces(tmp_path):
    return write_faces(tmp_path / "faces")


def no_building(*_given, **_named):
    pytest.fail("made it again")


def test_what_is_there_already_is_not_made_again(faces, tmp_path, monkeypatch):
    made(faces, tmp_path / "out")
    before = hashes(tmp_path / "out")
    with monkeypatch.context() as patched:
        patched.setattr(preparation, "read_data_set", no_building)
        lines = made(faces, tmp_path / "out")
    assert lines[1] == f"valid: 12 pictures -> {tmp_path / 'out' / 'valid'} (made already)"
    watch = Quiet()
    assert not made(faces, tmp_path / "out", watch, again=True)[0].endswith("(made already)")
    assert watch.ticks["valid"][-1] == 12
    assert hashes(tmp_path / "out") == before


@pytest.mark.parametrize(
    "change", ["size", "faces", "picture", "new picture", "a file of the set", "a split of the set"]
)
def test_what_changed_is_made_again(faces, tmp_path, change):
    made(faces, tmp_path / "out")
    more = {}
    picture = faces / "valid" / "sadness" / "sadness_0_0001.png"
    match change:
        case "size":
            more = {"channels": 3}
        case "faces":
            more = {"faces": Faces.WHOLE}
        case "picture":
            cv2.imwrite(str(picture), np.full((12, 12), 77, np.uint8))
        case "new picture":
            shutil.copy(picture, picture.with_name("sadness_99_0001.png"))
        case "a file of the set":
            (tmp_path / "out" / "valid" / "pixels-00000.npy").unlink()
        case "a split of the set":
            shutil.rmtree(tmp_path / "out" / "valid")
    lines = made(faces, tmp_path / "out", **more)
    assert not any("(made already)" in line for line in lines)
    assert len(open_condensed(tmp_path / "out" / "valid")) == (13 if change == "new picture" else 12)
    assert "(made already)" in made(faces, tmp_path / "out", **more)[0]


def test_a_zip_is_known_by_what_is_in_it(faces, tmp_path):
    def zipped(name, when):
        with zipfile.ZipFile(tmp_path / name, "w") as opened:
            for file in sorted(faces.rglob("*.png")):
                opened.writestr(zipfile.ZipInfo(str(file.relative_to(faces)), when), file.read_bytes())
        return tmp_path / name

    one, other = zipped("one.zip", (2020, 1, 1, 0, 0, 0)), zipped("other.zip", (2024, 1, 1, 0, 0, 0))
    assert fingerprint(one) == fingerprint(other)
    next(faces.rglob("*.png")).write_bytes(b"other")
    assert fingerprint(zipped("third.zip", (2020, 1, 1, 0, 0, 0))) != fingerprint(one)
    lines = made(one, tmp_path / "out")
    assert lines[0] == f"train: 12 pictures -> {tmp_path / 'out' / 'train'}"
    assert open_condensed(tmp_path / "out" / "train").names[0] == "train/happiness/happiness_0_0001.png"


def test_a_destination_inside_of_the_source_is_no_change_of_it(faces):
    made(faces, faces / "condensed")
    assert "(made already)" in made(faces, faces / "condensed")[0]
    with pytest.raises(ConfigError, match="DST is the data set itself"):
        made(faces, faces / "train" / "..")


def test_links_in_a_circle_do_no_harm(faces):
    (faces / "train" / "again").symlink_to(faces, target_is_directory=True)
    (faces / "train" / "nothing").symlink_to(faces / "gone")
    assert len(fingerprint(faces)) == 64


class Stopped(BaseException):
    pass


@pytest.mark.parametrize("renames", range(4))
def test_stopped_while_splits_move_to_their_places_it_ends_with_the_same_bytes(faces, tmp_path, monkeypatch, renames):
    made(faces, tmp_path / "whole", again=True)
    left = [renames]
    real = Path.rename

    def stopping(self, target):
        if left[0] == 0:
            raise Stopped
        left[0] -= 1
        return real(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", stopping)
        try:
            made(faces, tmp_path / "out")
        except Stopped:
            assert renames < 2
        else:
            assert renames >= 2
    watch = Quiet()
    made(faces, tmp_path / "out", watch)
    assert hashes(tmp_path / "out") == hashes(tmp_path / "whole")
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["train", "valid"]


@pytest.mark.slow
def test_on_a_disk_that_is_really_full_nothing_half_is_taken_for_whole(faces, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0:
        pytest.skip("making a small disk needs mount and root")
    small = [mount, "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)]
    if subprocess.run(small, capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine does not let a small disk be made")
    try:
        write_faces(faces, each=40)
        big = Wanted(kind="folder", source=faces, destination=disk / "out", size=64)
        with pytest.raises(DataError, match=r"train: cannot write .*No space left on device.; free some space, then"):
            prepare(big, Quiet(), shard_bytes=5 * 64 * 64)
        assert [file.name for file in (disk / "out").iterdir()] == [".train.part"]
        part = {file.name for file in (disk / "out" / ".train.part").iterdir()}
        assert "journal.json" in part
        assert not any(name.startswith(".") for name in part)
        subprocess.run([mount, "-o", "remount,size=8m", str(disk)], check=True)
        watch = Quiet()
        prepare(big, watch, shard_bytes=5 * 64 * 64)
        assert watch.ticks["train"][0] > 0  # gone on with
        whole = Wanted(kind="folder", source=faces, destination=tmp_path / "whole", size=64)
        prepare(whole, Quiet(), shard_bytes=5 * 64 * 64)
        assert hashes(disk / "out") == hashes(tmp_path / "whole")
    finally:
        subprocess.run(["umount", str(disk)], check=False)


def _without(key):
    return lambda index: index.pop(key)


def _made_from(**said):
    return lambda index: index["made_from"].update(said)


@pytest.mark.parametrize(
    "tamper",
    [
        lambda index: index["made_from"].pop("splits"),
        _made_from(splits=5),
        _made_from(splits=[[1]]),
        _made_from(splits=[]),
        _without("made_from"),
        _without("skipped"),
        _without("count"),
        lambda index: index.update(made_from=[1]),
        lambda index: index.update(dropped=[1]),
        lambda index: index.update(dropped={"a": "b"}),
        lambda index: index.update(skipped=[1]),
        lambda index: index.update(no_face="x"),
        lambda index: index.update(no_face=3),
    ],
)
@pytest.mark.parametrize("both", [False, True])
def test_a_set_whose_index_was_tampered_with_is_made_again(faces, tmp_path, capsys, tamper, both):
    assert run("folder", faces, tmp_path / "out", "--size", 8, "--jobs", 1) == 0
    whole = hashes(tmp_path / "out")
    for split in ("train", "valid") if both else ("train",):
        file = tmp_path / "out" / split / "index.json"
        index = json.loads(file.read_text())
        tamper(index)
        file.write_text(json.dumps(index))
    capsys.readouterr()
    assert run("folder", faces, tmp_path / "out", "--size", 8, "--jobs", 1) == 0
    out, err = capsys.readouterr()
    assert out.startswith("train: 12 pictures -> ")
    assert err == ""
    assert hashes(tmp_path / "out") == whole
