"""``classify --engine ray``: the rows of one process, whoever dies; other versions and models are refused."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from archive_helpers import ODD, fill, rows_in, running, summary, wait_for, write_film
from process_family import below
from ray_cluster import Cluster

from app.cli import main

pytestmark = [
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed (extra cluster)"),
    pytest.mark.skipif(sys.platform != "linux", reason="processes are looked for in /proc"),
    pytest.mark.timeout(240),
]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A cluster of two nodes; all tests but those that lose a node share it."""
    with Cluster() as made, pytest.MonkeyPatch.context() as patch:
        for name, value in made.environment.items():
            patch.setenv(name, value)
        made.add_node()
        yield made


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = fill(tmp_path_factory.mktemp("films"))
    write_film(folder / "zlong.mp4", 240)
    return folder


@pytest.fixture(scope="module")
def alone(films: Path, project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list]:
    """The rows that one process gives."""
    out = tmp_path_factory.mktemp("alone") / "out"
    words = [str(films), "--out", str(out), "--formats", "dataset", "--jobs", "1", "--split", "0"]
    summary(*words, root=project_root, code=1)
    return rows_in(out)


def actors(cluster: Cluster) -> list[int]:
    """The workers of a cluster."""
    return [each for node in cluster.nodes for each, line in below(node).items() if line.startswith(b"ray::Actor")]


