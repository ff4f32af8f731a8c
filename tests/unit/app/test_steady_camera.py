"""The steady camera's device gets pictures at its own pace: at once, again, or a card, whatever the source does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from video_makers import GREEN, GREY, RED, plain

from app.sinks.steady_camera import SteadyCamera
from app.types import Frame, FrameResult
from model.errors import SinkError

pyvirtualcam = pytest.importorskip("pyvirtualcam")

SIZE = (64, 48)
FPS = 50.0
PATIENCE_S = 0.25


class Recorder:
    """A back end in place of a device: keeps the pictures (RGB) with their times; may break or hang."""

    def __init__(self, *, width: int, height: int, fps: float, fourcc: int, device: str | None) -> None:
        self.shape = (height, width, 3)
        self.ticks: list[tuple[float, np.ndarray]] = []
        self.closed, self.broken = 0, ""
        self.free = threading.Event()  # cleared: a send hangs
        self.free.set()
        self.closed_in = ""
        Opened.cameras.append(self)

    def send(self, picture: np.ndarray) -> None:
        self.free.wait(20)
        if self.broken:
            raise RuntimeError(self.broken)
        self.ticks.append((time.monotonic(), picture.reshape(self.shape).copy()))

    def close(self) -> None:
        self.closed += 1
        self.closed_in = threading.current_thread().name

    def device(self) -> str:
        return "Recorder"

    def native_fourcc(self) -> int | None:
        return None

    @property
    def colours(self) -> list[tuple[int, ...]]:
        """The middle of each picture, as BGR."""
        return [tuple(int(value) for value in picture[0, 0, ::-1]) for _, picture in self.ticks]


class Opened:
    cameras: list[Recorder] = []  # noqa: RUF012 - emptied by the fixture


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Recorder]]:
    """Gives the device that was opened last."""
    monkeypatch.setattr(pyvirtualcam.camera, "BACKENDS", {})
    pyvirtualcam.register_backend("recorder", Recorder)
    Opened.cameras = []
    yield lambda: Opened.cameras[-1]
    for camera in Opened.cameras:
        camera.free.set()
    deadline = time.monotonic() + 3
    while (left := camera_threads()) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not left


def camera_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "affectcam-virtual-camera"]


def result(colour: tuple[int, int, int], index: int, size: tuple[int, int] = SIZE) -> FrameResult:
    pixels = plain(colour, width=size[0], height=size[1])
    return FrameResult(frame=Frame(pixels=pixels, time_s=index / FPS, index=index), readings=(), drawn=pixels)


def wait_for(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.002)


def is_card(colour: tuple[int, ...]) -> bool:
    return colour not in (RED, GREEN, GREY)


def test_a_picture_is_sent_at_once(recorder: Callable[[], Recorder]) -> None:
    with SteadyCamera(SIZE, FPS) as camera:
        taken = []
        for index in range(30):
            time.sleep(0.013)  # off the beat
            written_s = time.monotonic()
            camera.write(result((0, 0, 5 * index), index))
            wait_for(lambda shade=5 * index: (0, 0, shade) in recorder().colours)
            sent_s = next(at for at, picture in recorder().ticks if picture[0, 0, 0] == 5 * index)
            taken.append(sent_s - written_s)
    assert np.median(taken) < 0.25 / FPS


def test_the_last_picture_is_repeated_until_the_next(recorder: Callable[[], Recorder]) -> None:
    with SteadyCamera(SIZE, FPS, patience_s=30) as camera:
        camera.write(result(RED, 0))
        wait_for(lambda: bool(recorder().ticks))
        time.sleep(0.6)
        count = len(recorder().ticks)
    assert set(recorder().colours) == {RED}
    assert 0.8 * 0.6 * FPS <= count <= 1.1 * 0.6 * FPS + 2


def test_nothing_is_sent_before_the_first_picture(recorder: Callable[[], Recorder]) -> None:
    with SteadyCamera(SIZE, FPS) as camera:
        time.sleep(0.1)
        assert not recorder().ticks
        camera.write(result(GREEN, 0))
        wait_for(lambda: bool(recorder().ticks))
    assert recorder().colours[0] == GREEN


def test_ticks_are_regular_whatever_the_source_does(recorder: Callable[[], Recorder]) -> None:
    with SteadyCamera(SIZE, FPS, patience_s=0.3) as camera:
        pauses = iter([0.5, 0.004, 0.004, 0.1, 0.02] * 2)
        for index in range(60):
            time.sleep(next(pauses, 0.018) if index > 20 else 1 / FPS)
            camera.write(result(GREY, index))
        sent, late = camera.sent, camera.late
    times = np.array([at for at, _ in recorder().ticks])
    assert sent >= 0.98 * FPS * (times[-1] - times[0])
    assert late <= 0.1 * sent  # a busy machine; an idle one has none
    assert np.median(np.diff(times)) == pytest.approx(1 / FPS, rel=0.25)


def test_a_stalled_source_brings_a_card_and_its_next_picture_ends_it(recorder: Callable[[], Recorder]) -> None:
    with SteadyCamera(SIZE, FPS, patience_s=PATIENCE_S) as camera:
        camera.write(result(RED, 0))
        wait_for(lambda: any(map(is_card, recorder().colours)))
        card_s = next(at for at, picture in recorder().ticks if is_card(tuple(picture[0, 0, ::-1])))
        assert card_s - recorder().ticks[0][0] == pytest.approx(PATIENCE_S, abs=0.15)
        before = len(recorder().ticks)
        wait_for(lambda: len(recorder().ticks) > before + 3)  # the card is repeated, too
        assert is_card(recorder().colours[-1])
        camera.write(result(GREEN, 1))
        wait_for(lambda: recorder().colours[-1] == GREEN)


def test_a_frame_that_is_written_again_is_no_new_picture(recorder: Callable[[], Recorder]) -> None:
    with SteadyCamera(SIZE, FPS, patience_s=PATIENCE_S) as camera:
        started_s = time.monotonic()
        while not any(map(is_card, recorder().colours)):
            camera.write(result(RED, 7))
            time.sleep(0.02)
            assert time.monotonic() - started_s < 5
        for _ in range(10):
            camera.write(result(RED, 7))
            time.sleep(0.02)
        assert is_card(recorder().colours[-1])


def test_a_repeated_frame_shows_its_newest_drawing(recorder: Callable[[], Recorder]) -> None:
    with SteadyCamera(SIZE, FPS) as camera:
        camera.write(result(RED, 7))
        wait_for(lambda: RED in recorder().colours)
        camera.write(result(GREEN, 7))
        wait_for(lambda: GREEN in recorder().colours)


def test_a_pause_shows_its_card_at_once_and_a_write_resumes(recorder: Callable[[], Recorder]) -> None:
    with SteadyCamera(SIZE, FPS, patience_s=30) as camera:
        camera.write(result(RED, 0))
        wait_for(lambda: RED in recorder().colours)
        camera.pause("back soon")
        wait_for(lambda: is_card(recorder().colours[-1]))
        camera.write(result(RED, 0))  # the same frame: whoever writes has resumed
        wait_for(lambda: recorder().colours[-1] == RED)


def test_the_card_says_the_words(recorder: Callable[[], Recorder], monkeypatch: pytest.MonkeyPatch) -> None:
    said = []

    def card(last: object, size: tuple[int, int], words: str) -> np.ndarray:
        said.append((last is not None, size, words))
        return plain((1, 2, 3), width=size[0], height=size[1])

    monkeypatch.setattr("app.sinks.shown.paused_card", card)
    with SteadyCamera(SIZE, FPS, patience_s=0.1, words="en pausa") as camera:
        wait_for(lambda: len(said) == 1)
        camera.write(result(RED, 0))
        camera.pause("back soon")
        wait_for(lambda: len(said) == 2)
        wait_for(lambda: recorder().colours[-1] == (1, 2, 3))
    assert said[0] == (False, SIZE, "en pausa")
    assert said[1][1:] == (SIZE, "back soon")


def test_other_sizes_are_fitted_in(recorder: Callable[[], Recorder]) -> None:
    with SteadyCamera((161, 89), FPS) as camera:
        assert camera.size == (162, 90)
        camera.write(result(RED, 0, size=(40, 30)))
        wait_for(lambda: bool(recorder().ticks))
    picture = recorder().ticks[0][1]
    assert picture.shape == (90, 162, 3)
    assert (picture[:, 30:130] == (255, 0, 0)).all()
    assert not picture[:, :20].any()


def test_a_device_that_fails_is_told_once_and_writes_do_nothing(recorder: Callable[[], Recorder]) -> None:
    told: list[Exception] = []
    camera = SteadyCamera(SIZE, FPS, on_failure=told.append)
    camera.write(result(RED, 0))
    wait_for(lambda: bool(recorder().ticks))
    recorder().broken = "device gone"
    wait_for(lambda: bool(told))
    wait_for(lambda: not camera_threads())
    for index in range(5):
        camera.write(result(RED, index))
    (error,) = told
    assert isinstance(error, SinkError)
    assert str(error) == "the virtual camera Recorder failed: device gone; start it again"
    assert camera.failure is error
    assert recorder().closed == 1
    camera.close()
    assert recorder().closed == 1


def test_a_failure_that_nobody_is_told_is_raised_by_the_next_write(recorder: Callable[[], Recorder]) -> None:
    with SteadyCamera(SIZE, FPS) as camera:
        recorder().broken = "device gone"
        camera.write(result(RED, 0))
        wait_for(lambda: camera.failure is not None)
        with pytest.raises(SinkError, match="device gone"):
            camera.write(result(RED, 1))


def test_whoever_is_told_may_close_it(recorder: Callable[[], Recorder]) -> None:
    closed = threading.Event()

    def lose(_error: Exception) -> None:
        camera.close()
        closed.set()

    camera = SteadyCamera(SIZE, FPS, on_failure=lose)
    recorder().broken = "device gone"
    camera.write(result(RED, 0))
    assert closed.wait(5)


def test_a_device_that_hangs_holds_up_neither_writing_nor_closing(
    recorder: Callable[[], Recorder], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("app.sinks.steady_camera.CLOSE_PATIENCE_S", 0.2)
    told: list[Exception] = []
    camera = SteadyCamera(SIZE, FPS, on_failure=told.append)
    camera.write(result(RED, 0))
    wait_for(lambda: bool(recorder().ticks))
    recorder().free.clear()
    time.sleep(0.1)
    started_s = time.monotonic()
    for index in range(100):
        camera.write(result(RED, index))
    assert time.monotonic() - started_s < 0.2
    camera.close()
    assert time.monotonic() - started_s < 1.0
    assert "Recorder takes no pictures any more" in caplog.text
    assert recorder().closed == 0  # not under the hanging send
    recorder().free.set()
    wait_for(lambda: recorder().closed == 1)
    assert not told


def test_closing_releases_the_device_in_its_own_thread_and_once(recorder: Callable[[], Recorder]) -> None:
    camera = SteadyCamera(SIZE, FPS)
    camera.write(result(RED, 0))
    wait_for(lambda: bool(recorder().ticks))
    camera.close()
    camera.close()
    assert (recorder().closed, recorder().closed_in) == (1, "affectcam-virtual-camera")
    assert camera.current_fps == 0
    camera.write(result(RED, 1))  # nobody is told, nothing happens
    count = len(recorder().ticks)
    time.sleep(0.1)
    assert len(recorder().ticks) == count


def test_what_cannot_be_opened_is_raised_in_the_callers_thread() -> None:
    with pytest.raises(SinkError, match="no virtual camera back end 'nonsense'"):
        SteadyCamera(SIZE, FPS, backend="nonsense")
    assert not camera_threads()


def test_a_result_without_drawing_is_a_bug(recorder: Callable[[], Recorder]) -> None:
    frame = Frame(pixels=plain(GREY), time_s=0.0, index=0)
    with SteadyCamera(SIZE, FPS) as camera, pytest.raises(ValueError, match="needs_drawing"):
        camera.write(FrameResult(frame=frame, readings=()))


@pytest.mark.slow
def test_three_seconds_at_thirty_keep_the_beat(recorder: Callable[[], Recorder]) -> None:
    """On an idle machine: the source jitters by a third of a period, skips pictures, and stalls for half a second."""
    dice = np.random.default_rng(4)
    with SteadyCamera((1280, 720), 30) as camera:
        due_s = time.monotonic()
        for index in range(120):
            due_s += 0.5 if index == 60 else (1 / 30) * (1 if index % 17 else 2)
            time.sleep(max(0.0, due_s + dice.uniform(0, 0.011) - time.monotonic()))
            camera.write(result(GREY, index, size=(1280, 720)))
        assert camera.sent >= 30 * 3
        assert camera.late <= 0.01 * camera.sent
