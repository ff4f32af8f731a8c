"""A training killed without warning ends with the weights of one that was not; asked to stop, it leaves cleanly."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="training needs its extra")

from training.checkpoint import load_checkpoint  # noqa: E402

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on Windows"),
]

ROOT = Path(__file__).parents[2]
CONFIG = """
name = "killed"
[data]
root = "{root}"
kind = "generated"
[network]
input_size = 24
options = {{ stem = 8, widths = [8, 16], depths = [1, 1], dropout = 0.3 }}
[augment]
mixup = 0.3
cutmix = 0.3
[train]
epochs = 12
batch_size = 16
accumulate = 2
learning_rate = 0.02
accelerator = "cpu"
threads = 1
checkpoint_minutes = 0
"""


def start(config, runs, *words):
    command = [sys.executable, "-m", "training.run", "train", "--config", str(config), "--runs", str(runs), *words]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)


def weights(runs, name):
    return load_checkpoint(runs / "killed" / "train" / name)


@pytest.fixture
def config(tmp_path):
    file = tmp_path / "killed.toml"
    file.write_text(CONFIG.format(root=tmp_path / "condensed"))
    return file


def test_a_killed_training_ends_as_one_that_was_not(config, tmp_path):
    whole = start(config, tmp_path / "whole")
    assert whole.wait(300) == 0, whole.stderr.read()
    last = tmp_path / "cut" / "killed" / "train" / "last.pt"
    rng = random.Random(7)
    kills = 0
    for _ in range(3):
        running = start(config, tmp_path / "cut")
        before = last.stat().st_mtime_ns if last.exists() else 0
        deadline = time.monotonic() + 120
        while running.poll() is None and time.monotonic() < deadline:
            if last.exists() and last.stat().st_mtime_ns != before:
                time.sleep(rng.uniform(0.0, 0.4))  # somewhere in a step, a save or a validation
                break
            time.sleep(0.01)
        if running.poll() is None:
            os.kill(running.pid, signal.SIGKILL)
            kills += 1
        running.wait(60)
        running.stderr.close()
    assert kills >= 2
    finished = start(config, tmp_path / "cut")
    assert finished.wait(300) == 0, finished.stderr.read()
    for name in ("last.pt", "best.pt"):
        ours, theirs = weights(tmp_path / "whole", name), weights(tmp_path / "cut", name)
        for part in ("network", "averaged"):
            assert all(torch.equal(ours[part][key], theirs[part][key]) for key in ours[part])
    logs = [(tmp_path / runs / "killed" / "train" / "log.jsonl").read_text().splitlines() for runs in ("whole", "cut")]
    assert [len(log) for log in logs] == [12, 12]
    for process in (whole, finished):
        process.stderr.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_training_that_is_asked_to_stop_saves_and_says_so(config, tmp_path, number):
    running = start(config, tmp_path)
    last = tmp_path / "killed" / "train" / "last.pt"
    deadline = time.monotonic() + 120
    while not last.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    running.send_signal(number)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "the same command goes on from here" in " ".join(said.split())
    assert "Traceback" not in said
    assert weights(tmp_path, "last.pt")["step"] > 0
