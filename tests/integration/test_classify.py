"""``affectcam classify`` on real pictures of a face and on bad input, through the command line."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from skimage.data import astronaut
from video_makers import presentation_times, sound_packets, truncate, write_audio, write_video

from app import analyse
from app.cli import main
from app.sinks.rows import COLUMNS
from app.sinks.timeline import TimelineSink
from model.emotions import LABELS

FACE = cv2.cvtColor(astronaut(), cv2.COLOR_RGB2BGR)[0:240, 100:420]  # one face, 320x240


@pytest.fixture(scope="module")
def talk(tmp_path_factory):
    """Thirty frames of a face that drifts, at uneven times, with sound."""
    path = tmp_path_factory.mktemp("clips") / "talk.mp4"
    gaps = np.random.default_rng(1).integers(15, 90, 29) / 1000
    times = [0.0, *np.cumsum(gaps).tolist()]
    frames = [np.roll(FACE, i // 2, axis=1) for i in range(30)]
    return write_video(path, frames, times_s=times, audio=True, options={"preset": "ultrafast", "crf": "18"})


def table(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def error_line(capsys):
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    lines = [line for line in err.splitlines() if line.strip()]
    assert len(lines) == 1, err
    return lines[0]


def test_a_table_a_list_and_a_video_come_out(talk, tmp_path, capsys):
    assert main(["classify", str(talk), "--out", str(tmp_path), "--formats", "csv,jsonl,mp4"]) == 0
    assert sorted(file.name for file in tmp_path.iterdir()) == ["talk.csv", "talk.jsonl", "talk.mp4"]
    rows = table(tmp_path / "talk.csv")
    assert list(rows[0]) == list(COLUMNS)
    assert [int(row["frame"]) for row in rows] == list(range(30))
    assert {row["track"] for row in rows} == {"1"}
    times = presentation_times(talk)
    assert max(abs(float(row["time_s"]) - time) for row, time in zip(rows, times, strict=True)) < 0.001
    for row in rows:
        scores = [float(row[name]) for name in LABELS]
        assert sum(scores) == pytest.approx(1, abs=1e-4)
        assert row["label"] in LABELS
        assert -1 <= float(row["valence"]) <= 1
    lines = [json.loads(line) for line in (tmp_path / "talk.jsonl").read_text().splitlines()]
    assert [line["label"] for line in lines] == [row["label"] for row in rows]
    assert presentation_times(tmp_path / "talk.mp4") == pytest.approx(times, abs=0.001)
    assert sound_packets(tmp_path / "talk.mp4") == sound_packets(talk)
    said = capsys.readouterr().out
    assert "30 frames, 1 face, seen in 100.0 % of the frames" in said
    assert str(tmp_path / "talk.csv") in said


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")
def test_results_are_for_this_user_alone(talk, tmp_path):
    assert main(["classify", str(talk), "--out", str(tmp_path / "out"), "--formats", "csv,jsonl,srt,png,mp4"]) == 0
    modes = {file.name: file.stat().st_mode & 0o777 for file in (tmp_path / "out").iterdir()}
    assert set(modes.values()) == {0o600}, modes
    assert len(modes) == 5


def test_the_video_shows_the_label(talk, tmp_path):
    assert main(["classify", str(talk), "--out", str(tmp_path), "--formats", "mp4,csv"]) == 0
    with av.open(str(talk)) as before, av.open(str(tmp_path / "talk.mp4")) as after:
        plain = next(before.decode(video=0)).to_ndarray(format="bgr24")
        drawn = next(after.decode(video=0)).to_ndarray(format="bgr24")
    row = table(tmp_path / "talk.csv")[0]
    x_min, y_min, x_max, y_max = (round(float(row[key])) for key in ("x_min", "y_min", "x_max", "y_max"))
    changed = np.abs(plain.astype(int) - drawn).max(axis=2) > 60
    assert changed[max(0, y_min - 8) : y_max + 8, max(0, x_min - 8) : x_max + 8].mean() > 0.02
    outside = changed.copy()
    outside[max(0, y_min - 60) : y_max + 60, max(0, x_min - 60) : x_max + 60] = False
    assert outside.mean() < 0.001


def test_json_on_stdout_is_nothing_but_json(talk, tmp_path, capsys):
    assert main(["classify", str(talk), "--out", str(tmp_path), "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["frames"], row["faces"], row["rows"], row["loss"]) == (30, 1, 30, None)
    assert row["provider"] == "CPUExecutionProvider"


def test_the_python_interface_gives_the_same(talk, tmp_path):
    results = list(analyse(talk))
    assert main(["classify", str(talk), "--out", str(tmp_path)]) == 0
    rows = table(tmp_path / "talk.csv")
    assert [result.readings[0].emotion.label for result in results] == [row["label"] for row in rows]


def test_existing_results_are_kept_unless_told(talk, tmp_path, capsys):
    (tmp_path / "talk.csv").write_text("mine")
    assert main(["classify", str(talk), "--out", str(tmp_path)]) == 1
    assert "--overwrite" in error_line(capsys)
    assert (tmp_path / "talk.csv").read_text() == "mine"
    assert main(["classify", str(talk), "--out", str(tmp_path), "--overwrite"]) == 0
    assert len(table(tmp_path / "talk.csv")) == 30


def test_a_clip_without_a_face_gives_an_empty_table_and_says_so(tmp_path, capsys):
    clip = write_video(tmp_path / "wall.mp4", [np.full((120, 160, 3), 130, np.uint8)] * 5)
    assert main(["classify", str(clip), "--out", str(tmp_path / "out")]) == 0
    assert "no face found in 5 frames" in capsys.readouterr().out
    assert table(tmp_path / "out" / "wall.csv") == []
    assert (tmp_path / "out" / "wall.csv").read_text().startswith("frame,time_s,track,x_min")


def test_a_video_cut_off_in_the_middle_gives_what_could_be_read_and_says_what_was_lost(talk, tmp_path, capsys):
    with av.open(str(talk)) as source:
        frames = [frame.to_ndarray(format="bgr24") for frame in source.decode(video=0)]
    clip = truncate(write_video(tmp_path / "cut.mkv", frames), 0.6)
    assert main(["classify", str(clip), "--out", str(tmp_path / "out"), "--formats", "csv,mp4"]) == 1
    line = error_line(capsys)
    assert line.startswith(f"warning: {clip}:")
    rows = table(tmp_path / "out" / "cut.csv")
    assert 5 <= len(rows) < 30
    assert len(presentation_times(tmp_path / "out" / "cut.mp4")) == len(rows)


@pytest.mark.parametrize(
    ("make", "code", "expected"),
    [
        (lambda folder: folder / "gone.mp4", 1, "gone.mp4"),
        (lambda folder: folder, 1, "folder"),
        (lambda folder: wrote(folder / "text.mp4", b"this is no video\n" * 100), 1, "text.mp4"),
        (lambda folder: wrote(folder / "empty.mp4", b""), 1, "empty.mp4"),
        (lambda folder: write_audio(folder / "sound.m4a"), 1, "sound.m4a"),
    ],
    ids=["missing", "folder", "text", "empty", "sound only"],
)
def test_what_is_no_video_is_one_line_and_no_output(tmp_path, capsys, make, code, expected):
    (tmp_path / "in").mkdir()
    path = make(tmp_path / "in")
    assert main(["classify", str(path), "--out", str(tmp_path / "out"), "--formats", "csv,mp4"]) == code
    line = error_line(capsys)
    assert line.startswith("error: ")
    assert expected in line
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())


def wrote(path, content):
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("width", "height", "codec", "pix_fmt", "suffix", "rotation"),
    [
        (1, 1, "ffv1", "bgr0", ".mkv", 0),
        (161, 121, "ffv1", "bgr0", ".mkv", 0),
        (160, 120, "libx264", "yuv420p", ".mp4", 90),
        (160, 120, "ffv1", "gray", ".mkv", 0),
        (160, 120, "libx264", "yuv420p10le", ".mkv", 0),
    ],
    ids=["1x1", "odd", "rotated", "grey", "10-bit"],
)
def test_odd_pictures_go_through(tmp_path, width, height, codec, pix_fmt, suffix, rotation):
    pictures = [cv2.resize(FACE, (width, height))] * 4
    clip = write_video(tmp_path / f"odd{suffix}", pictures, codec=codec, pix_fmt=pix_fmt, rotation=rotation)
    assert main(["classify", str(clip), "--out", str(tmp_path / "out"), "--formats", "csv,mp4"]) == 0
    with av.open(str(tmp_path / "out" / "odd.mp4")) as made:
        frames = [frame.to_ndarray(format="bgr24") for frame in made.decode(video=0)]
    assert len(frames) == 4
    made_height, made_width = frames[0].shape[:2]
    upright = (height, width) if rotation else (width, height)
    assert 0 <= made_width - upright[0] <= 1 or upright == (1, 1)
    assert 0 <= made_height - upright[1] <= 1 or upright == (1, 1)


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        (["--formats", "csv,docx"], 2, "unknown format 'docx'; known: csv, jsonl, srt, png, mp4"),
        (["--formats", ","], 2, "--formats is empty"),
        (["--faces", "some"], 2, "--faces is 'some', expected all or main"),
        (["--smoothing", "-1"], 2, "--smoothing is -1"),
        (["--smoothing", "nan"], 2, "--smoothing is nan"),
        (["--backend", "tpu"], 2, "unknown backend 'tpu'"),
        (["--model", "nothing"], 1, "nothing: no such model; installed: compact"),
        (["--model", "gone.onnx"], 1, "gone.onnx: no such model file"),
    ],
)
def test_wrong_words_are_one_line(talk, tmp_path, capsys, words, code, expected):
    assert main(["classify", str(talk), "--out", str(tmp_path / "out"), *words]) == code
    assert expected in error_line(capsys)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("words", ["nan", "-1", "inf"])
def test_a_smoothing_that_is_no_time_is_refused(talk, tmp_path, capsys, words):
    assert main(["classify", str(talk), "--out", str(tmp_path / "out"), "--smoothing", words]) == 2
    assert "expected 0 to 3 seconds" in error_line(capsys)


def test_a_name_that_the_terminal_cannot_show_is_printed_escaped(tmp_path, project_root):
    source = write_video(tmp_path / "gr\u00fc\u00df\ne.avi", [FACE[:64, :64]], codec="mjpeg", pix_fmt="yuvj420p")
    words = [sys.executable, "-m", "app", "classify", str(source), "--out", str(tmp_path / "out"), "--formats", "CSV"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(words, cwd=project_root, env=environment, capture_output=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.count(b"\n") == 1
    assert b"gr\\xfc\\xdf e.csv" in done.stdout


@pytest.mark.parametrize("content", [b"", b"no model", None], ids=["empty", "text", "truncated"])
def test_a_broken_model_file_is_one_line(talk, tmp_path, capsys, content):
    from model.paths import models_folder

    file = tmp_path / "broken.onnx"
    whole = (models_folder() / "compact.onnx").read_bytes()
    file.write_bytes(whole[: len(whole) // 2] if content is None else content)
    assert main(["classify", str(talk), "--out", str(tmp_path / "out"), "--model", str(file)]) == 1
    assert f"{file}: not a readable ONNX model" in error_line(capsys)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["classify"], "Missing argument 'PATH...'"),
        (["clasify"], "No such command 'clasify'"),
        (["classify", "x.mp4", "--speed", "2"], "No such option: --speed"),
        (["overlay", "--seconds", "soon"], "Invalid value for '--seconds'"),
    ],
)
def test_words_that_no_command_knows_are_one_line(capsys, words, expected):
    assert main(words) == 2
    line = error_line(capsys)
    assert expected in line
    assert "--help" in line


def test_a_url_is_sent_to_the_overlay(tmp_path, capsys):
    assert main(["classify", "https://example.org/talk.mp4", "--out", str(tmp_path / "out")]) == 2
    assert "overlay --source URL" in error_line(capsys)


def test_two_sources_with_one_name_are_refused_before_anything_is_written(talk, tmp_path, capsys):
    (tmp_path / "b").mkdir()
    other = wrote(tmp_path / "b" / "talk.mp4", talk.read_bytes())
    assert main(["classify", str(talk), str(other), "--out", str(tmp_path / "out")]) == 2
    assert "same files" in error_line(capsys)
    assert not (tmp_path / "out").exists()


def test_a_bad_file_among_good_ones_does_not_stop_them(talk, tmp_path, capsys):
    bad = wrote(tmp_path / "bad.mp4", b"no video")
    assert main(["classify", str(bad), str(talk), "--out", str(tmp_path / "out")]) == 1
    out, err = capsys.readouterr()
    assert "error: " in err
    assert "bad.mp4" in err
    assert "talk.mp4: 30 frames" in out
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["talk.csv"]


def test_an_error_nobody_foresaw_costs_its_own_file_whole_and_no_other(talk, tmp_path, monkeypatch, capsys):
    (tmp_path / "odd.mp4").write_bytes(talk.read_bytes())
    save = TimelineSink._save

    def fails_for_one(sink, part):
        if sink.path.stem == "odd":
            raise ZeroDivisionError("a\nb")
        save(sink, part)

    monkeypatch.setattr(TimelineSink, "_save", fails_for_one)
    words = [str(tmp_path / "odd.mp4"), str(talk), "--formats", "png,csv", "--out", str(tmp_path / "out")]
    assert main(["classify", *words, "--jobs", "1"]) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "odd.mp4: unexpected ZeroDivisionError: a b; read it alone with --debug and report it" in said
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["talk.csv", "talk.png"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_an_unwritable_folder_is_one_line(talk, tmp_path, capsys):
    (tmp_path / "locked").mkdir(mode=0o500)
    assert main(["classify", str(talk), "--out", str(tmp_path / "locked")]) == 1
    assert "locked" in error_line(capsys)


def test_an_output_folder_that_is_a_file_is_one_line(talk, tmp_path, capsys):
    wrote(tmp_path / "out", b"")
    assert main(["classify", str(talk), "--out", str(tmp_path / "out")]) == 1
    assert "out is a file" in error_line(capsys)


@pytest.mark.parametrize("blocked", ["PyQt5", "torch"])
def test_the_app_works_without(blocked, talk, tmp_path, project_root):
    """A finder in front of all others refuses the package, as if it were not installed."""
    program = f"""
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == {blocked!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Refuse())
from app.cli import main
code = main(["classify", {str(talk)!r}, "--out", {str(tmp_path / "out")!r}])
assert main(["models"]) == 0
assert main(["overlay", "--source", {str(talk)!r}, "--camera-backend", "none-such"]) == 1
assert {blocked!r} not in sys.modules
sys.exit(code)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=project_root, timeout=100, check=False
    )
    assert done.returncode == 0, done.stderr
    assert len(table(tmp_path / "out" / "talk.csv")) == 30
    assert "Traceback" not in done.stderr


