"""``python -m app`` with a device that writes down what it gets, and a look into its processes from outside."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

PROGRAM = """
import sys, time
import pyvirtualcam

class Device:
    def __init__(self, *, width, height, fps, fourcc, device):
        self.log = open(LOG, "a")
        self.write("open", f"{width}x{height}")
    def write(self, *words):
        print(*words, file=self.log, flush=True)
    def send(self, frame):
        self.write("tick", f"{time.monotonic():.5f}", f"{frame.reshape(-1)[::211].mean():.2f}")
    def close(self):
        self.write("close", "-")
    def device(self):
        return "written"
    def native_fourcc(self):
        return None

LOG = sys.argv.pop(1)
pyvirtualcam.camera.BACKENDS.clear()
pyvirtualcam.register_backend("written", Device)
from app import cli
from app.supervisor import supervise
supervise.HUNG_S = float(sys.argv.pop(1))
sys.exit(cli.main(sys.argv[1:], supervise=True))
"""


@dataclass(frozen=True)
class Tick:
    """A picture that the device got."""

    at_s: float  # on the monotonic clock, which all processes share
    light: float  # mean of the picture


class Call:
    """A running ``affectcam`` whose device is a file."""

    def __init__(self, folder: Path, *words: str, hung_s: float = 60.0) -> None:
        self._log, self._said = folder / "device.txt", folder / "said.txt"
        program = folder / "program.py"
        program.write_text(PROGRAM)
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": str(folder / "settings")}
        with self._said.open("w") as said:
            self.process = subprocess.Popen(
                [sys.executable, program, self._log, str(hung_s), *words],
                stdout=said,
                stderr=said,
                cwd=ROOT,
                env=environment,
            )

    def ticks(self) -> list[Tick]:
        """All that the device got so far."""
        lines = [line.split() for line in self._lines() if line.startswith("tick")]
        return [Tick(float(at), float(light)) for _, at, light in (line for line in lines if len(line) == 3)]

    def count(self, word: str) -> int:
        """How often the device was opened or closed."""
        return sum(line.startswith(word) for line in self._lines())

    def said(self) -> str:
        """What it has said."""
        return self._said.read_text()

    def worker(self) -> int:
        """The process that reads and draws, waited for."""
        return wait_for(lambda: next(iter(children(self.process.pid)), None), "a process that reads")

    def wait_for_ticks(self, count: int, patience_s: float = 60.0) -> None:
        """Wait until the device has got ``count`` more."""
        wanted = len(self.ticks()) + count
        wait_for(lambda: len(self.ticks()) >= wanted, f"{count} ticks", patience_s)

    def end(self) -> None:
        """See that nothing of it is left."""
        pids = [self.process.pid, *children(self.process.pid)]
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(20)

    def _lines(self) -> list[str]:
        return self._log.read_text().splitlines() if self._log.exists() else []


def children(pid: int) -> list[int]:
    """The processes that ``pid`` has started and that still run."""
    try:
        words = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [int(word) for word in words.split()]


def is_running(pid: int) -> bool:
    """Whether there is such a process, and it is not merely waiting to be buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_for(found, what: str, patience_s: float = 60.0):
    """What ``found()`` gives as soon as it is something."""
    until_s = time.monotonic() + patience_s
    while not (got := found()):
        if time.monotonic() > until_s:
            pytest.fail(f"waited {patience_s:.0f} s in vain for {what}")
        time.sleep(0.05)
    return got


def gaps(ticks: list[Tick]) -> list[float]:
    """Seconds between one tick and the next."""
    return [after.at_s - before.at_s for before, after in itertools.pairwise(ticks)]
