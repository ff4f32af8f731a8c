"""A long call: memory, threads and files stay as they are, and the device's ticks come in time, whatever is killed.

An hour in ``make test-slow``; ``AFFECTCAM_SOAK_MINUTES=10`` for a look. Memory is judged from half an hour on, since a
process still finds its size in the first minutes.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from supervised import Call, gaps

pytest.importorskip("pyvirtualcam")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(2 * 3600),
    pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc; calls are supervised on Linux"),
]

MINUTES = float(os.environ.get("AFFECTCAM_SOAK_MINUTES", "60"))
SETTLE_S = min(300.0, MINUTES * 60 / 3)
EVERY_S = 5.0
FPS = 30.0
LATE = 1.5 / FPS
PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


def looked_at(pid):
    """Resident bytes, threads and open files."""
    folder = Path(f"/proc/{pid}")
    resident = int((folder / "statm").read_text().split()[1]) * PAGE
    threads = int(
        next(line for line in (folder / "status").read_text().splitlines() if line.startswith("Threads")).split()[1]
    )
    return resident, threads, len(list((folder / "fd").iterdir()))


def test_a_long_call_stays_as_it_is_and_outlives_what_reads(tmp_path):
    call = Call(tmp_path, "overlay", "--source", "demo")
    try:
        call.wait_for_ticks(30)
        worker, began_s = call.worker(), time.monotonic()
        rows = []
        while time.monotonic() - began_s < MINUTES * 60:
            time.sleep(EVERY_S)
            rows.append((time.monotonic() - began_s, *looked_at(worker), *looked_at(call.process.pid)))
        steady = call.ticks()
        os.kill(worker, signal.SIGSTOP)
        time.sleep(30)
        os.kill(worker, signal.SIGCONT)
        call.wait_for_ticks(150)
        os.kill(worker, signal.SIGKILL)
        call.wait_for_ticks(600)
        after = call.ticks()[len(steady) :]
    finally:
        call.end()
    times = np.array([row[0] for row in rows])
    kept = times >= SETTLE_S
    table = np.array(rows, float)[kept]
    slopes = [np.polyfit(table[:, 0], table[:, column], 1)[0] * 600 / 1e6 for column in (1, 4)]
    steady = [tick for tick in steady if tick.at_s >= began_s]
    in_time = float(np.mean(np.array(gaps(steady)) <= LATE))
    figures = {
        "minutes": MINUTES,
        "ticks": len(steady),
        "in_time": round(in_time, 5),
        "longest_gap_s": round(max(gaps(steady)), 3),
        "mb_per_10_min": [round(slope, 2) for slope in slopes],
        "mb": [round(table[-1, column] / 1e6) for column in (1, 4)],
        "threads": [sorted(set(table[:, column].astype(int).tolist())) for column in (2, 5)],
        "files": [sorted(set(table[:, column].astype(int).tolist())) for column in (3, 6)],
        "stopped_and_killed_longest_gap_s": round(max(gaps(after)), 3),
    }
    if where := os.environ.get("AFFECTCAM_SOAK_FIGURES"):
        Path(where).write_text(json.dumps(figures))
    assert MINUTES < 30 or max(slopes) < 1.0, figures
    assert all(min(each) == max(each) for each in figures["threads"]), figures
    assert all(max(each) - min(each) <= 1 for each in figures["files"]), figures
    assert in_time >= 0.995, figures
    assert max(gaps(after)) < 3 / FPS, figures