def test_help_has_an_example_for_every_command(capsys):
    for words, example in (
        ([], "affectcam --demo"),
        (["classify"], "affectcam classify talk.mp4"),
        (["overlay"], "affectcam overlay --source"),
        (["models"], "affectcam models --json"),
        (["doctor"], "affectcam doctor"),
    ):
        assert main([*words, "--help"]) == 0
        assert example in " ".join(capsys.readouterr().out.split())


def test_ctrl_c_leaves_no_output(tmp_path, project_root):
    source = project_root / "assets" / "demo.mp4"
    words = [sys.executable, "-m", "app", "classify", str(source), "--out", str(tmp_path), "--formats", "csv,mp4"]
    running = subprocess.Popen(words, cwd=project_root, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 60
    while not list(tmp_path.iterdir()) and time.monotonic() < until:
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=30)
    assert running.returncode == 130
    assert err.strip() == "stopped"
    assert list(tmp_path.iterdir()) == []


def test_models_are_listed_with_their_cards(capsys):
    assert main(["models", "--json"]) == 0
    cards = {Path(entry["file"]).stem: entry for entry in json.loads(capsys.readouterr().out)}
    assert cards["compact"]["card"]["labels"] == list(LABELS)
    assert cards["compact"]["provider"] == "CPUExecutionProvider"
    assert "valid accuracy" in cards["compact"]["card"]["figures"]


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp"])
def test_a_photograph_is_looked_at_harder_than_a_frame(tmp_path, suffix):
    """A tilted face that fills the picture: a frame like it in a film has no face for the detector."""
    around = cv2.cvtColor(astronaut()[24:183, 156:315], cv2.COLOR_RGB2BGR)
    turned = cv2.warpAffine(around, cv2.getRotationMatrix2D((79.5, 79.5), 35, 1), (159, 159))[40:-40, 40:-40]
    photograph = tmp_path / f"photograph.{suffix}"
    cv2.imwrite(str(photograph), turned)

    assert main(["classify", str(photograph), "--out", str(tmp_path / "out"), "--formats", "csv"]) == 0
    assert len((tmp_path / "out" / "photograph.csv").read_text().splitlines()) == 2
    assert [len(result.readings) for result in analyse(photograph)] == [1]


def test_ctrl_c_that_an_import_turns_into_another_error_is_still_a_stop(monkeypatch, capsys):
    def broken_import(**_):
        try:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(5)
        except KeyboardInterrupt:
            raise ImportError("initialization failed") from None

    monkeypatch.setattr("app.commands.models.show_models", broken_import)
    assert main(["models"]) == 130
    assert capsys.readouterr().err == "stopped\n"
