"""The window is there in time, answers all the while, and costs next to nothing at rest; on an idle machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest


@pytest.mark.slow
def test_a_start_keeps_its_promises(project_root: Path, model_file: Path) -> None:
    done = subprocess.run(
        [sys.executable, "scripts/measure_window.py", "--json", "--starts", "3"],
        cwd=project_root,
        env={**os.environ, "PYTHONPATH": str(project_root)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    assert median(row["first_labelled_s"] for row in rows) <= 3.0
    assert median(row["longest_silence_s"] for row in rows) <= 0.05
    assert median(row["resting_share"] for row in rows) <= 0.02
