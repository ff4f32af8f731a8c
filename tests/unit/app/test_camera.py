from __future__ import annotations

import errno
import itertools
import logging
import os
import platform
import socket
import threading
from pathlib import Path
from types import SimpleNamespace

import cv2
import cv2_enumerate_cameras
import numpy as np
import pytest
from video_makers import RED, plain

from app.capture import cameras
from app.capture.camera import Camera, open_with_opencv
from app.capture.cameras import CameraInfo, list_cameras
from app.capture.trouble import TakenError, hide_password, silent
from app.types import Frame
from model.errors import SourceError


def str_silent(address: int | str) -> str:
    return str(silent(address))


class Clock:
    """Time that passes only when someone waits, or reads a picture."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s

    def wait(self, seconds: float) -> None:
        self.now_s += seconds


class FakeDevice:
    """A cv2.VideoCapture that gives what it is told to; None stands for a failed read."""

    def __init__(self, pictures: list, clock: Clock, *, opened: bool = True, fps: float = 15.0) -> None:
        self.pictures, self.clock, self.opened, self.fps = list(pictures), clock, opened, fps
        self.asked: list[tuple[int, float]] = []
        self.released = 0

    def isOpened(self) -> bool:
        return self.opened

    def read(self):
        assert not self.released, "read after release"
        self.clock.now_s += 1 / 15
        picture = self.pictures.pop(0) if self.pictures else None
        if isinstance(picture, Exception):
            raise picture
        return picture is not None, picture

    def get(self, prop: int) -> float:
        return self.fps if prop == cv2.CAP_PROP_FPS else 0.0

    def set(self, prop: int, value: float) -> bool:
        self.asked.append((prop, value))
        return True

    def release(self) -> None:
        self.released += 1


def camera(pictures: list, spec: int | str = 0, **options) -> tuple[Camera, FakeDevice]:
    clock = Clock()
    device = FakeDevice(pictures, clock, **options)
    return Camera(spec, open_device=lambda address: device, clock=clock, wait=clock.wait), device


def source_frames(source: Camera, count: int) -> list[Frame]:
    return list(itertools.islice(source, count))


@pytest.fixture
def no_cameras(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2_enumerate_cameras, "enumerate_cameras", lambda backend: [])


@pytest.fixture
def two_cameras(monkeypatch: pytest.MonkeyPatch) -> None:
    infos = [
        SimpleNamespace(index=2, name="Desk", path="/dev/video2"),
        SimpleNamespace(index=0, name="Lid", path=None),
    ]
    monkeypatch.setattr(cv2_enumerate_cameras, "enumerate_cameras", lambda backend: infos)


# --- pictures -----------------------------------------------------------------------------------------------------


def test_frames_carry_their_arrival_time_and_a_running_index() -> None:
    source, _ = camera([plain(RED)] * 4)
    frames = iter(source)
    taken = [next(frames) for _ in range(3)]
    # The first picture told the size; it is old by the time that someone asks.
    assert [frame.time_s for frame in taken] == pytest.approx([100 + 2 / 15, 100 + 3 / 15, 100 + 4 / 15])
    assert [frame.index for frame in taken] == [0, 1, 2]
    assert np.array_equal(taken[0].pixels, plain(RED))


def test_it_asks_for_mjpg_and_a_size_and_says_what_it_got(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="app.capture.camera"):
        source, device = camera([plain(RED)] * 2)
    assert device.asked[0][0] == cv2.CAP_PROP_FOURCC
    assert (cv2.CAP_PROP_FRAME_WIDTH, 1280) in device.asked
    assert (cv2.CAP_PROP_FRAME_HEIGHT, 720) in device.asked
    assert (cv2.CAP_PROP_FPS, 30.0) in device.asked
    assert (source.size, source.fps, source.live, source.frame_count) == ((64, 48), 15.0, True, None)
    assert source.name == "camera 0"
    assert "asked for 1280x720 at 30 fps, got 64x48 at 15 fps" in caplog.text


@pytest.mark.parametrize("told", [0.0, -1.0, float("nan"), 90_000.0])
def test_a_nonsense_rate_falls_back_to_the_one_asked_for(told: float) -> None:
    source, _ = camera([plain(RED)], fps=told)
    assert source.fps == 30.0


def test_a_stream_is_asked_for_nothing_and_named_without_its_password() -> None:
    source, device = camera([plain(RED)], spec="rtsp://user:secret@10.0.0.9/live")
    assert device.asked == []
    assert source.name == "rtsp://10.0.0.9/live"


def test_grey_and_resized_pictures_become_bgr_of_one_size() -> None:
    grey = np.full((48, 64), 77, np.uint8)
    source, _ = camera([plain(RED), grey, plain(RED, width=128, height=96)])
    frames = iter(source)
    assert np.array_equal(next(frames).pixels, np.full((48, 64, 3), 77, np.uint8))
    assert np.array_equal(next(frames).pixels, plain(RED))


def test_a_camera_that_changes_its_size_is_fitted_with_bars_not_stretched() -> None:
    source, _ = camera([plain(RED)] * 2 + [plain(RED, width=48, height=48), plain(RED, width=640, height=120)])
    _, narrow, wide = (frame.pixels for frame in source_frames(source, 3))
    assert narrow.shape == wide.shape == (48, 64, 3)
    assert [int(narrow[24, x, 2]) for x in (3, 8, 32, 55, 60)] == [0, 255, 255, 255, 0]
    assert [int(wide[y, 32, 2]) for y in (10, 24, 38)] == [0, 255, 0]


def test_short_gaps_are_waited_out() -> None:
    source, _ = camera([None, None, plain(RED), None, cv2.error("busy"), plain(RED)])
    assert next(iter(source)).index == 0


# --- failures -----------------------------------------------------------------------------------------------------


def test_a_camera_that_stops_is_an_error_after_five_seconds(no_cameras: None) -> None:
    source, device = camera([plain(RED)] * 3)
    frames = iter(source)
    next(frames)
    next(frames)
    begin_s = device.clock.now_s
    with pytest.raises(SourceError, match=r"camera 0 has given no picture for 5 s; check its cable"):
        next(frames)
    assert 5 <= device.clock.now_s - begin_s < 5.2


@pytest.mark.parametrize("replaced", [False, True], ids=["unplugged", "another in its place"])
def test_an_unplugged_camera_is_known_at_once(tmp_path: Path, no_cameras: None, replaced: bool) -> None:
    file = tmp_path / "video0"
    file.touch()
    source, device = camera([plain(RED)] * 2, spec=str(file))
    frames = iter(source)
    next(frames)
    if replaced:
        (tmp_path / "other").touch()
        (tmp_path / "other").replace(file)
    else:
        file.unlink()
    begin_s = device.clock.now_s
    with pytest.raises(SourceError, match=r"video0 is gone; plug it in again, and start again"):
        next(frames)
    assert device.clock.now_s - begin_s < 0.1


def test_a_device_that_never_gives_a_picture_is_released(no_cameras: None) -> None:
    clock = Clock()
    device = FakeDevice([], clock)
    with pytest.raises(SourceError):
        Camera(7, open_device=lambda address: device, clock=clock, wait=clock.wait)
    assert device.released == 1


@pytest.mark.skipif(platform.system() != "Linux", reason="device files")
class TestReasonsOnLinux:
    def refuse(self, spec: int | str, kind: type[SourceError] = SourceError) -> str:
        clock = Clock()
        device = FakeDevice([], clock, opened=False)
        with pytest.raises(kind) as caught:
            Camera(spec, open_device=lambda address: device, clock=clock, wait=clock.wait)
        assert type(caught.value) is kind
        assert device.released == 1
        assert "\n" not in str(caught.value)
        return str(caught.value)

    def test_absent_with_no_other(self, no_cameras: None) -> None:
        message = self.refuse("93")
        assert message.startswith("there is no camera 93 (/dev/video93); no camera was found on this machine; plug one")

    def test_absent_with_others(self, two_cameras: None) -> None:
        assert self.refuse("/dev/video93") == "there is no camera /dev/video93; cameras here: 0 (Lid), 2 (Desk)"

    def test_busy(self, two_cameras: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "video0").touch()
        assert "gives no picture; close other programs that use it" in self.refuse(str(tmp_path / "video0"))

    def test_open_for_one_program_alone(self, two_cameras: None, monkeypatch: pytest.MonkeyPatch) -> None:
        self.refuse_open(monkeypatch, errno.EBUSY)
        assert self.refuse(0, TakenError).startswith(
            "camera 0 (/dev/video0) is taken by another program; close it there (a call, a browser), or choose another"
        )

    def test_streaming_to_another_program(
        self, two_cameras: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import fcntl

        def busy(descriptor: int, request: int, structure: bytearray) -> None:
            raise OSError(errno.EBUSY, "busy")

        (tmp_path / "video0").touch()
        monkeypatch.setattr(fcntl, "ioctl", busy)
        assert "is taken by another program" in self.refuse(str(tmp_path / "video0"), TakenError)

    def test_forbidden(self, two_cameras: None, monkeypatch: pytest.MonkeyPatch) -> None:
        self.refuse_open(monkeypatch, errno.EACCES)
        message = self.refuse(0)
        assert message.startswith("no permission to open camera 0 (/dev/video0); add yourself to its group")
        assert "sudo usermod -aG video $USER" in message

    def test_another_failure_is_named(self, two_cameras: None, monkeypatch: pytest.MonkeyPatch) -> None:
        self.refuse_open(monkeypatch, errno.EIO)
        assert "cannot open camera 0 (/dev/video0): " in self.refuse(0)

    def refuse_open(self, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
        def refuse(path: object, flags: int) -> int:
            raise OSError(code, os.strerror(code))

        monkeypatch.setattr(os, "open", refuse)


def test_other_systems_are_sent_to_their_settings(two_cameras: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    assert "System Settings > Privacy & Security > Camera" in str_silent(0)
    monkeypatch.setattr(platform, "system", lambda: "Windows")
    assert "Settings > Privacy & security > Camera" in str_silent(0)


def test_the_real_opencv_on_an_absent_camera_prints_nothing(
    no_cameras: None, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SourceError, match="there is no camera 93" if platform.system() == "Linux" else "camera 93"):
        Camera("93", patience_s=0.1)
    assert capfd.readouterr() == ("", "")


def test_the_real_opencv_on_an_unreachable_url_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:  # bound, but nobody listens: refused at once
        taken.bind(("127.0.0.1", 0))
        url = f"http://me:secret@127.0.0.1:{taken.getsockname()[1]}/live"
        with pytest.raises(SourceError, match=r"cannot read the stream http://127\.0\.0\.1") as caught:
            Camera(url, patience_s=0.1)
    assert "secret" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


def test_an_error_inside_opencv_s_opening_is_a_source_error(no_cameras: None) -> None:
    def explode(address: int | str) -> FakeDevice:
        raise cv2.error("assertion failed")

    with pytest.raises(SourceError):
        Camera(93, open_device=explode)


# --- closing ------------------------------------------------------------------------------------------------------


def test_close_twice_ends_the_frames() -> None:
    source, device = camera([plain(RED)] * 9)
    frames = iter(source)
    next(frames)
    source.close()
    source.close()
    assert list(frames) == []
    assert device.released >= 1


def test_close_from_another_thread_waits_for_the_read_and_then_ends_the_frames(no_cameras: None) -> None:
    reading, go_on = threading.Event(), threading.Event()

    class Slow(FakeDevice):
        def read(self):
            if len(self.pictures) == 1:
                reading.set()
                assert go_on.wait(5)
            return super().read()  # asserts that it has not been released meanwhile

    clock = Clock()
    device = Slow([plain(RED)] * 2, clock)
    source = Camera(0, open_device=lambda address: device, clock=clock)
    seen: list = []
    reader = threading.Thread(target=lambda: seen.extend(source))
    reader.start()
    assert reading.wait(5)
    closer = threading.Thread(target=source.close)
    closer.start()
    go_on.set()
    reader.join(5)
    closer.join(5)
    assert not reader.is_alive()
    assert len(seen) == 1
    assert device.released == 1


# --- the list -----------------------------------------------------------------------------------------------------


def test_the_list_is_ordered_and_named(two_cameras: None) -> None:
    backend = cv2.videoio_registry.getBackendName(cameras.BACKENDS[0])
    assert list_cameras() == [
        CameraInfo(index=0, name="Lid", path=None, backend=backend),
        CameraInfo(index=2, name="Desk", path="/dev/video2", backend=backend),
    ]


def test_no_cameras_is_an_empty_list(no_cameras: None) -> None:
    assert list_cameras() == []


def test_a_failing_system_is_a_source_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(backend: int) -> list:
        raise OSError("no COM today")

    monkeypatch.setattr(cv2_enumerate_cameras, "enumerate_cameras", explode)
    with pytest.raises(SourceError, match="cannot list the cameras of this machine: no COM today"):
        list_cameras()
    assert "affectcam doctor" in str_silent(93)


def test_passwords_are_hidden() -> None:
    assert hide_password("rtsp://a:b@host:1/x?y") == "rtsp://host:1/x?y"
    assert hide_password("rtsp://a:p@ss@host/x") == "rtsp://host/x"
    assert hide_password("http://host/x@y") == "http://host/x@y"


def test_opencv_is_opened_without_a_device_being_there() -> None:
    assert not open_with_opencv(93).isOpened()
