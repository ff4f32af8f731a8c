"""``python -m training.prepare``: published sets in, condensed splits out, all of them or none, and never twice."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs its extra")

from model.errors import ConfigError, DataError
from training import preparation
from training.data.condense import open_condensed
from training.data.faces import Faces
from training.data.only_one import only_one
from training.data.source import fingerprint
from training.preparation import Wanted, prepare
from training.prepare import KINDS, main

ROOT = Path(__file__).parents[3]


class Quiet:
    """Hears what is said, and which splits are decoded how far."""

    def __init__(self):
        self.said, self.ticks = [], {}

    def begin(self, split, total):
        self.ticks[split] = []
        return self.ticks[split].append

    def say(self, line):
        self.said.append(line)


def write_faces(root, *, splits=("train", "valid"), each=6):
    rng = np.random.default_rng(0)
    for split in splits:
        for emotion in ("happiness", "sadness"):
            folder = root / split / emotion
            folder.mkdir(parents=True, exist_ok=True)
            for person in range(each):
                cv2.imwrite(
                    str(folder / f"{emotion}_{person}_0001.png"), rng.integers(0, 255, (12, 12), dtype=np.uint8)
                )
    return root


@pytest.fixture
def faces(tmp_path):
    return write_faces(tmp_path / "faces")


def made(source, destination, watch=None, *, jobs=1, strict=False, again=False, shard_bytes=1 << 20, **more):
    wanted = Wanted(kind="folder", source=source, destination=destination, size=8, **more)
    return prepare(wanted, watch or Quiet(), jobs=jobs, strict=strict, again=again, shard_bytes=shard_bytes)


def hashes(folder):
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.rglob("*")
        if file.is_file()
    }


def no_building(*_given, **_named):
    pytest.fail("made it again")


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


def run(*words):
    return main([str(word) for word in words])


def test_the_command_says_what_it_made(faces, tmp_path, capsys):
    out = tmp_path / "out"
    assert run("folder", faces, out, "--size", 16, "--colour", "--jobs", 1) == 0
    assert capsys.readouterr().out == f"train: 12 pictures -> {out / 'train'}\nvalid: 12 pictures -> {out / 'valid'}\n"
    assert open_condensed(out / "train").take(np.array([0])).shape == (1, 16, 16, 3)


def test_ferplus_is_prepared_as_documented(tmp_path, capsys):
    folder = tmp_path / "FERPlus" / "data" / "FER2013Train"
    folder.mkdir(parents=True)
    rows = []
    for place, votes in enumerate(("10,0,0,0,0,0,0,0,0,0", "0,9,0,0,0,0,0,1,0,0", "0,0,0,0,0,0,0,0,10,0")):
        cv2.imwrite(str(folder / f"fer{place:07d}.png"), np.full((48, 48), place, np.uint8))
        rows.append(f'fer{place:07d}.png,"(0, 0, 48, 48)",{votes}')
    (folder / "label.csv").write_text("\n".join(rows))
    assert run("ferplus", tmp_path / "FERPlus", tmp_path / "out") == 0
    said = f"train: 2 pictures -> {tmp_path / 'out' / 'train'}; left out by the data set's rule: 1 winner is unknown\n"
    assert capsys.readouterr().out == said
    made_set = open_condensed(tmp_path / "out" / "train")
    assert made_set.take(np.array([1])).shape == (1, 48, 48, 1)
    assert made_set.labels.tolist() == [0, 1]


def test_affectnets_photographs_are_cut_at_their_boxes_and_keep_valence_and_arousal(tmp_path, capsys):
    root = tmp_path / "AffectNet"
    (root / "Manually_Annotated_Images" / "1").mkdir(parents=True)
    photograph = np.zeros((60, 60, 3), np.uint8)
    photograph[20:40, 10:30] = 200
    header = "subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,arousal"
    for table in ("training", "validation"):
        cv2.imwrite(str(root / "Manually_Annotated_Images" / "1" / f"{table}.png"), photograph)
        row = f"1/{table}.png,10,20,20,20,0;0,1,0.5,-0.25"
        (root / f"{table}.csv").write_text(f"{header}\n{row}\n")
    assert run("affectnet", root, tmp_path / "out", "--size", 8) == 0
    assert f"valid: 1 pictures -> {tmp_path / 'out' / 'valid'}\n" in capsys.readouterr().out
    made_set = open_condensed(tmp_path / "out" / "train")
    assert (made_set.take(np.array([0])) == 200).all()
    assert made_set.valence_arousal.tolist() == [[0.5, -0.25]]
    assert made_set.labels.tolist() == [1]
    assert made_set.names == ("Manually_Annotated_Images/1/training.png",)
    assert run("affectnet", root, tmp_path / "whole", "--size", 8, "--faces", "whole") == 0
    assert open_condensed(tmp_path / "whole" / "train").take(np.array([0])).mean() < 50


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["foldr", "a", "b"], "No such command 'foldr'"),
        (["folder", "a"], "Missing argument 'DST'"),
        (["folder", "a", "b", "--sise", "3"], "No such option: --sise"),
        (["folder", "a", "b", "--size", "3"], "--size': Input should be greater than or equal to 8"),
        (["folder", "a", "b", "--faces", "nose"], "'nose' is not one of"),
        (["folder", "a", "b", "--jobs", "0"], "--jobs': Input should be greater"),
        (["folder", "a", "b", "c"], "unexpected extra argument"),
    ],
)
def test_wrong_words_are_one_line(words, expected, capsys):
    assert run(*words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert expected in err
    assert err.count("\n") == 1
    assert "--help" in err


@pytest.mark.parametrize(
    ("more", "code", "expected"),
    [
        (["--faces", "box"], 2, "its faces have no boxes; use --faces whole or --faces detector"),
        (["--valid-share", "0.6", "--test-share", "0.6"], 2, "give two from 0 that sum below 1"),
        (["--valid-share", "0.1"], 1, "has a split 'valid' of its own; leave out --valid-share"),
    ],
)
def test_what_cannot_be_done_is_one_line(faces, tmp_path, capsys, more, code, expected):
    assert run("folder", faces, tmp_path / "out", *more) == code
    err = capsys.readouterr().err
    assert err.startswith("error: ")
    assert expected in err
    assert err.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_shows_its_layout_and_an_example(kind, capsys):
    assert run(kind, "--layout") == 0
    layout = capsys.readouterr().out
    assert "Where: " in layout
    assert run(kind, "--help") == 0
    assert f"python -m training.prepare {kind} " in capsys.readouterr().out


def test_no_words_show_the_help(capsys):
    assert run() == 0
    shown = capsys.readouterr().out
    assert all(f"  {kind}  " in shown for kind in KINDS)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_is_one_line_that_says_how_to_go_on(faces, tmp_path, stop):
    pipe = faces / "train" / "happiness" / "zzz.png"
    os.mkfifo(pipe)  # reading it waits for ever, if it is not looked at before
    program = (
        "import sys; from training.data import sample; sample.stated_bytes = lambda _: 0; "
        "from training.prepare import main; sys.exit(main())"
    )
    command = [sys.executable, "-c", program, "folder", str(faces), str(tmp_path / "out"), "--jobs", "1"]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    writer = None
    try:
        while writer is None:
            assert process.poll() is None, process.communicate()
            try:
                writer = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
            except OSError:  # nobody reads it yet
                time.sleep(0.01)
        process.send_signal(stop)
        os.close(writer)  # the signal may have come just before it waited for what is in the pipe
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 130
    assert (out, err) == ("", "stopped; the same command goes on from here\n")
    assert [file.name for file in (tmp_path / "out").iterdir()] == [".train.part"]


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


def test_what_is_unexpected_is_one_line(faces, tmp_path, capsys, monkeypatch):
    def fail(*_given, **_named):
        raise KeyError("odd\nthing")

    monkeypatch.setattr(preparation, "fingerprint", fail)
    assert run("folder", faces, tmp_path / "out") == 1
    err = capsys.readouterr().err
    assert err.startswith("error: unexpected KeyError: ")
    assert err.endswith("; run again with --debug and report it\n")
    assert err.count("\n") == 1
    with pytest.raises(KeyError):
        run("folder", faces, tmp_path / "out", "--debug")


def test_a_crafted_header_cannot_take_the_terminal_over(tmp_path, capsys):
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "fer2013.csv").write_text("emotion,pi\x1b[2Jxels,Usage\n0,1,Training\n")
    assert main(["fer2013", str(tmp_path / "set"), str(tmp_path / "done")]) == 1
    assert "the header lacks pixels" in (said := capsys.readouterr().err)
    assert said.removesuffix("\n").isprintable()
