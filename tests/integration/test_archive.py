"""``classify --formats dataset`` by processes of this machine: one data set, gone on with, whatever the files are."""

from __future__ import annotations

import csv
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from archive_helpers import ODD, fill, rows_in, running, same_as_csv, summary, wait_for, write_film
from process_family import below

from app.cli import main

pytest.importorskip("pyarrow", reason="pyarrow is not installed (extra parquet)")

needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked for in /proc")


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("films"))


@pytest.fixture(scope="module")
def out(films: Path, project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data set of all films."""
    folder = tmp_path_factory.mktemp("sets") / "out"
    told = summary(str(films), "--out", str(folder), "--formats", "dataset", "--jobs", "2", root=project_root, code=1)
    assert (told["files"], told["read"], told["read_before"], told["failed"]) == (7, 5, 0, 2)
    assert [failure["file"] for failure in told["failures"]] == ["bad one.mp4", "empty.mkv"]
    assert len(told["said"].splitlines()) == 2
    return folder


@pytest.fixture
def here(capsys: pytest.CaptureFixture[str]) -> Callable[..., dict[str, Any]]:
    """What ``--json`` prints when this process gives the work to another, which is all that it starts."""

    def run(*words: str, code: int = 0) -> dict[str, Any]:
        assert main(["classify", *words, "--formats", "dataset", "--jobs", "1", "--json"]) == code
        found = json.loads(capsys.readouterr().out)
        assert isinstance(found, dict)
        return found

    return run


def test_rows_are_those_of_single_tables_whatever_the_names_hold(
    films: Path, out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = rows_in(out)
    assert list(rows) == sorted(ODD, key=lambda name: f"file={name}")
    for number, name in enumerate(ODD):
        single = tmp_path / str(number)
        assert main(["classify", str(films / name), "--out", str(single)]) == 0
        assert len(rows[name]) == 6 + number
        assert same_as_csv(rows[name], next(single.iterdir()))


def test_bad_files_are_listed(out: Path) -> None:
    with (out / "_failed.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert [(line["file"], line["rows"]) for line in lines] == [("bad one.mp4", "none"), ("empty.mkv", "none")]
    assert "is not a video" in lines[0]["reason"]
    assert "is empty" in lines[1]["reason"]


def test_run_again_what_is_done_is_skipped_and_what_changed_is_read(
    films: Path, out: Path, here: Callable[..., dict[str, Any]]
) -> None:
    words = [str(films), "--out", str(out)]
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.parquet")}
    changed = films / ODD[1]
    content, times = changed.read_bytes(), (changed.stat().st_atime_ns, changed.stat().st_mtime_ns)
    write_film(films / ODD[1], 9)
    (films / "empty.mkv").write_bytes(content)  # copied again, and good now
    try:
        told = here(*words, code=1)
    finally:
        changed.write_bytes(content)
        os.utime(changed, ns=times)
        (films / "empty.mkv").write_bytes(b"")
    assert (told["read"], told["read_before"], told["failed"]) == (2, 4, 1)
    after = {path: path.stat().st_mtime_ns for path in out.rglob("*.parquet")}
    assert {path.parent.name for path in after if after[path] != before.get(path)} == {
        "file=two%20words.mkv", "file=empty.mkv",
    }  # fmt: skip
    assert len(rows_in(out)[ODD[1]]) == 9
    # Back as they were: the changed one is read, and no rows stay of the one that cannot be.
    told = here(*words, code=1)
    assert (told["read"], told["failed"]) == (1, 2)
    assert list(rows_in(out)) == sorted(ODD, key=lambda name: f"file={name}")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--every", "2"], "holds results with other settings (every 1, now every 2); use another --out folder"),
        (
            ["--model", "new-base"],
            "holds results of another model (compact-int8, now new-base-int8); use another --out folder",
        ),
    ],
)
def test_other_settings_are_refused(
    films: Path, out: Path, capsys: pytest.CaptureFixture[str], words: list[str], expected: str
) -> None:
    assert main(["classify", str(films), "--out", str(out), "--formats", "dataset", *words]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line == f"error: {out} {expected}"


def test_another_archive_and_other_files_are_refused(
    films: Path, out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "others"
    write_film(other / "one.mp4", 3)
    assert main(["classify", str(other), "--out", str(out), "--formats", "dataset"]) == 1
    assert f"holds the results of another archive ({films}, now {other})" in capsys.readouterr().err
    assert main(["classify", str(films), "--out", str(other), "--formats", "dataset"]) == 1
    assert f"{other} holds something else (one.mp4); use an empty or new --out folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--formats", "dataset,csv"], "--formats dataset makes one data set of all files; other formats need"),
        (["--engine", "ray", "--formats", "csv"], "--engine ray writes one data set; use --formats dataset, not csv"),
        (["--engine", "dask"], "--engine is 'dask', expected local or ray"),
        (["--address", "10.0.0.1:6379"], "--address is of a Ray cluster; add --engine ray, or leave it out"),
        (["--split", "5"], "--split is for --formats dataset"),
        (["--formats", "dataset", "--split", "-1"], "Invalid value for '--split'"),
        (["--formats", "dataset", "--list", "gone"], "cannot read the list gone: No such file or directory"),
    ],
)
def test_wrong_words_are_one_line(
    films: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], expected: str
) -> None:
    assert main(["classify", str(films), "--out", str(tmp_path / "out"), *words]) != 0
    told, err = capsys.readouterr()
    assert told == ""
    (line,) = err.splitlines()
    assert expected in line
    assert not (tmp_path / "out").exists()


def test_a_list_with_nul_names_any_file(films: Path, here: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    names = tmp_path / "names"
    names.write_bytes(b"\0".join(os.fsencode(films / name) for name in ODD[2:4]))
    told = here("--list", str(names), "--out", str(tmp_path / "out"))
    assert told["read"] == 2
    assert sorted(rows_in(tmp_path / "out")) == sorted((films / name).as_posix() for name in ODD[2:4])


def test_files_at_a_uri_give_the_same_rows(
    films: Path, out: Path, here: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    folder = tmp_path / "linked"
    folder.mkdir()
    for name in ("one.mp4", "two words.mkv", "bad one.mp4"):
        (folder / name).write_bytes((films / name).read_bytes())
    told = here(folder.as_uri(), "--out", str(tmp_path / "out"), code=1)
    assert (told["read"], told["failed"]) == (2, 1)
    assert "bad one.mp4 is not a video" in told["failures"][0]["reason"]
    expected = rows_in(out)
    assert rows_in(tmp_path / "out") == {name: expected[name] for name in ("one.mp4", "two words.mkv")}


# --- being stopped ---------------------------------------------------------------------------------------------------


LONG = 60  # frames


def long_films(folder: Path) -> Path:
    first = write_film(folder / "film0.mp4", LONG)
    for number in range(1, 5):
        (folder / f"film{number}.mp4").write_bytes(first.read_bytes())
    return folder


def kept(out: Path) -> list[Path]:
    return sorted(out.glob("file=*/part-0.parquet"))


def at_work(parent: int) -> list[int]:
    return [process for process, line in below(parent).items() if b"spawn_main" in line]


@needs_proc
def test_a_worker_that_is_killed_costs_nothing(project_root: Path, tmp_path: Path) -> None:
    folder, out = long_films(tmp_path / "films"), tmp_path / "out"
    words = [str(folder), "--out", str(out), "--formats", "dataset", "--jobs", "2"]
    with running(*words, root=project_root) as process:
        wait_for(lambda: kept(out))
        os.kill(at_work(process.pid)[0], signal.SIGKILL)
        told, err = process.communicate(timeout=100)
    assert (process.returncode, err) == (0, "")
    assert told.startswith(f"{out}: 5 files read (0:10 of video, 300 rows) in ")
    rows = list(rows_in(out).values())
    assert [len(each) for each in rows] == [LONG] * 5
    assert all(each == rows[0] for each in rows)


@needs_proc
@pytest.mark.parametrize(
    "number",
    [
        signal.SIGINT,
        pytest.param(signal.SIGTERM, marks=pytest.mark.slow),
        pytest.param(signal.SIGKILL, marks=pytest.mark.slow),
    ],
)
def test_stopped_it_goes_on_with_the_same_command(project_root: Path, tmp_path: Path, number: signal.Signals) -> None:
    folder, out = long_films(tmp_path / "films"), tmp_path / "out"
    words = [str(folder), "--out", str(out), "--formats", "dataset", "--jobs", "2"]
    with running(*words, root=project_root) as process:
        wait_for(lambda: kept(out))
        workers = at_work(process.pid)
        if number == signal.SIGINT:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        told, err = process.communicate(timeout=60)
    if number != signal.SIGKILL:
        assert (process.returncode, told, err) == (130, "", "stopped\n")
        assert sorted(path.name for path in out.rglob(".*")) == []
    wait_for(lambda: not [each for each in workers if Path(f"/proc/{each}").exists()])
    done = len(kept(out))
    assert 0 < done < 5
    again = summary(*words, root=project_root)
    assert (again["read"], again["read_before"]) == (5 - done, done)
    assert [len(rows) for rows in rows_in(out).values()] == [LONG] * 5


@pytest.mark.skipif(sys.platform == "win32", reason="no permissions as here")
def test_a_full_or_closed_folder_is_one_line(films: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert main(["classify", str(films), "--out", str(tmp_path / "file"), "--formats", "dataset"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "is a file, not a folder; use another --out folder" in line