@pytest.mark.slow
def test_rows_and_order_are_those_of_one_process(
    cluster: Cluster, films: Path, alone: dict[str, list], project_root: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    words = [str(films), "--out", str(out), "--engine", "ray", "--address", cluster.address, "--split", "0.1"]
    told = summary(*words, root=project_root, code=1)
    assert (told["read"], told["failed"]) == (6, 2)
    assert [failure["file"] for failure in told["failures"]] == ["bad one.mp4", "empty.mkv"]
    assert [line.partition(":")[0] for line in told["said"].splitlines()] == ["error", "error"]  # nothing of Ray's own
    found = rows_in(out)
    assert list(found) == list(alone)
    assert found == alone
    again = summary(*words, root=project_root, code=1)
    assert (again["read"], again["read_before"], again["failed"]) == (0, 6, 2)


@pytest.mark.slow
def test_a_worker_that_is_killed_costs_nothing(
    cluster: Cluster, films: Path, alone: dict[str, list], project_root: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    words = [str(films), "--out", str(out), "--engine", "ray", "--address", cluster.address, "--json"]
    with running(*words, root=project_root) as process:
        wait_for(lambda: list(out.glob("file=*/part-0.parquet")))
        os.kill(wait_for(lambda: actors(cluster))[0], signal.SIGKILL)
        told, err = process.communicate(timeout=100)
    assert process.returncode == 1
    assert told.startswith("{")
    assert [line.partition(":")[0] for line in err.splitlines()] == ["error", "error"]
    assert rows_in(out) == alone


@pytest.mark.slow
def test_workers_of_another_affectcam_are_refused(
    cluster: Cluster, films: Path, project_root: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    for package in ("app", "model"):
        shutil.copytree(project_root / package, other / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(project_root / "assets", other / "assets")
    text = (
        "import sys; sys.path.insert(0, sys.argv.pop(1)); others = [sys.argv.pop(1)]\n"
        "import model.cluster; model.cluster._own_paths = lambda: others\n"
        "from app.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    (other / "app" / "newer.py").write_text("")
    words = ["classify", str(films), "--out", str(tmp_path / "out"), "--engine", "ray", "--address", cluster.address]
    done = subprocess.run(
        [sys.executable, "-c", text, str(project_root), str(other), *words],
        capture_output=True, text=True, timeout=100, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    pattern = r"error: node \S+: runs affectcam \S+, here it is \S+; install the same version on both\n"
    assert re.fullmatch(pattern, done.stderr), done.stderr
    assert not list((tmp_path / "out").glob("file=*"))


def test_an_address_where_no_cluster_answers_is_said_within_five_seconds(
    films: Path, project_root: Path, tmp_path: Path
) -> None:
    began = time.monotonic()
    words = [str(films), "--out", str(tmp_path / "out"), "--engine", "ray", "--address", "127.0.0.1:9"]
    with running(*words, root=project_root) as process:
        told, err = process.communicate(timeout=60)
    plain = time.monotonic()
    with running("--help", root=project_root) as helped:
        helped.communicate(timeout=60)
    imports_s = 8 * (time.monotonic() - plain)  # of Arrow, Ray, OpenCV and the model, as slow as this machine is now
    assert (process.returncode, told) == (2, "")
    assert err.startswith("error: 127.0.0.1:9: no Ray cluster answers there (Connection refused); ")
    assert len(err.splitlines()) == 1
    assert time.monotonic() - began < 5 + imports_s


def test_without_an_address_a_cluster_of_this_machine_alone_does_it_and_goes(
    films: Path, project_root: Path, tmp_path: Path
) -> None:
    folder, out, alone = tmp_path / "films", tmp_path / "out", tmp_path / "alone"
    folder.mkdir()
    for name in ODD[:2]:
        shutil.copy2(films / name, folder / name)
    words = [str(folder), "--out", str(out), "--engine", "ray", "--jobs", "1"]
    with running(*words, root=project_root) as process:
        children = wait_for(lambda: below(process.pid) if list(out.glob("file=*")) else None)
        told, err = process.communicate(timeout=100)
    assert (process.returncode, err) == (0, "")
    assert "2 files read" in told
    assert main(["classify", str(folder), "--out", str(alone), "--formats", "dataset", "--jobs", "1"]) == 0
    assert sorted(rows_in(out)) == sorted(ODD[:2])
    assert rows_in(out) == rows_in(alone)
    wait_for(lambda: not [each for each in children if Path(f"/proc/{each}/cmdline").exists()], timeout_s=20)


@pytest.mark.slow
def test_a_cluster_that_shrinks_while_working_finishes(cluster: Cluster, project_root: Path, tmp_path: Path) -> None:
    """The last one with the cluster of all, of which half is gone then."""
    folder, out = tmp_path / "films", tmp_path / "out"
    first = write_film(folder / "film0.mp4", 120)
    for number in range(1, 8):
        (folder / f"film{number}.mp4").write_bytes(first.read_bytes())
    words = [str(folder), "--out", str(out), "--engine", "ray", "--address", cluster.address]
    with running(*words, root=project_root) as process:
        wait_for(lambda: len(list(out.glob("file=*/part-0.parquet"))) >= 2)
        cluster.lose_last_node()
        told, err = process.communicate(timeout=150)
    assert (process.returncode, err) == (0, "")
    assert "8 files read" in told
    rows = list(rows_in(out).values())
    assert [len(each) for each in rows] == [120] * 8
    assert all(each == rows[0] for each in rows)


@pytest.mark.slow
def test_ctrl_c_leaves_no_process_and_the_next_run_goes_on(project_root: Path, tmp_path: Path) -> None:
    folder, out = tmp_path / "films", tmp_path / "out"
    first = write_film(folder / "film0.mp4", 90)
    for number in range(1, 5):
        (folder / f"film{number}.mp4").write_bytes(first.read_bytes())
    words = [str(folder), "--out", str(out), "--engine", "ray", "--jobs", "1"]
    with running(*words, root=project_root) as process:
        wait_for(lambda: list(out.glob("file=*/part-0.parquet")))
        children = below(process.pid)
        os.killpg(process.pid, signal.SIGINT)
        told, err = process.communicate(timeout=60)
    assert (process.returncode, told, err) == (130, "", "stopped\n")
    wait_for(lambda: not [each for each in children if Path(f"/proc/{each}/cmdline").exists()], timeout_s=20)
    again = summary(*words[:-2], "--jobs", "2", root=project_root)
    assert again["read"] + again["read_before"] == 5
    assert again["read_before"] >= 1
