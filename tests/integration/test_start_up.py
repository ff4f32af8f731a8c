"""How long a command takes to begin, beside what Python itself takes to import NumPy in the same minute."""

from __future__ import annotations

import subprocess
import sys
import time

import cv2
import pytest
import skimage.data

pytestmark = pytest.mark.alone

RUNS = 4
# 0.3 s for the help and 1.5 s for one picture where importing NumPy takes 0.1 s.
HELP, PICTURE = 3.0, 15.0


def quickest(project_root, *commands):
    """Seconds of the quickest of a few runs of each, in turn: what a busy machine adds is not ours."""
    taken = [[] for _ in commands]
    for _ in range(RUNS):
        for words, times in zip(commands, taken, strict=True):
            started = time.perf_counter()
            subprocess.run([sys.executable, *words], cwd=project_root, check=True, capture_output=True, timeout=60)
            times.append(time.perf_counter() - started)
    return map(min, taken)


def test_help_is_there_at_once_and_one_picture_in_a_second_or_so(project_root, tmp_path):
    picture = tmp_path / "astronaut.png"
    cv2.imwrite(str(picture), skimage.data.astronaut()[:, :, ::-1])
    one = ["-m", "app", "classify", str(picture), "--out", str(tmp_path / "out"), "--formats", "csv", "--overwrite"]
    numpy, shown, read = quickest(project_root, ["-c", "import numpy"], ["-m", "app", "--help"], one)
    assert shown < HELP * numpy
    assert read < PICTURE * numpy


def test_help_loads_nothing_heavy(project_root):
    text = (
        "import sys, app.cli\n"
        "print([name for name in ('numpy', 'cv2', 'mediapipe', 'onnxruntime', 'av', 'PyQt5', 'torch', 'ray', 'pyarrow')"
        " if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", text], cwd=project_root, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
