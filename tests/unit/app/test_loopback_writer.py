"""Loopback devices are chosen well, and left good for the next sender."""

from __future__ import annotations

import contextlib
import os
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.sinks import camera_backends, loopback_writer
from app.sinks.loopback import LoopbackDevice
from app.sinks.loopback_writer import open_writer
from app.sinks.virtual_camera import VirtualCameraSink
from model.errors import SinkError

pyvirtualcam = pytest.importorskip("pyvirtualcam")
SHARED_MEMORY = Path("/dev/shm")
pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or not os.access(SHARED_MEMORY, os.W_OK), reason="needs files that lie under /dev"
)

CAPTURE, OUTPUT = 1, 2
SIZE = (320, 240)


class Driver:
    """Stands in for v4l2loopback: files under /dev, and a record of what was asked of their descriptors."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.devices: list[LoopbackDevice] = []
        self.asked: list[tuple[Path, int]] = []
        self.carries = SIZE
        self.refuses = False

    def add(self, name: str, label: str, capabilities: int) -> Path:
        path = self.folder / name
        path.touch()
        self.devices.append(LoopbackDevice(path=path, label=label, capabilities=capabilities))
        return path

    def control(self, descriptor: int, request: int, data: bytearray) -> None:
        self.asked.append((Path(f"/proc/self/fd/{descriptor}").readlink(), request))
        if self.refuses:
            raise OSError
        if request == loopback_writer._GET_FORMAT:
            data[8:16] = struct.pack("II", *self.carries)

    def streams(self) -> list[str]:
        return [path.name for path, request in self.asked if request == loopback_writer._STREAM_ON]


class Camera:
    """As pyvirtualcam's: holds a descriptor of its device."""

    def __init__(self, device: str | None) -> None:
        self.device = str(device)
        self.descriptor = os.open(self.device, os.O_WRONLY)
        self.closed = False

    def close(self) -> None:
        os.close(self.descriptor)
        self.closed = True


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Driver]:
    folder = SHARED_MEMORY / f"affectcam-test-{os.getpid()}"
    folder.mkdir()
    made = Driver(folder)
    monkeypatch.setattr(loopback_writer, "_control", made.control)
    for module in (loopback_writer, camera_backends):
        monkeypatch.setattr(module, "loopback_devices", lambda: (made.devices, []))
    yield made
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


def test_a_sender_is_counted_so_that_the_device_is_free_after_it(driver: Driver) -> None:
    path = driver.add("video2", "affectcam", OUTPUT)
    with contextlib.closing(open_writer(Camera, str(path), SIZE)):
        assert driver.streams() == ["video2"]


def test_a_descriptor_that_was_there_before_is_left_alone(driver: Driver) -> None:
    path = driver.add("video2", "affectcam", OUTPUT)
    reader = os.open(path, os.O_RDONLY)
    try:
        with contextlib.closing(open_writer(Camera, str(path), SIZE)):
            assert driver.streams() == ["video2"]
    finally:
        os.close(reader)


def test_a_driver_that_refuses_is_no_obstacle(driver: Driver) -> None:
    driver.refuses = True
    path = driver.add("video2", "affectcam", OUTPUT)
    camera = open_writer(Camera, str(path), SIZE)
    assert not camera.closed
    camera.close()


def test_the_device_called_affectcam_comes_first(driver: Driver) -> None:
    driver.add("video0", "OBS Virtual Camera", OUTPUT)
    path = driver.add("video2", "affectcam", OUTPUT)
    with contextlib.closing(open_writer(Camera, None, SIZE)) as camera:
        assert camera.device == str(path)


def test_one_that_takes_pictures_comes_before_one_that_is_fed_already(driver: Driver) -> None:
    driver.add("video2", "affectcam", CAPTURE)
    path = driver.add("video3", "other", OUTPUT)
    with contextlib.closing(open_writer(Camera, None, SIZE)) as camera:
        assert camera.device == str(path)


def test_a_device_that_is_good_for_nothing_is_revived_first(driver: Driver) -> None:
    driver.add("video2", "affectcam", 0)
    driver.add("video3", "fed", CAPTURE)
    with contextlib.closing(open_writer(Camera, None, SIZE)):
        assert driver.streams() == ["video2", "video2"]  # to revive it, and to send


def test_a_size_that_a_reader_holds_is_said(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    path = driver.add("video2", "affectcam", CAPTURE | OUTPUT)
    driver.carries = (640, 480)
    opened = []

    class Library:
        def __init__(self, width: int, height: int, fps: float, *, device: str, backend: str | None) -> None:
            opened.append(Camera(device))
            self.device, self.close, self.backend = device, opened[-1].close, "v4l2loopback"

    monkeypatch.setattr(pyvirtualcam, "Camera", Library)
    monkeypatch.setattr(pyvirtualcam.camera, "BACKENDS", {"v4l2loopback": object})
    with pytest.raises(SinkError, match=r"still reads it at 640x480; .* \(--camera-size 640x480\)$"):
        VirtualCameraSink(SIZE, 30, device=str(path))
    assert opened[0].closed


def test_a_device_that_is_fed_already_is_said(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    path = driver.add("video2", "affectcam", CAPTURE)

    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError(f"'v4l2loopback' backend: Device {path} is not a video output device.")

    monkeypatch.setattr(pyvirtualcam, "Camera", refuse)
    monkeypatch.setattr(pyvirtualcam.camera, "BACKENDS", {"v4l2loopback": object})
    with pytest.raises(SinkError, match="another program feeds it, or reads what one fed") as caught:
        VirtualCameraSink(SIZE, 30)
    assert "modprobe" not in str(caught.value)
    assert camera_backends.available() == (True, f"affectcam ({path}, in use)")
