"""The switch of the virtual camera: what reaches a back end that the test has registered, and what the window says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import pyvirtualcam.camera
from PyQt5.QtCore import Qt
from pytestqt.qtbot import QtBot
from window_helpers import RecordingBridge, RecordingCamera, dialogs

from app.gui.main_window import MainWindow, State
from app.gui.pages import Pages
from app.pipeline.paused_card import paused_card
from app.settings.people import People

OpenWindow = Callable[..., tuple[MainWindow, RecordingBridge]]
LONG_MS = 20_000


def switch(window: MainWindow, qtbot: QtBot) -> None:
    window.panel.camera.switch.click()


def test_switched_on_it_gets_the_labelled_frames_in_rgb_and_switched_off_none(
    open_window: OpenWindow, qtbot: QtBot, recorder: list[RecordingCamera]
) -> None:
    window, bridge = open_window(badge=False)  # so that the preview and the call look alike
    qtbot.waitUntil(lambda: len(recorder) == 1 and recorder[0].closed, timeout=LONG_MS)  # the look beforehand
    window.start_on("demo")
    qtbot.waitUntil(lambda: any(result.readings for result in bridge.results), timeout=LONG_MS)
    assert window.panel.camera.state == "Off"

    switch(window, qtbot)
    qtbot.waitUntil(lambda: len(recorder) == 2 and len(recorder[1].frames) > 5, timeout=LONG_MS)
    qtbot.waitUntil(lambda: window.panel.camera.state == "On: Zoom, Meet and Teams can now pick 'Recorder'")
    camera = recorder[1]
    kept, sent = bridge.results, camera.frames
    assert camera.size == (640, 480)
    labelled = [result.drawn[:, :, ::-1] for result in kept if result.readings and result.drawn is not None]
    assert sum(any(np.array_equal(frame, drawn) for drawn in labelled) for frame in sent) > 2

    switch(window, qtbot)
    qtbot.waitUntil(lambda: camera.closed, timeout=LONG_MS)  # the camera asserts that nothing comes after
    qtbot.waitUntil(lambda: window.panel.camera.state == "Off")
    bridge.results = []
    qtbot.waitUntil(lambda: len(bridge.results) > 3, timeout=LONG_MS)
    assert window.state is State.RUNNING


def test_it_opens_with_the_source_and_shows_that_it_is_paused_until_it_is_switched_off(
    open_window: OpenWindow, qtbot: QtBot, recorder: list[RecordingCamera]
) -> None:
    window, bridge = open_window()
    switch(window, qtbot)
    qtbot.waitUntil(lambda: window.panel.camera.state == "Goes on when you press Start", timeout=LONG_MS)
    window.start_on("demo")
    qtbot.waitUntil(lambda: any(camera.frames for camera in recorder), timeout=LONG_MS)
    camera = recorder[-1]
    qtbot.mouseClick(window.panel.source.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "'Recorder' paused" in window.panel.camera.state, timeout=LONG_MS)
    card = paused_card(bridge.results[-1].drawn, (640, 480), "paused")
    qtbot.waitUntil(lambda: bool((camera.frames[-1].std() < 1.2 * card.std()) and not camera.closed), timeout=LONG_MS)
    sent = camera.sent
    qtbot.waitUntil(lambda: camera.sent > sent + 5, timeout=LONG_MS)  # the call's device never freezes
    window.start()
    qtbot.waitUntil(lambda: camera.frames[-1].std() > 2 * card.std(), timeout=LONG_MS)
    assert recorder[-1] is camera
    switch(window, qtbot)
    qtbot.waitUntil(lambda: camera.closed, timeout=LONG_MS)
    qtbot.waitUntil(lambda: window.panel.camera.state == "Off")


def test_without_a_back_end_a_page_says_how_to_get_one_and_the_preview_goes_on(
    open_window: OpenWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(pyvirtualcam.camera, "BACKENDS", {})
    monkeypatch.setattr("sys.platform", "linux")
    window, bridge = open_window()
    pages = Pages(window, People(tmp_path))
    qtbot.waitUntil(window.panel.camera.help.isVisible, timeout=LONG_MS)
    assert window.panel.camera.state.startswith("Off: ")
    window.panel.camera.help.click()
    page = pages.camera_help()
    assert any(
        "modprobe v4l2loopback exclusive_caps=1 card_label=affectcam" in field.words.text() for field in page.commands
    )
    page.again.click()
    assert not page.again.isEnabled()
    qtbot.waitUntil(page.again.isEnabled, timeout=LONG_MS)
    page.close()
    window.start_on("demo")
    qtbot.waitUntil(lambda: window.state is State.RUNNING, timeout=LONG_MS)
    switch(window, qtbot)
    qtbot.waitUntil(lambda: not window.panel.camera.on, timeout=LONG_MS)
    assert window.panel.camera.state.startswith("Off: ")
    assert not window.actions_["camera"].isChecked()
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
    qtbot.waitUntil(lambda: "the device is gone" in window.panel.camera.state, timeout=LONG_MS)
    assert not window.panel.camera.on
    qtbot.waitUntil(lambda: recorder[-1].closed, timeout=LONG_MS)
    bridge.results = []
    qtbot.waitUntil(lambda: len(bridge.results) > 2, timeout=LONG_MS)
    assert window.state is State.RUNNING
