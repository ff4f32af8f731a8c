"""Two processes that share each batch train as one does, and a launched run leaves what a plain one leaves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch", reason="training needs its extra")

from training.batches import StepSampler

CONFIG = """
name = "shared"
[data]
root = "{root}"
kind = "generated"
[network]
architecture = "new-base"
input_size = 41
options = {{ dropout = 0.0 }}
[augment]
blur = 0.3
noise = 0.3
erase = 0.3
[train]
epochs = 7
batch_size = 61
optimizer = "sgd"
learning_rate = 0.005
accelerator = "cpu"
checkpoint_minutes = 0
"""


@given(st.integers(1, 90), st.integers(1, 20), st.integers(1, 4), st.integers(0, 30))
def test_processes_share_the_pictures_of_each_step_without_overlap(count, batch_size, world, first):
    labels = np.zeros(count, np.uint8)

    def steps(rank, world):
        sampler = StepSampler(
            labels, seed=1, balance=0, batch_size=batch_size, first=first, last=first + 7, rank=rank, world=world
        )
        return list(sampler)

    whole, parts = steps(0, 1), [steps(rank, world) for rank in range(world)]
    for step, places in enumerate(whole):
        shared = np.concatenate([part[step] for part in parts])
        assert sorted(shared) == sorted(places)


@given(st.integers(1, 50), st.integers(1, 12))
def test_each_epoch_reads_every_picture_once(count, batch_size):
    steps = -(-count // batch_size)
    sampler = StepSampler(
        np.zeros(count, np.uint8), seed=3, balance=0, batch_size=batch_size, first=steps, last=3 * steps
    )
    drawn = list(sampler)
    for epoch in (drawn[:steps], drawn[steps:]):
        assert sorted(np.concatenate(epoch)) == list(range(count))


@pytest.mark.slow
def test_two_processes_follow_the_loss_of_one(tmp_path):
    """50 steps and more: 7 epochs of 8, the last step of each with an odd share."""
    config = tmp_path / "shared.toml"
    config.write_text(CONFIG.format(root=tmp_path / "condensed"))
    losses = {}
    for devices in (1, 2):
        runs = tmp_path / f"runs-{devices}"
        words = ["train", "--config", str(config), "--runs", str(runs), "--set", f"train.devices={devices}"]
        done = subprocess.run(
            [sys.executable, "-m", "training.run", *words],
            capture_output=True,
            text=True,
            cwd=Path(__file__).parents[2],
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        rows = [json.loads(line) for line in (runs / "shared" / "train" / "log.jsonl").read_text().splitlines()]
        losses[devices] = [row["loss"] for row in rows]
        assert json.loads((runs / "shared" / "steps" / "train.json").read_text())["outputs"]
    assert len(losses[1]) == 7
    assert losses[1][-1] < losses[1][0]
    assert losses[2] == pytest.approx(losses[1], rel=1e-4)
