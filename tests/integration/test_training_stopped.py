"""A training in two processes that is told to stop saves, ends in one line, and goes on from there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

pytest.importorskip("torch", reason="training needs its extra")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are sent")


@pytest.mark.slow
def test_ctrl_c_shows_no_traceback(project_root, tmp_path):
    words = ["train", "--config", "training/configs/smoke.toml", "--runs", str(tmp_path)]
    settings = [
        "train.devices=2",
        "train.accelerator=cpu",
        "train.epochs=200",
        "pretrain.root=",
        f"data.root={tmp_path / 'data'}",
    ]
    command = [sys.executable, "-m", "training.run", *words, *(w for each in settings for w in ("--set", each))]
    with subprocess.Popen(
        command, cwd=project_root, text=True, stderr=subprocess.PIPE, env={**os.environ, "OMP_NUM_THREADS": "1"}
    ) as run:
        log = None
        for _ in range(600):
            log = next(iter(tmp_path.glob("*/train/log.jsonl")), None)
            if log is not None and log.stat().st_size:
                break
            time.sleep(0.1)
        assert log is not None, "no epoch was done in a minute"
        run.send_signal(signal.SIGINT)
        _, said = run.communicate(timeout=60)
    assert run.returncode == 130, said
    assert "Traceback" not in said
    assert said.rstrip().endswith("stopped; the same command goes on from here")
    assert (log.parent / "last.pt").is_file()
