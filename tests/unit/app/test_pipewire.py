"""The camera in PipeWire: what its child gets, how it ends, and what is said where a piece is missing."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.sinks import camera_backends, pipewire_daemon
from app.sinks.pipewire import PipewireCamera
from app.sinks.pipewire_daemon import lacking
from app.sinks.virtual_camera import VirtualCameraSink, available, list_backends
from model.errors import SinkError

pyvirtualcam = pytest.importorskip("pyvirtualcam")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="PipeWire is for Linux")

# Stands in for gst-launch-1.0: keeps its words and its input; how it behaves is told by the file "manner".
LAUNCH = f"""#!{sys.executable} -SE
import os, sys, time
here = os.path.dirname(os.path.abspath(__file__))
open(here + "/words", "w").write("\\n".join(sys.argv[1:]))
open(here + "/pid", "w").write(str(os.getpid()))
manner = open(here + "/manner").read()
if manner == "refuse":
    print("ERROR: from element /GstPipeline:pipeline0/GstPipeWireSink:pipewiresink0: Failed to connect")
    sys.exit(1)
if manner != "dumb":
    print("Setting pipeline to PLAYING ...", flush=True)
if manner == "stuck":
    time.sleep(60)
with open(here + "/got", "wb") as got:
    while data := os.read(0, 1 << 20):
        got.write(data)
        got.flush()
"""
MANAGED = '[{"info": {"props": {"application.name": "WirePlumber"}}}, {"info": null}, {"type": "x"}]'


class Desktop:
    """A folder of stand-ins for GStreamer's and PipeWire's programs, and a socket for the daemon."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.program("gst-launch-1.0", LAUNCH)
        self.program("gst-inspect-1.0", "#!/bin/sh\nexit 0\n")
        self.program("pw-dump", f"#!/bin/sh\necho '{MANAGED}'\n")
        self.manner("well")
        self.daemon = socket.socket(socket.AF_UNIX)
        self.daemon.bind(str(folder / "pipewire-0"))
        self.daemon.listen(16)

    def program(self, name: str, text: str) -> None:
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o755)

    def manner(self, manner: str) -> None:
        (self.folder / "manner").write_text(manner)

    @property
    def got(self) -> bytes:
        return (self.folder / "got").read_bytes()

    @property
    def words(self) -> list[str]:
        return (self.folder / "words").read_text().splitlines()

    @property
    def child_runs(self) -> bool:
        return Path(f"/proc/{(self.folder / 'pid').read_text()}").exists()


@pytest.fixture
def desktop(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desktop]:
    folder = tmp_path_factory.mktemp("pw")  # a short path: a socket's may have 107 characters
    made = Desktop(folder)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setenv("PIPEWIRE_RUNTIME_DIR", str(folder))
    monkeypatch.delenv("PIPEWIRE_REMOTE", raising=False)
    yield made
    made.daemon.close()


def send_on(camera: PipewireCamera | VirtualCameraSink, size: tuple[int, int] = (64, 48)) -> None:
    for _ in range(100):
        camera.send(np.zeros((size[1], size[0], 3), np.uint8))
        time.sleep(0.02)


def test_pictures_arrive_whole_in_order_and_as_bgr(desktop: Desktop) -> None:
    dice = np.random.default_rng(1)
    pictures = [dice.integers(0, 256, (480, 640, 3), np.uint8) for _ in range(5)]
    camera = PipewireCamera(640, 480, 30.0)
    for picture in pictures:
        camera.send(picture)
    camera.close()
    size = 640 * 480 * 3
    assert desktop.got[:size] == bytes(size)  # the dark one with which it starts
    assert desktop.got[size:] == b"".join(picture.tobytes() for picture in pictures)
    assert not desktop.child_runs


def test_the_child_is_told_size_rate_and_name(desktop: Desktop) -> None:
    camera = PipewireCamera(640, 480, 30000 / 1001, device="My cam")
    camera.close()
    assert {"width=640", "height=480", "format=bgr", "framerate=30000/1001"} <= set(desktop.words)
    assert 'node.name=\\"My cam\\",node.description=\\"My cam\\"' in desktop.words[-1]
    assert camera.device == "My cam"
    with pytest.raises(SinkError, match="cannot be called"):
        PipewireCamera(640, 480, 30, device='a"b')


def test_it_is_a_virtual_camera_like_others(desktop: Desktop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pyvirtualcam.camera, "BACKENDS", {})
    assert list_backends() == ["pipewire"]
    assert available()[0]
    assert "PipeWire" in available()[1]
    with VirtualCameraSink((64, 48), 30) as sink:
        assert (sink.backend, sink.device, sink.name) == ("pipewire", "affectcam", "affectcam")
        sink.send(np.full((48, 64, 3), (1, 2, 3), np.uint8))
        sink.repeat()
        time.sleep(0.01)
        assert sink.current_fps > 0
    assert desktop.got[-2 * 9216 :] == bytes([1, 2, 3]) * 2 * 64 * 48  # blue first, and twice


def test_a_device_asked_for_by_name_is_not_looked_for_in_pipewire(
    desktop: Desktop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pyvirtualcam.camera, "BACKENDS", {})
    with pytest.raises(SinkError, match="cannot open the virtual camera /dev/video10"):
        VirtualCameraSink((64, 48), 30, device="/dev/video10")


