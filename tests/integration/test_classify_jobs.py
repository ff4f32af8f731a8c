"""Several files at once: the same results in the same order, and nothing left behind by whoever is stopped or dies."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage.data import astronaut
from video_makers import write_video

from app.cli import main

FACE = cv2.cvtColor(astronaut(), cv2.COLOR_RGB2BGR)[0:240, 100:420]  # one face, 320x240

needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked for in /proc")


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The first is the longest: with several processes it ends last."""
    folder = tmp_path_factory.mktemp("clips")
    return [
        write_video(folder / f"{name}.mp4", [np.roll(FACE, i + step, axis=1) for i in range(count)], audio=True)
        for name, count, step in (("long", 60, 0), ("short", 12, 5), ("shorter", 7, 9))
    ]


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Long enough to be interrupted."""
    folder = tmp_path_factory.mktemp("films")
    first = write_video(folder / "film0.mp4", [np.roll(FACE, i, axis=1) for i in range(120)])
    others = [folder / f"film{number}.mp4" for number in (1, 2, 3)]
    for path in others:
        path.write_bytes(first.read_bytes())
    return [first, *others]


def without_seconds(rows: list[dict]) -> list[dict]:
    return [{key: value for key, value in row.items() if key not in ("seconds", "outputs")} for row in rows]


def test_results_and_order_are_those_of_one_process(
    clips: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told, files = [], []
    for jobs in ("1", "2"):
        out = tmp_path / jobs
        words = ["classify", *map(str, clips), "--out", str(out), "--formats", "csv,jsonl,srt,mp4", "--jobs", jobs]
        assert main([*words, "--every", "2", "--clip", "0-1.5", "--json"]) == 0
        told.append(json.loads(capsys.readouterr().out))
        files.append({path.name: path.read_bytes() for path in out.iterdir()})
    assert [row["source"] for row in told[1]] == [str(clip) for clip in clips]
    assert [row["frames"] for row in told[1]] == [23, 6, 4]
    assert without_seconds(told[1]) == without_seconds(told[0])
    assert len(files[0]) == 12
    assert files[1] == files[0]


def test_lines_are_printed_in_order_and_a_bad_file_costs_no_other(
    clips: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.mp4"
    bad.write_bytes(b"no video\n" * 99)
    words = ["classify", str(clips[0]), str(bad), str(clips[2]), str(tmp_path / "gone.mp4")]
    assert main([*words, "--out", str(tmp_path / "out"), "--jobs", "2"]) == 1
    out, err = capsys.readouterr()
    assert [line.split(":")[0] for line in out.splitlines()] == [str(clips[0]), str(clips[2])]
    assert [line[:7] for line in err.splitlines()] == ["error: ", "error: "]
    assert str(bad) in err.splitlines()[0]
    assert "gone.mp4" in err.splitlines()[1]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["long.csv", "shorter.csv"]


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        (["--model", "nothing"], 1, "nothing: no such model"),
        pytest.param(["--backend", "tpu"], 2, "unknown backend 'tpu'", marks=pytest.mark.slow),
        (["--formats", "csv,docx"], 2, "unknown format 'docx'"),
    ],
)
def test_what_is_wrong_with_all_files_is_said_once(
    clips: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: int, expected: str
) -> None:
    assert main(["classify", *map(str, clips), "--out", str(tmp_path / "out"), "--jobs", "2", *words]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1
    assert expected in err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--every", "0"], "Invalid value for '--every'"),
        (["--every", "half"], "Invalid value for '--every'"),
        (["--jobs", "0"], "Invalid value for '--jobs'"),
        (["--jobs", "61"], "Invalid value for '--jobs'"),
        (["--clip", "5"], "--clip is '5', expected START-END"),
        (["--clip", "9-5"], "--clip is '9-5', which ends before it begins"),
    ],
)
def test_wrong_words_are_one_line(
    clips: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], expected: str
) -> None:
    assert main(["classify", str(clips[0]), "--out", str(tmp_path / "out"), *words]) == 2
    _, err = capsys.readouterr()
    assert len(err.splitlines()) == 1
    assert expected in err
    assert not (tmp_path / "out").exists()


# --- being stopped ---------------------------------------------------------------------------------------------------


def children_of(parent: int) -> list[int]:
    """The processes that classify files for another."""
    found = []
    for folder in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError, IndexError):
            words = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            if int(words[1]) == parent and b"spawn_main" in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
    return found


def is_there(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def wait_for(what, timeout_s: float = 60):
    until = time.monotonic() + timeout_s
    while not (found := what()):
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)
    return found


@contextlib.contextmanager
def running(films: list[Path], out: Path, project_root: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """The command in a terminal of its own, as far as Ctrl-C is concerned."""
    command = [sys.executable, "-m", "app", "classify", *map(str, films), "--out", str(out), "--jobs", "2", *words]
    process = subprocess.Popen(
        command, cwd=project_root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def written(out: Path) -> list[str]:
    return sorted(path.name for path in out.iterdir()) if out.exists() else []


@needs_proc
@pytest.mark.parametrize(
    "moment",
    [
        *("the first starts", "files are written"),
        *(pytest.param(moment, marks=pytest.mark.slow) for moment in ("both start", "one file is done")),
    ],
)
def test_ctrl_c_ends_all_and_leaves_nothing_half_written(
    films: list[Path], tmp_path: Path, project_root: Path, moment: str
) -> None:
    out = tmp_path / "out"
    with running(films, out, project_root, "--formats", "csv,mp4") as process:
        at_work = 1 if moment == "the first starts" else 2
        children = wait_for(lambda: len(found := children_of(process.pid)) >= at_work and found)
        if moment == "files are written":
            wait_for(lambda: len([name for name in written(out) if name.endswith(".part")]) == 4)
        elif moment == "one file is done":
            wait_for(lambda: [name for name in written(out) if not name.endswith(".part")])
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err.strip()) == (130, "stopped")
    assert not [name for name in written(out) if name.endswith(".part")]
    if moment != "one file is done":
        assert written(out) == []
    assert not [child for child in children if is_there(child)]


@needs_proc
@pytest.mark.parametrize("number", [signal.SIGKILL, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_a_process_that_dies_costs_its_own_file_alone(
    films: list[Path], tmp_path: Path, project_root: Path, number: signal.Signals
) -> None:
    out = tmp_path / "out"
    with running(films[:3], out, project_root, "--json") as process:
        wait_for(lambda: len([name for name in written(out) if name.endswith(".part")]) == 2)
        os.kill(min(children_of(process.pid)), number)
        told, err = process.communicate(timeout=100)
    assert process.returncode == 1
    (line,) = err.splitlines()
    assert line.startswith("error: ")
    lost = next(film for film in films if str(film) in line)
    assert "SIGKILL" in line if number == signal.SIGKILL else "told to end" in line
    others = [film for film in films[:3] if film != lost]
    assert [row["source"] for row in json.loads(told)] == [str(film) for film in others]
    assert written(out) == [f"{film.stem}.csv" for film in others]


@needs_proc
def test_nobody_goes_on_when_the_first_process_is_killed(films: list[Path], tmp_path: Path, project_root: Path) -> None:
    out = tmp_path / "out"
    with running(films, out, project_root, "--formats", "csv,mp4") as process:
        wait_for(lambda: len([name for name in written(out) if name.endswith(".part")]) == 4)
        children = children_of(process.pid)
        process.kill()
        wait_for(lambda: not [child for child in children if is_there(child)])
        assert not [name for name in written(out) if name.endswith(".part")]
