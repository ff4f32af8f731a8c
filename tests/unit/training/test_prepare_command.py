"""``python -m training.prepare``: what it says, and each failure in one line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs its extra")

from prepare_helpers import run, write_faces

from training import preparation
from training.data.condense import open_condensed
from training.prepare import KINDS, main

ROOT = Path(__file__).parents[3]


@pytest.fixture
def faces(tmp_path):
    return write_faces(tmp_path / "faces")


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
