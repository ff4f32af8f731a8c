"""What the system tests share: the clip, the program as a process of its own, and what they need of the system."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import flat_clip
import pytest

from app.sinks.loopback import LoopbackDevice, loopback_devices

#: Seconds that the program may take to start; an emulated machine takes minutes.
START_S = 240.0
ENDING_S = 60.0


def need(programs: dict[str, str]) -> None:
    """Skip the test unless all programs are there; the message names what is missing and the apt packages."""
    missing = {name: package for name, package in programs.items() if shutil.which(name) is None}
    if missing:
        packages = " ".join(sorted(set(" ".join(missing.values()).split())))
        pytest.skip(f"missing: {', '.join(missing)} (sudo apt install {packages})")


@pytest.fixture
def loopback() -> LoopbackDevice:
    """A v4l2loopback device of this machine; skips the test where there is none."""
    devices, refused = loopback_devices()
    if not devices and refused:
        pytest.skip(f"this user may not open {refused[0]} (sudo usermod -aG video $USER, then log in again)")
    if not devices:
        pytest.skip("no v4l2loopback device (sudo modprobe v4l2loopback exclusive_caps=1 card_label=affectcam)")
    return devices[0]


#: Set on an emulated machine.
EMULATED = "AFFECTCAM_EMULATED"
PATIENT_APP = Path(__file__).with_name("patient_app.py")
#: Names a clip made beforehand, with what is expected of it beside it.
CLIP = "AFFECTCAM_CLIP"


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip long enough for slow readers."""
    made = os.environ.get(CLIP)
    return Path(made) if made else flat_clip.write_clip(tmp_path_factory.mktemp("clip") / "flat.mp4", seconds=300)


@pytest.fixture(scope="session")
def expected() -> flat_clip.Expected:
    """What clients must see of the clip."""
    made = os.environ.get(CLIP)
    return flat_clip.Expected.load(Path(made).with_suffix(".npz")) if made else flat_clip.Expected.make()


class Program:
    """A program that runs beside the test; its words go to a file, which is shown if something goes wrong."""

    def __init__(self, words: list[str], log: Path, environment: dict[str, str]) -> None:
        self.log = log
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environment, start_new_session=True
            )

    @property
    def said(self) -> str:
        """What it has said so far."""
        return self.log.read_text("utf-8", "replace")

    def wait_for(self, condition: Callable[[], bool], what: str, seconds: float = START_S) -> None:
        """Wait until ``condition`` holds; fails the test when that takes too long, or the program ends."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert self.process.poll() is None, f"ended with {self.process.returncode}:\n{self.said}"
            assert time.monotonic() < deadline, f"{what}: not within {seconds:g} s:\n{self.said}"
            time.sleep(0.1)

    def end(self) -> int:
        """End it as a polite kill does; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(ENDING_S)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            pytest.fail(f"did not end within {ENDING_S:g} s:\n{self.said}")


Start = Callable[..., Program]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts affectcam with the words given, beside the test."""
    app = [str(PATIENT_APP)] if os.environ.get(EMULATED) else ["-m", "app"]
    with _programs(tmp_path) as begin:
        yield lambda *words, **environment: begin([sys.executable, *app, *words], environment)


@pytest.fixture
def screen() -> Iterator[dict[str, str]]:
    """A screen of the test's own; gives the environment in which a window opens on it."""
    need({"Xvfb": "xvfb"})
    read, write = os.pipe()
    words = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1400x1000x24", "-nolisten", "tcp"]
    server = subprocess.Popen(words, pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(write)
    try:
        with os.fdopen(read) as told:
            number = told.readline().strip()
        assert number, "Xvfb did not start"
        yield {"DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}
    finally:
        server.terminate()
        server.wait(10)


@contextmanager
def _programs(folder: Path) -> Iterator[Callable[[list[str], dict[str, str]], Program]]:
    begun: list[Program] = []

    def begin(words: list[str], environment: dict[str, str]) -> Program:
        # Python's own words in UTF-8, and at once.
        full = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1", **environment}
        begun.append(Program(words, folder / f"program-{len(begun)}.log", full))
        return begun[-1]

    try:
        yield begin
    finally:
        for program in begun:
            if program.process.poll() is None:
                program.end()
