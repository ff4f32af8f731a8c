"""One training in several processes: who reads what, who writes, and the losses of one process, also after a stop."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from process_family import below

pytest.importorskip("torch", reason="training needs its extra")

from tune_fakes import tiny_sets

from training.batches import epoch_order
from training.data.condense import open_condensed
from training.load_config import load_config
from training.loop import train
from training.workflow import open_trainsets

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*:UserWarning:lightning"),
]

ROOT = Path(__file__).parents[2]
PICTURES, BATCH, EPOCHS = 72, 13, 3  # an epoch ends with a smaller batch, and neither is even
CONFIG = """
name = "shared"
[data]
root = "{root}"
workers = {workers}
[network]
input_size = 16
options = {{ stem = 4, widths = [8, 8], depths = [1, 1], dropout = 0.3 }}
[augment]
blur = 0.3
noise = 0.3
mixup = 0.3
cutmix = 0.3
[train]
epochs = 3
batch_size = 13
optimizer = "sgd"
learning_rate = 0.02
accelerator = "cpu"
threads = 1
checkpoint_minutes = 0
balance = {balance}
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("condensed")
    tiny_sets(root)
    return root


class Run:
    """A training's folder, and what its processes noted."""

    def __init__(self, root, folder, *, balance=0.0, workers=0):
        folder.mkdir()
        self.folder, self.config, self._notes = folder / "run", folder / "shared.toml", folder / "notes"
        self._notes.mkdir()
        self.config.write_text(CONFIG.format(root=root, balance=balance, workers=workers))

    def go(self, processes, *, stop_at="", code=0, **environment):
        launcher = ["-m", "training.launcher", "--standalone", f"--nproc-per-node={processes}"]
        words = [*(launcher if processes > 1 else []), "tests/shared_training.py"]
        done = subprocess.run(
            [sys.executable, *words, str(self.config), str(self.folder), str(self._notes), str(stop_at)],
            capture_output=True,
            text=True,
            cwd=ROOT,
            env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
            | environment,
            timeout=300,
            check=False,
        )
        assert done.returncode == code, done.stderr
        self.said = done.stderr
        return self

    def go_here(self):
        """In this process, which has PyTorch already; only the losses are noted."""
        losses = []
        config = load_config(self.config)
        train(config, *open_trainsets(config), self.folder, report=losses.append)
        rows = [json.dumps({"loss": progress.loss}) for progress in losses if progress.figures is None]
        (self._notes / "0.jsonl").write_text("\n".join(rows))
        return self

    def noted(self, what, rank=0):
        lines = (self._notes / f"{rank}.jsonl").read_text().splitlines()
        return [note[what] for line in lines if what in (note := json.loads(line))]


@pytest.fixture(scope="module")
def alone(root, tmp_path_factory):
    return Run(root, tmp_path_factory.mktemp("runs") / "alone").go_here()


@pytest.fixture(scope="module")
def together(root, tmp_path_factory):
    return Run(root, tmp_path_factory.mktemp("runs") / "together", workers=2).go(1, COPIES="2")


def test_two_processes_have_the_losses_of_one_step_by_step(alone, together):
    """With batch normalisation, dropout, mixup and cutmix, which look at a batch or draw for it."""
    losses = alone.noted("loss")
    assert len(losses) == 18
    assert len(set(losses)) == 18
    assert together.noted("loss") == pytest.approx(losses, rel=1e-4)
    assert together.noted("loss", rank=1) == pytest.approx(losses, rel=1e-4)


