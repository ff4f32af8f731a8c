"""The detector works without OpenGL, and its drivers stay out of a process that forwent them."""

from __future__ import annotations

import ctypes.util
import subprocess
import sys

import pytest

PROGRAM = """
import os, pathlib, sys
import numpy as np
from model.detector import FaceDetector
from model.no_opengl import forgo_opengl

before = dict(os.environ)
if sys.argv[1] == "forgo":
    forgo_opengl()
    assert dict(os.environ) == before
with FaceDetector() as detector:
    detector.detect(np.zeros((90, 160, 3), np.uint8))
maps = pathlib.Path("/proc/self/maps").read_text().lower()
print(sum(name in maps for name in ("libegl_", "libgallium", "libllvm", "_dri.so")))
"""


def drivers(folder, word):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, word], cwd=folder, capture_output=True, text=True, check=True, timeout=100
    )
    return int(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc; OpenGL is only forgone on Linux")
@pytest.mark.skipif(ctypes.util.find_library("EGL") is None, reason="no OpenGL here")
def test_no_driver_is_loaded_after_forgoing_opengl(project_root):
    if drivers(project_root, "keep") == 0:
        pytest.skip("no OpenGL driver here")
    assert drivers(project_root, "forgo") == 0
