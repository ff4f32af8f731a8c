"""A program that is killed while it records loses at most the last second."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from recording_helpers import decode, rows
from video_makers import number_of

# Frames at ten a second of their own time, as quickly as they are encoded; each is told when it is with the encoder.
CHILD = """
import sys, time
from pathlib import Path
from recording_helpers import reading, result
from video_makers import counting_frames
from app.sinks.recording import Recording

pictures = counting_frames(25)
with Recording(Path(sys.argv[1]), size=(64, 48), fps=10, drawn=False, table=True, name="talk") as sink:
    for index in range(100_000):
        sink.write(result(pictures[index % 25], 7 + index / 10, index, reading()))
        while sink.seconds < (index + 0.5) / 10:
            time.sleep(0.0005)
        print(index, flush=True)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="signals of POSIX")
@pytest.mark.parametrize("at", [44, 87])
def test_a_kill_loses_at_most_a_second(tmp_path: Path, project_root: Path, at: int) -> None:
    paths = os.pathsep.join([str(project_root), str(project_root / "tests")])
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": paths},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    with child, child.stdout as lines:
        newest = -1
        for line in lines:
            newest = int(line)
            if newest == at:
                child.send_signal(signal.SIGKILL)
    assert child.returncode == -signal.SIGKILL
    assert newest >= at
    found = decode(tmp_path / "talk.mp4")
    assert newest / 10 - found[-1][1] <= 1.0
    assert [number_of(picture) for picture, _ in found] == [index % 25 for index in range(len(found))]
    # The table is flushed by the clock, which hardly moved here; its end may be half a row.
    table = (tmp_path / "talk.csv").read_text(encoding="utf-8")
    assert table.startswith("frame,time_s,track,")
    assert all(row["label"] == "happiness" for row in rows(tmp_path / "talk.csv")[:-1])
