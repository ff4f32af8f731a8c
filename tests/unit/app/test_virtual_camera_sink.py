"""The virtual camera gets pictures of its size and colour order, one per send, and says how to get one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from video_makers import GREY, RED, plain, red_square

from app.sinks import camera_backends, loopback
from app.sinks.camera_help import camera_help
from app.sinks.virtual_camera import VirtualCameraSink, available, list_backends
from app.types import Frame, FrameResult
from model.errors import SinkError

pyvirtualcam = pytest.importorskip("pyvirtualcam")
# The codes of pyvirtualcam.util.encode_fourcc("raw "): RGB in memory.
RGB_FOURCC = int.from_bytes(b"raw ", "little")


class RecordingBackend:
    """A back end in place of a device: keeps what it was sent."""

    opened: list[RecordingBackend]
    refuse: str | None = None

    def __init__(self, *, width: int, height: int, fps: float, fourcc: int, device: str | None) -> None:
        if self.refuse:
            raise RuntimeError(self.refuse)
        self.width, self.height, self.fps, self.fourcc = width, height, fps, fourcc
        self._device = device or "Recorder"
        self.frames: list[np.ndarray] = []
        self.closed = 0
        self.broken = False
        RecordingBackend.opened.append(self)

    def close(self) -> None:
        self.closed += 1

    def send(self, frame: np.ndarray) -> None:
        if self.broken:
            raise RuntimeError("device gone")
        self.frames.append(frame.reshape(self.height, self.width, 3).copy())

    def device(self) -> str:
        return self._device

    def native_fourcc(self) -> int | None:
        return None


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[RecordingBackend]]:
    monkeypatch.setattr(pyvirtualcam.camera, "BACKENDS", {})
    pyvirtualcam.register_backend("recorder", RecordingBackend)
    RecordingBackend.opened, RecordingBackend.refuse = [], None
    yield RecordingBackend.opened
    RecordingBackend.refuse = None


def test_a_red_square_stays_red(opened: list[RecordingBackend]) -> None:
    with VirtualCameraSink((64, 48), 30, backend="recorder") as sink:
        sink.send(red_square())
    (camera,) = opened
    assert (camera.width, camera.height, camera.fps, camera.fourcc) == (64, 48, 30, RGB_FOURCC)
    (sent,) = camera.frames
    assert sent.shape == (48, 64, 3)
    assert (sent[:24, :32] == (255, 0, 0)).all()
    assert (sent[24:, 32:] == (128, 128, 128)).all()


def test_every_write_is_one_frame_of_what_was_drawn(opened: list[RecordingBackend]) -> None:
    with VirtualCameraSink((64, 48), 30) as sink:
        assert sink.needs_drawing
        for index in range(5):
            frame = Frame(pixels=plain(GREY), time_s=index / 30, index=index)
            sink.write(FrameResult(frame=frame, readings=(), drawn=plain((0, 0, 10 * index))))
    assert [int(frame[0, 0, 0]) for frame in opened[0].frames] == [0, 10, 20, 30, 40]


def test_a_result_without_drawing_is_a_bug(opened: list[RecordingBackend]) -> None:
    frame = Frame(pixels=plain(GREY), time_s=0.0, index=0)
    with VirtualCameraSink((64, 48), 30) as sink, pytest.raises(ValueError, match="needs_drawing"):
        sink.write(FrameResult(frame=frame, readings=()))


def test_odd_sizes_are_rounded_up(opened: list[RecordingBackend]) -> None:
    with VirtualCameraSink((641, 479), 30) as sink:
        assert sink.size == (642, 480)
        sink.send(plain(RED, width=641, height=479))
    assert opened[0].frames[0].shape == (480, 642, 3)
    assert (opened[0].frames[0] == (255, 0, 0)).all()


def test_another_shape_is_fitted_in_with_black_bars(opened: list[RecordingBackend]) -> None:
    with VirtualCameraSink((160, 90), 30) as sink:
        sink.send(plain(RED, width=40, height=30))
    sent = opened[0].frames[0]
    assert (sent[:, 20:140] == (255, 0, 0)).all()
    assert not sent[:, :20].any()
    assert not sent[:, 140:].any()


def test_names_are_told(opened: list[RecordingBackend]) -> None:
    with VirtualCameraSink((64, 48), 30, device="Studio", backend="recorder") as sink:
        assert (sink.device, sink.backend) == ("Studio", "recorder")
    assert list_backends() == ["recorder"]
    assert available() == (True, "Recorder (recorder)")
    assert [camera.closed for camera in opened] == [1, 1]


def test_current_fps_is_measured_and_zero_when_closed(opened: list[RecordingBackend]) -> None:
    sink = VirtualCameraSink((64, 48), 30)
    sink.send(plain(RED))
    assert sink.current_fps > 0
    sink.close()
    assert sink.current_fps == 0


def test_close_twice_releases_once_and_sending_then_is_refused(opened: list[RecordingBackend]) -> None:
    sink = VirtualCameraSink((64, 48), 30)
    sink.close()
    sink.close()
    assert opened[0].closed == 1
    with pytest.raises(SinkError, match="Recorder is closed"):
        sink.send(plain(RED))


def test_an_exception_releases_the_camera(opened: list[RecordingBackend]) -> None:
    with pytest.raises(KeyboardInterrupt), VirtualCameraSink((64, 48), 30):
        raise KeyboardInterrupt
    assert opened[0].closed == 1


def test_a_device_that_goes_away_is_one_line(opened: list[RecordingBackend]) -> None:
    with VirtualCameraSink((64, 48), 30) as sink:
        opened[0].broken = True
        with pytest.raises(SinkError, match=r"^the virtual camera Recorder failed: device gone; start it again$"):
            sink.send(plain(RED))


@pytest.mark.parametrize(
    ("system", "cure"), [("linux", "modprobe v4l2loopback"), ("win32", "OBS Studio"), ("darwin", "OBS 30")]
)
def test_no_camera_is_one_line_with_the_cure(
    opened: list[RecordingBackend], monkeypatch: pytest.MonkeyPatch, system: str, cure: str
) -> None:
    monkeypatch.setattr(RecordingBackend, "refuse", "no device.\nsee the manual.")
    monkeypatch.setattr(sys, "platform", system)
    with pytest.raises(SinkError, match=cure) as caught:
        VirtualCameraSink((64, 48), 30)
    assert str(caught.value).startswith(
        "no virtual camera could be opened: 'recorder' backend: no device, see the manual"
    )
    assert "\n" not in str(caught.value)
    there, words = available()
    assert not there
    assert cure in words


def test_an_unknown_back_end_is_refused_by_name(opened: list[RecordingBackend]) -> None:
    with pytest.raises(SinkError, match=r"^no virtual camera back end 'obs'; there is: recorder$"):
        VirtualCameraSink((64, 48), 30, backend="obs")


def test_a_missing_pyvirtualcam_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyvirtualcam", None)  # type: ignore[arg-type]
    there, words = available()
    assert not there
    assert "pip install pyvirtualcam" in words
    with pytest.raises(SinkError, match="pyvirtualcam cannot be loaded"):
        VirtualCameraSink((64, 48), 30)


def test_loopback_devices_are_told_from_webcams(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("video0", "video2", "video10", "video3"):
        (tmp_path / name).touch()

    def query(path: Path) -> bytes:
        if path.name == "video0":
            return b"uvcvideo".ljust(16, b"\0") + b"Laptop camera".ljust(88, b"\0")
        if path.name == "video3":
            raise PermissionError
        return b"v4l2 loopback".ljust(16, b"\0") + b"affectcam".ljust(88, b"\0")

    monkeypatch.setattr(loopback, "_query", query)
    devices, refused = loopback.loopback_devices(tmp_path)
    assert [(device.path.name, device.label) for device in devices] == [
        ("video2", "affectcam"),
        ("video10", "affectcam"),
    ]
    assert [path.name for path in refused] == ["video3"]


def test_a_file_that_is_no_video_device_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "video7").write_text("not a device")
    assert loopback.loopback_devices(tmp_path) == ([], [])


@pytest.mark.parametrize(
    ("found", "there", "words"),
    [
        (([loopback.LoopbackDevice(path=Path("/dev/video2"), label="affectcam")], []), True, "affectcam (/dev/video2)"),
        (([], [Path("/dev/video3")]), False, "no permission for /dev/video3"),
        (([], []), False, "no v4l2loopback device; no PipeWire"),
    ],
)
def test_the_preflight_says_what_it_found(
    monkeypatch: pytest.MonkeyPatch, found: tuple[list[object], list[Path]], there: bool, words: str
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(pyvirtualcam.camera, "BACKENDS", {"v4l2loopback": object})
    monkeypatch.setattr(camera_backends, "loopback_devices", lambda: found)
    monkeypatch.setattr(camera_backends, "lacking", lambda: ("no PipeWire", "find a plumber"))
    assert available()[0] is there
    assert available()[1].startswith(words)
    assert there or available()[1].endswith("no PipeWire (find a plumber); to get one: " + camera_help("linux").cure)


def test_a_loopback_device_goes_by_its_label(monkeypatch: pytest.MonkeyPatch) -> None:
    device = loopback.LoopbackDevice(path=Path("/dev/video2"), label="affectcam")
    monkeypatch.setattr(loopback, "loopback_devices", lambda: ([device], []))
    assert loopback.shown_name("/dev/video2") == "affectcam"
    assert loopback.shown_name("/dev/video3") == "/dev/video3"
    assert loopback.shown_name("OBS Virtual Camera") == "OBS Virtual Camera"


def test_a_picture_is_repeated_without_being_converted_again(opened: list[RecordingBackend]) -> None:
    with VirtualCameraSink((64, 48), 30) as sink:
        sink.repeat()  # nothing yet
        assert not opened[0].frames
        sink.send(red_square())
        sink.repeat()
    first, second = opened[0].frames
    assert (first == second).all()
    with pytest.raises(SinkError, match="is closed"):
        sink.repeat()