def test_a_child_that_cannot_start_says_why(desktop: Desktop) -> None:
    desktop.manner("refuse")
    with pytest.raises(SinkError, match=r"^gst-launch-1\.0 has ended: Failed to connect$"):
        PipewireCamera(64, 48, 30)


def test_a_child_that_does_not_start_is_given_up(desktop: Desktop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.sinks.pipewire._START_S", 0.3)
    desktop.manner("dumb")
    with pytest.raises(SinkError, match="did not start within"):
        PipewireCamera(64, 48, 30)
    assert not desktop.child_runs


def test_a_child_that_dies_is_told(desktop: Desktop) -> None:
    with VirtualCameraSink((64, 48), 30, backend="pipewire") as sink:
        sink.send(np.zeros((48, 64, 3), np.uint8))
        os.kill(int((desktop.folder / "pid").read_text()), signal.SIGKILL)
        with pytest.raises(SinkError, match=r"affectcam failed: gst-launch-1\.0 has ended: code -9; start it again$"):
            send_on(sink)


def test_a_child_that_takes_nothing_holds_up_neither_sending_nor_closing(
    desktop: Desktop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.sinks.pipewire._ROOM_S", 0.05)
    monkeypatch.setattr("app.sinks.pipewire._STUCK_S", 0.4)
    monkeypatch.setattr("app.sinks.fed_child._END_S", 0.2)
    desktop.manner("stuck")
    camera = PipewireCamera(640, 480, 30)
    started_s = time.monotonic()
    camera.send(np.zeros((480, 640, 3), np.uint8))
    assert time.monotonic() - started_s < 0.3
    with pytest.raises(SinkError, match="has taken no picture for"):
        send_on(camera, (640, 480))
    camera.close()
    assert time.monotonic() - started_s < 3
    assert not desktop.child_runs


def test_the_end_of_the_daemon_is_told(desktop: Desktop) -> None:
    camera = PipewireCamera(64, 48, 30)
    camera.send(np.zeros((48, 64, 3), np.uint8))
    while True:  # those that came only to look, and the camera
        desktop.daemon.settimeout(0.2)
        try:
            desktop.daemon.accept()[0].close()
        except TimeoutError:
            break
    with pytest.raises(SinkError, match="the PipeWire daemon has ended"):
        camera.send(np.zeros((48, 64, 3), np.uint8))
    camera.close()


def test_another_shape_is_a_bug(desktop: Desktop) -> None:
    camera = PipewireCamera(64, 48, 30)
    with pytest.raises(ValueError, match="expected"):
        camera.send(np.zeros((64, 48, 3), np.uint8))
    camera.close()
    camera.close()


def test_each_missing_piece_is_named_with_its_cure(desktop: Desktop, monkeypatch: pytest.MonkeyPatch) -> None:
    real = shutil.which

    def without(*names: str) -> None:
        monkeypatch.setattr(shutil, "which", lambda name: None if name in names else real(name) or f"/usr/bin/{name}")

    assert lacking() == ("", "")
    without("wireplumber")
    desktop.program("pw-dump", "#!/bin/sh\necho '[]'\n")
    assert lacking()[0].startswith("PipeWire runs without a session manager")
    assert lacking()[1] == "sudo apt install wireplumber"
    without()
    assert lacking()[1] == "systemctl --user start wireplumber"
    monkeypatch.setenv("PIPEWIRE_RUNTIME_DIR", str(desktop.folder / "elsewhere"))
    assert lacking() == ("no PipeWire daemon answers", "systemctl --user start pipewire wireplumber")
    without("pipewire")
    assert lacking() == ("PipeWire is not installed", "sudo apt install pipewire wireplumber")
    desktop.program("gst-inspect-1.0", "#!/bin/sh\nexit 1\n")
    assert lacking() == ("GStreamer lacks PipeWire's plugin", "sudo apt install gstreamer1.0-pipewire")
    without("gst-launch-1.0")
    reason, cure = lacking()
    assert reason == "gst-launch-1.0 is missing"
    assert "gstreamer1.0-tools" in cure
    assert "gstreamer1.0-pipewire" in cure
    with pytest.raises(SinkError, match=r"in PipeWire: gst-launch-1\.0 is missing \(sudo apt install gstreamer1"):
        VirtualCameraSink((64, 48), 30, backend="pipewire")


def test_other_systems_have_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert lacking() == ("PipeWire is for Linux", "")
    monkeypatch.setattr(pyvirtualcam.camera, "BACKENDS", {})
    assert list_backends() == []


def test_the_socket_is_found_by_pipewires_own_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PIPEWIRE_REMOTE", "PIPEWIRE_RUNTIME_DIR", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    assert pipewire_daemon.socket_path() is None
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/7")
    assert pipewire_daemon.socket_path() == Path("/run/user/7/pipewire-0")
    monkeypatch.setenv("PIPEWIRE_RUNTIME_DIR", "/elsewhere")
    monkeypatch.setenv("PIPEWIRE_REMOTE", "pipewire-1")
    assert pipewire_daemon.socket_path() == Path("/elsewhere/pipewire-1")
    monkeypatch.setenv("PIPEWIRE_REMOTE", "/tmp/there")
    assert pipewire_daemon.socket_path() == Path("/tmp/there")


def test_who_can_pick_it_is_said_truly() -> None:
    assert "Zoom" in camera_backends.who_can_pick("v4l2loopback")
    assert "Zoom" not in camera_backends.who_can_pick("pipewire")
