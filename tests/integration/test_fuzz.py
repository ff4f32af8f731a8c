"""Every parser of ours is fuzzed: a few fixed mutants here, ten minutes each under atheris in ``make test-slow``.

``AFFECTCAM_FUZZ_S`` sets the seconds a target. What was found has a test of its own beside the parser's other tests.
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys

import numpy as np
import pytest
from fuzz.targets import TARGETS
from hostile import tell
from mutants import mutant

SECONDS = int(os.environ.get("AFFECTCAM_FUZZ_S", "600"))
MUTANTS = 25


def npy(value) -> bytes:
    file = io.BytesIO()
    np.save(file, np.array(value), allow_pickle=False)
    return file.getvalue()


#: What was found, and must stay refused or read.
FOUND = (
    ("scalar", npy("7").removesuffix("7".encode("utf-32-le")) + b"\xff" * 4),  # no letter
    ("records", b"[" * 60_000),
    ("span", b"999999999.999991-"),
    ("span", b"2.8885-388588"),  # said to the millisecond alone
)


@pytest.mark.parametrize(("name", "content"), FOUND, ids=[f"{name}-{place}" for place, (name, _) in enumerate(FOUND)])
def test_what_was_found_stays_mended(name, content):
    TARGETS[name].look(content)


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_whole_passes_and_some_mutants_are_refused_or_read(name):
    target = TARGETS[name]
    for seed in target.seeds():
        target.look(seed)
        for number in range(MUTANTS):
            target.look(mutant(seed[:64_000], number))


@pytest.mark.slow
@pytest.mark.timeout(SECONDS + 300)
@pytest.mark.parametrize("name", TARGETS)
def test_ten_minutes_of_fuzzing_find_nothing(name, project_root, tmp_path, capsys):
    words = [sys.executable, "tests/fuzz/run.py", name, "--seconds", str(SECONDS), "--findings", str(tmp_path)]
    done = subprocess.run(words, cwd=project_root, capture_output=True, text=True, errors="replace")
    assert done.returncode == 0, done.stderr[-5000:]
    assert list(tmp_path.iterdir()) == []
    inputs = int(re.search(r"number_of_executed_units: (\d+)", done.stderr)[1])
    tell(capsys, f"fuzz {name}: {inputs} inputs in {SECONDS} s")
    assert inputs > SECONDS