def test_every_picture_is_read_once_an_epoch_by_one_of_the_processes(together):
    steps = -(-PICTURES // BATCH)
    for epoch in range(EPOCHS):
        parts = [together.noted("asked", rank)[epoch * steps : (epoch + 1) * steps] for rank in range(2)]
        ids = [[place for step in part for place in step] for part in parts]
        assert set(ids[0]).isdisjoint(ids[1])
        assert Counter(ids[0] + ids[1]) == Counter(range(PICTURES))
        assert abs(len(ids[0]) - len(ids[1])) <= steps
    for rank in range(2):
        read, asked = together.noted("read", rank), together.noted("asked", rank)
        assert len(asked) == EPOCHS * steps
        assert sorted(read) == sorted(asked)  # two reading threads may overtake each other


def test_the_first_process_alone_writes(alone, together):
    files = {Path(name).name for name in together.noted("written")}
    assert {".last.pt.part", ".best.pt.part", "log.jsonl"} <= files
    assert together.noted("written", rank=1) == []
    kept = [
        {path.name for path in run.folder.rglob("*") if path.is_file() and "tfevents" not in path.name}
        for run in (alone, together)
    ]
    assert kept[0] == kept[1]


@pytest.mark.slow
def test_balanced_sampling_is_shared_too(root, tmp_path):
    run = Run(root, tmp_path / "balanced", balance=0.7).go(2)
    labels = open_condensed(root / "train", verify=False).labels
    drawn = [
        place for steps in zip(run.noted("read"), run.noted("read", 1), strict=True) for part in steps for place in part
    ]
    wanted = [place for epoch in range(EPOCHS) for place in epoch_order(labels, seed=1, epoch=epoch, balance=0.7)]
    assert Counter(drawn) == Counter(int(place) for place in wanted)


@pytest.mark.slow
def test_a_machine_with_another_copy_of_the_pictures_is_refused(root, tmp_path):
    shutil.copytree(root / "valid", tmp_path / "other" / "train")
    shutil.copytree(root / "valid", tmp_path / "other" / "valid")
    run = Run(root, tmp_path / "mixed").go(2, code=1, ROOT_OF_RANK_1=str(tmp_path / "other"))
    assert (
        f"{tmp_path / 'other' / 'train'} holds other pictures than the first process's; copy it from there" in run.said
    )
    assert run.noted("loss") == []


@pytest.mark.slow
def test_a_training_goes_on_exactly_in_another_number_of_processes(alone, root, tmp_path):
    """One process, then two, then one, then three; stopped within an epoch each time."""
    run = Run(root, tmp_path / "changing")
    for processes, stop_at in ((1, 4), (2, 5), (1, 3), (3, "")):
        run.go(processes, stop_at=stop_at)
    assert run.noted("loss") == pytest.approx(alone.noted("loss"), rel=1e-4)
    places = [(epoch, step) for epoch, step in zip(run.noted("epoch"), run.noted("step"), strict=True)]
    assert all(now < later for now, later in pairwise(places))
    rows = [json.loads(line) for line in (run.folder / "log.jsonl").read_text().splitlines()]
    whole = [json.loads(line) for line in (alone.folder / "log.jsonl").read_text().splitlines()]
    assert [row["epoch"] for row in rows] == [1, 2, 3]
    assert [row["loss"] for row in rows] == pytest.approx([row["loss"] for row in whole], rel=1e-4)
    assert [row["valid_loss"] for row in rows] == pytest.approx([row["valid_loss"] for row in whole], rel=1e-3)


def processes(launcher):
    """The processes that ``launcher`` began: rank -> process id."""
    found = {}
    for pid in below(launcher):
        with contextlib.suppress(OSError):
            words = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
            found |= {int(word[5:]): pid for word in words if word.startswith(b"RANK=")}
    return found


def wait_for(condition, seconds=100.0):
    latest = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < latest, "waited in vain"
        time.sleep(0.01)


def begin(words, log):
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    with log.open("w") as out:
        return subprocess.Popen([sys.executable, *words], stdout=out, stderr=out, cwd=ROOT, env=environment)


linux = pytest.mark.skipif(sys.platform != "linux", reason="asks /proc for the processes")


@pytest.mark.slow
@linux
@pytest.mark.timeout(300)
def test_a_lost_process_is_begun_again_from_the_last_checkpoint(alone, root, tmp_path):
    run = Run(root, tmp_path / "lost")
    words = ["train", "--config", str(run.config), "--runs", str(tmp_path / "runs"), "--set", "train.devices=2"]
    begun, last = begin(["-m", "training.run", *words], tmp_path / "said"), tmp_path / "runs/shared/train/last.pt"
    wait_for(last.exists)
    os.kill(processes(begun.pid)[1], signal.SIGKILL)
    assert begun.wait(200) == 0, (tmp_path / "said").read_text()
    said = (tmp_path / "said").read_text()
    assert said.count("a process was ended by signal 9: all begin again from the last checkpoint") == 1
    assert "resumed at epoch" in said
    rows = [
        [json.loads(line) for line in (each / "log.jsonl").read_text().splitlines()]
        for each in (last.parent, alone.folder)
    ]
    assert [row["epoch"] for row in rows[0]] == [1, 2, 3]
    assert [row["loss"] for row in rows[0]] == pytest.approx([row["loss"] for row in rows[1]], rel=1e-4)


@pytest.mark.slow
@linux
def test_an_error_that_was_said_is_not_tried_again(root, tmp_path):
    run = Run(root, tmp_path / "wrong")
    words = ["train", "--config", str(run.config), "--runs", str(tmp_path / "runs"), "--set", "train.devices=2"]
    words += ["--set", "train.batch_size=71"]  # one picture is left for two processes
    assert begin(["-m", "training.run", *words], tmp_path / "said").wait(100) == 1
    said = (tmp_path / "said").read_text()
    assert said.count("an epoch ends with 1 picture(s), fewer than one for each; use another batch size") == 1
    assert "Traceback" not in said
    assert "begin again" not in said


@pytest.mark.slow
@linux
@pytest.mark.timeout(400)
def test_a_lost_node_costs_no_more_than_the_steps_since_the_last_checkpoint(alone, root, tmp_path):
    """Two nodes, as two of torchrun's agents: one is killed with its process, and begun again by whoever keeps it."""
    run = Run(root, tmp_path / "nodes")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["train", "--config", str(run.config), "--runs", str(tmp_path / "runs")]
    node = ["-m", "training.launcher", "--nnodes=2", "--nproc-per-node=1", "--max-restarts=3", "--rdzv-backend=c10d"]
    node += [
        f"--rdzv-endpoint=127.0.0.1:{port}",
        "--rdzv-id=test",
        "--local-addr=127.0.0.1",
        "-m",
        "training.run",
        *words,
    ]
    first = begin(node, tmp_path / "first")
    wait_for(lambda: listens(port))
    second = begin(node, tmp_path / "second")
    wait_for((tmp_path / "runs/shared/train/last.pt").exists)
    for pid in (second.pid, *processes(second.pid).values()):
        os.kill(pid, signal.SIGKILL)
    second.wait()
    third = begin(node, tmp_path / "third")
    assert first.wait(250) == 0, (tmp_path / "first").read_text()
    assert third.wait(60) == 0, (tmp_path / "third").read_text()
    said = (tmp_path / "first").read_text() + (tmp_path / "third").read_text()
    assert "resumed at epoch" in said
    folders = (tmp_path / "runs" / "shared" / "train", alone.folder)
    rows = [[json.loads(line) for line in (each / "log.jsonl").read_text().splitlines()] for each in folders]
    assert [row["loss"] for row in rows[0]] == pytest.approx([row["loss"] for row in rows[1]], rel=1e-4)


def listens(port):
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", port)) == 0
