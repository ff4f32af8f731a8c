"""Opening and closing beside the window: slow cameras, and orders that overtake each other."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from window_helpers import RecordingBridge, dialogs, run_threads

from app.gui.main_window import MainWindow, State
from app.types import Frame
from model.errors import SourceError

OpenWindow = Callable[..., tuple[MainWindow, RecordingBridge]]
LONG_MS = 20_000


class SlowCamera:
    """A camera that opens when it is told to, and then gives pictures of one grey level."""

    live, loss, frame_count, size, fps = True, None, None, (64, 48), 50.0

    def __init__(self, name: str, may_open: threading.Event) -> None:
        assert may_open.wait(20)
        self.name, self.closed = name, threading.Event()

    def __iter__(self) -> Iterator[Frame]:
        index = 0
        while not self.closed.wait(0.02):
            level = int(self.name)
            yield Frame(pixels=np.full((48, 64, 3), level, np.uint8), time_s=time.monotonic(), index=index)
            index += 1

    def close(self) -> None:
        self.closed.set()


class Cameras:
    """Stands in for :func:`open_source`; keeps what was opened."""

    def __init__(self) -> None:
        self.may_open = threading.Event()
        self.asked: list[str] = []
        self.opened: list[SlowCamera] = []
        self.busy: set[str] = set()

    def open(self, spec: str, *, live: bool, **_: object) -> SlowCamera:
        self.asked.append(spec)
        camera = SlowCamera(spec, self.may_open)
        if spec in self.busy:
            raise SourceError(f"camera {spec} is busy")
        self.opened.append(camera)
        return camera


@pytest.fixture
def cameras(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cameras]:
    cameras = Cameras()
    monkeypatch.setattr("app.capture.open.open_source", cameras.open)
    yield cameras
    cameras.may_open.set()


def test_the_window_answers_while_a_camera_opens(open_window: OpenWindow, qtbot: QtBot, cameras: Cameras) -> None:
    window, _ = open_window()
    began = time.monotonic()
    window.start_on("100")
    assert time.monotonic() - began < 0.05
    qtbot.waitUntil(lambda: cameras.asked == ["100"], timeout=LONG_MS)  # waits by handling events
    assert (window.state, window.view.words) == (State.OPENING, "Opening Camera 100…")
    assert window.panel.source.button.text() == "&Stop"
    cameras.may_open.set()
    qtbot.waitUntil(lambda: window.view.picture is not None, timeout=LONG_MS)


def test_a_camera_that_is_given_up_while_it_opens_is_closed_and_never_shown(
    open_window: OpenWindow, qtbot: QtBot, cameras: Cameras
) -> None:
    window, bridge = open_window()
    window.start_on("100")
    qtbot.waitUntil(lambda: cameras.asked == ["100"], timeout=LONG_MS)
    window.panel.source.button.click()
    assert window.state is State.STOPPED  # at once
    cameras.may_open.set()
    qtbot.waitUntil(lambda: bool(cameras.opened) and cameras.opened[0].closed.is_set(), timeout=LONG_MS)
    assert (window.state, window.view.picture, bridge.results, run_threads()) == (State.STOPPED, None, [], [])


def test_a_camera_that_never_opens_keeps_nothing_else_waiting(
    open_window: OpenWindow, qtbot: QtBot, cameras: Cameras, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, bridge = open_window()
    window.start_on("100")
    qtbot.waitUntil(lambda: cameras.asked == ["100"], timeout=LONG_MS)
    window.stop()
    other = threading.Event()
    other.set()
    opened: list[SlowCamera] = []

    def open_at_once(spec: str, **_: object) -> SlowCamera:
        opened.append(SlowCamera(spec, other))
        return opened[-1]

    monkeypatch.setattr("app.capture.open.open_source", open_at_once)
    window.start_on("200")
    qtbot.waitUntil(lambda: bool(bridge.results), timeout=LONG_MS)
    assert bridge.results[-1].frame.pixels[0, 0, 0] == 200
    cameras.may_open.set()  # at last
    qtbot.waitUntil(lambda: bool(cameras.opened) and cameras.opened[0].closed.is_set(), timeout=LONG_MS)
    assert window.state is State.RUNNING


def test_the_failure_of_a_camera_that_was_given_up_is_not_shown(
    open_window: OpenWindow, qtbot: QtBot, cameras: Cameras
) -> None:
    window, bridge = open_window()
    cameras.busy.add("100")
    window.start_on("100")
    qtbot.waitUntil(lambda: cameras.asked == ["100"], timeout=LONG_MS)
    window.start_on("200")
    cameras.may_open.set()
    qtbot.waitUntil(lambda: window.view.picture is not None, timeout=LONG_MS)
    assert not dialogs(window)
    assert bridge.results[-1].frame.pixels[0, 0, 0] == 200


def test_another_source_replaces_the_one_that_runs(open_window: OpenWindow, qtbot: QtBot, cameras: Cameras) -> None:
    cameras.may_open.set()
    window, bridge = open_window()
    window.start_on("100")
    qtbot.waitUntil(lambda: bool(bridge.results), timeout=LONG_MS)
    window.start_on("200")
    qtbot.waitUntil(lambda: bridge.results[-1].frame.pixels[0, 0, 0] == 200, timeout=LONG_MS)
    first, _ = cameras.opened
    assert first.closed.is_set()
    assert run_threads().count("affectcam-capture") == 1


def test_a_camera_that_is_unplugged_is_waited_for_in_words_and_goes_on_when_it_is_back(
    open_window: OpenWindow, qtbot: QtBot, cameras: Cameras, monkeypatch: pytest.MonkeyPatch
) -> None:
    unplug, plug_in = threading.Event(), threading.Event()
    pictures = SlowCamera.__iter__

    def unplugged(camera: SlowCamera) -> Iterator[Frame]:
        for frame in pictures(camera):
            if unplug.is_set() and not plug_in.is_set():
                raise SourceError("camera 7 has given no picture for 5 s; check its cable")
            yield frame

    monkeypatch.setattr(SlowCamera, "__iter__", unplugged)
    cameras.may_open.set()
    window, bridge = open_window()
    window.start_on("7")
    qtbot.waitUntil(lambda: window.view.picture is not None, timeout=LONG_MS)
    cameras.busy.add("7")
    unplug.set()
    qtbot.waitUntil(lambda: "waiting for it to come back" in window.view.banner, timeout=LONG_MS)
    assert window.state is State.RUNNING
    assert not dialogs(window)
    plug_in.set()
    cameras.busy.clear()
    qtbot.waitUntil(lambda: window.view.banner == "", timeout=LONG_MS)
    bridge.results = []
    qtbot.waitUntil(lambda: len({result.frame.index for result in bridge.results}) > 2, timeout=LONG_MS)
    assert cameras.opened[0].closed.is_set()
