"""A camera of the kernel's own (the test driver vivid): asked, taken by another program, unplugged and back again.

Needs root, since the driver is loaded, and its device taken away and given back.
"""

from __future__ import annotations

import os
import queue
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import need

from app.capture import v4l2
from app.capture.camera import Camera
from app.capture.cameras import CameraInfo, list_cameras
from app.capture.modes import camera_modes
from app.capture.open import open_source
from app.capture.surviving import Surviving
from app.capture.trouble import TakenError
from app.capture.watch import CameraWatch
from app.types import Source

pytestmark = pytest.mark.system

DRIVER = Path("/sys/bus/platform/drivers/vivid")
SLOW_S = 30.0  # an emulated machine


@pytest.fixture
def camera() -> Iterator[CameraInfo]:
    """A webcam of vivid, plugged in."""
    if os.name != "posix" or os.geteuid() != 0:
        pytest.skip("loading the test driver vivid needs root")
    if shutil.which("modprobe") is None:
        pytest.skip("missing: modprobe (sudo apt install kmod)")
    if not DRIVER.exists():
        words = ["modprobe", "vivid", "n_devs=1", "node_types=0x1", "num_inputs=1", "input_types=0x0"]
        loaded = subprocess.run(words, capture_output=True, text=True, check=False)
        if loaded.returncode != 0:
            pytest.skip(f"this kernel has no test driver vivid: {loaded.stderr.strip()}")
    yield wait_for(lambda: next((info for info in list_cameras() if "vivid" in info.name), None))
    if not (DRIVER / "vivid.0").exists():
        plug("bind")


def wait_for(look):
    give_up_s = time.monotonic() + SLOW_S
    while (found := look()) is None:
        assert time.monotonic() < give_up_s, "waited in vain"
        time.sleep(0.05)
    return found


def plug(what: str) -> None:
    """Take the camera away ("unbind") or give it back ("bind")."""
    (DRIVER / what).write_text("vivid.0")


def test_it_tells_its_modes_also_while_it_is_used(camera: CameraInfo) -> None:
    assert camera.path is not None
    modes = {mode.size: mode.fps for mode in camera_modes(camera.path)}
    assert 30.0 in modes[640, 360]
    assert modes == {mode.size: mode.fps for mode in camera_modes(camera.index)}
    with Camera(camera.index, width=640, height=360, fps=15) as source:
        frames = iter(source)
        assert next(frames).pixels.shape == (360, 640, 3)
        assert source.size in modes
        assert {mode.size for mode in camera_modes(camera.index)} == set(modes)
        assert next(frames).index == 1


def test_another_program_that_has_it_is_said_and_not_disturbed(camera: CameraInfo) -> None:
    need({"v4l2-ctl": "v4l-utils"})
    assert camera.path is not None
    words = ["v4l2-ctl", "-d", camera.path, "--stream-mmap", "--stream-count=100000", "--stream-to=/dev/null"]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as other:

        def streams() -> bool | None:
            with v4l2.opened(camera.path) as ask:
                return v4l2.is_taken(ask) or None

        try:
            wait_for(streams)
            with pytest.raises(TakenError, match="is taken by another program; close it there"):
                Camera(camera.index)
            assert other.poll() is None
            assert streams()
        finally:
            other.terminate()


def test_it_is_unplugged_and_back_again(camera: CameraInfo) -> None:
    states: queue.Queue[str | None] = queue.Queue()
    lists: queue.Queue[list[CameraInfo]] = queue.Queue()
    frames = 0

    def open_it(address: str) -> Source:
        return open_source(address, width=640, height=360, fps=15, live=True)

    def read() -> None:
        nonlocal frames
        for _ in source:
            frames += 1

    with CameraWatch(lists.put, 0.2):
        assert lists.get(timeout=SLOW_S) == [camera]
        source = Surviving(camera.index, open_it, on_state=states.put)
        reader = threading.Thread(target=read)
        reader.start()
        try:
            for _ in range(2):
                wait_for(lambda before=frames: frames > before + 10 or None)
                plug("unbind")
                assert states.get(timeout=3) == f"camera {camera.index} is gone; waiting for it to come back"
                assert lists.get(timeout=SLOW_S) == []
                plug("bind")
                assert lists.get(timeout=SLOW_S)[0].name == camera.name
                assert states.get(timeout=SLOW_S) is None
            wait_for(lambda before=frames: frames > before + 10 or None)
            begin_s = time.monotonic()
        finally:
            source.close()
            reader.join(SLOW_S)
        assert time.monotonic() - begin_s < 1.5
        assert not reader.is_alive()
    assert states.empty()
