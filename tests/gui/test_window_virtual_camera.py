"""The switch of the virtual camera: what reaches a back end that the test has registered, and what the window says."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import pyvirtualcam.camera
from PyQt5.QtCore import Qt
from pytestqt.qtbot import QtBot
from window_helpers import RecordingBridge, RecordingCamera, dialogs

from app.gui.main_window import MainWindow, State

OpenWindow = Callable[[], tuple[MainWindow, RecordingBridge]]
LONG_MS = 20_000


def switch(window: MainWindow, qtbot: QtBot) -> None:
    window.camera_box.switch.click()


def test_switched_on_it_gets_the_labelled_frames_in_rgb_and_switched_off_none(
    open_window: OpenWindow, qtbot: QtBot, recorder: list[RecordingCamera]
) -> None:
    window, bridge = open_window()
    qtbot.waitUntil(lambda: len(recorder) == 1 and recorder[0].closed, timeout=LONG_MS)  # the look beforehand
    window.start_on("demo")
    qtbot.waitUntil(lambda: any(result.readings for result in bridge.results), timeout=LONG_MS)
    assert window.camera_box.state == "Off"

    switch(window, qtbot)
    qtbot.waitUntil(lambda: len(recorder) == 2 and len(recorder[1].frames) > 5, timeout=LONG_MS)
    qtbot.waitUntil(lambda: window.camera_box.state == "On: Zoom, Meet and Teams can now pick 'Recorder'")
    camera = recorder[1]
    kept, sent = bridge.results, camera.frames
    assert camera.size == (640, 480)
    labelled = [result.drawn[:, :, ::-1] for result in kept if result.readings and result.drawn is not None]
    assert sum(any(np.array_equal(frame, drawn) for drawn in labelled) for frame in sent) > 2

    switch(window, qtbot)
    qtbot.waitUntil(lambda: camera.closed, timeout=LONG_MS)  # the camera asserts that nothing comes after
    qtbot.waitUntil(lambda: window.camera_box.state == "Off")
    bridge.results = []
    qtbot.waitUntil(lambda: len(bridge.results) > 3, timeout=LONG_MS)
    assert window.state is State.RUNNING


def test_switched_on_before_the_start_it_opens_with_the_source_and_closes_with_it(
    open_window: OpenWindow, qtbot: QtBot, recorder: list[RecordingCamera]
) -> None:
    window, _ = open_window()
    switch(window, qtbot)
    qtbot.waitUntil(lambda: window.camera_box.state == "Goes on when you press Start", timeout=LONG_MS)
    window.start_on("demo")
    qtbot.waitUntil(lambda: any(camera.frames for camera in recorder), timeout=LONG_MS)
    qtbot.mouseClick(window.source_box.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: all(camera.closed for camera in recorder), timeout=LONG_MS)
    qtbot.waitUntil(lambda: window.camera_box.state == "Goes on when you press Start")
    assert window.camera_box.on


def test_without_a_back_end_it_says_how_to_get_one_and_the_preview_goes_on(
    open_window: OpenWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pyvirtualcam.camera, "BACKENDS", {})
    monkeypatch.setattr("sys.platform", "linux")
    window, bridge = open_window()
    qtbot.waitUntil(lambda: "modprobe v4l2loopback exclusive_caps=1" in window.camera_box.state, timeout=LONG_MS)
    window.start_on("demo")
    qtbot.waitUntil(lambda: window.state is State.RUNNING, timeout=LONG_MS)
    switch(window, qtbot)
    qtbot.waitUntil(lambda: window.camera_box.state.startswith("Off: no virtual camera"), timeout=LONG_MS)
    assert "To get one: sudo apt install v4l2loopback-dkms" in window.camera_box.state
    assert not window.camera_box.on
    bridge.results = []
    qtbot.waitUntil(lambda: len(bridge.results) > 2, timeout=LONG_MS)
    assert not dialogs(window)


def test_a_camera_that_vanishes_is_told_and_the_preview_goes_on(
    open_window: OpenWindow, qtbot: QtBot, recorder: list[RecordingCamera]
) -> None:
    window, bridge = open_window()
    window.start_on("demo")
    switch(window, qtbot)
    qtbot.waitUntil(lambda: any(camera.frames for camera in recorder), timeout=LONG_MS)
    recorder[-1].broken = True
    qtbot.waitUntil(lambda: "the device is gone" in window.camera_box.state, timeout=LONG_MS)
    assert not window.camera_box.on
    qtbot.waitUntil(lambda: recorder[-1].closed, timeout=LONG_MS)
    bridge.results = []
    qtbot.waitUntil(lambda: len(bridge.results) > 2, timeout=LONG_MS)
    assert window.state is State.RUNNING
