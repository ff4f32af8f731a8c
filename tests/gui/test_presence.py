"""What the window does when it is away, when it comes back, and when it is started a second time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PyQt5.QtWidgets import QSystemTrayIcon
from pytestqt.qtbot import QtBot
from window_helpers import RecordingBridge, RecordingCamera, labelled, run_threads

from app.gui.main_window import MainWindow, State
from app.gui.only_one import OnlyOne
from app.gui.pages import Pages
from app.gui.presence import Presence
from app.gui.tray import Tray
from app.settings.people import People

OpenWindow = Callable[..., tuple[MainWindow, RecordingBridge]]
LONG_MS = 20_000


@pytest.fixture
def with_tray(open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch):
    """Opens a window with a tray, which the screen of the tests may lack: (window, bridge, presence, tray)."""
    monkeypatch.setattr(QSystemTrayIcon, "show", lambda _: None)
    monkeypatch.setattr(QSystemTrayIcon, "showMessage", lambda *_: None)

    def open_it(**chosen: object) -> tuple[MainWindow, RecordingBridge, Presence, Tray]:
        window, bridge = open_window(**chosen)
        tray = Tray(window.actions_, window)
        return window, bridge, Presence(window, tray), tray

    return open_it


def test_closing_ends_it_unless_the_tray_is_to_keep_it(with_tray, qtbot: QtBot) -> None:
    window, bridge, _, _ = with_tray()
    window.close()
    assert bridge.join(5)
    assert not window.isVisible()


def test_in_the_tray_a_call_goes_on_undrawn_for_nobody(
    with_tray, qtbot: QtBot, recorder: list[RecordingCamera]
) -> None:
    window, bridge, _, tray = with_tray(close_to_tray=True)
    window.start_on("demo")
    window.actions_["camera"].trigger()
    qtbot.waitUntil(lambda: any(camera.frames for camera in recorder), timeout=LONG_MS)
    window.close()
    assert (window.isVisible(), window.state) == (False, State.RUNNING)
    camera = recorder[-1]
    sent = camera.sent
    qtbot.waitUntil(lambda: camera.sent > sent + 5, timeout=LONG_MS)
    qtbot.waitUntil(lambda: bridge.results[-1].drawn is None, timeout=LONG_MS)
    assert tray.window_action.text() == "Show window"
    tray.window_action.trigger()
    assert window.isVisible()
    qtbot.waitUntil(lambda: bridge.results[-1].drawn is not None, timeout=LONG_MS)
    window.actions_["quit"].trigger()
    assert bridge.join(5)
    assert camera.closed


def test_in_the_tray_with_nobody_to_see_it_the_camera_is_released_and_comes_back_with_the_window(
    with_tray, qtbot: QtBot
) -> None:
    window, bridge, _, tray = with_tray(close_to_tray=True)
    window.start_on("demo")
    qtbot.waitUntil(lambda: bool(labelled(bridge)), timeout=LONG_MS)
    window.close()
    assert window.state is State.STOPPED
    qtbot.waitUntil(lambda: not run_threads(), timeout=LONG_MS)
    assert "stopped" in tray.tip
    bridge.results = []
    tray.toggled_window.emit()
    qtbot.waitUntil(lambda: bool(labelled(bridge)), timeout=LONG_MS)
    assert window.state is State.RUNNING


def test_switching_the_camera_off_in_the_tray_releases_the_source(
    with_tray, qtbot: QtBot, recorder: list[RecordingCamera]
) -> None:
    window, _, presence, _ = with_tray()
    window.start_on("demo")
    window.actions_["camera"].trigger()
    qtbot.waitUntil(lambda: any(camera.frames for camera in recorder), timeout=LONG_MS)
    presence.put_away()
    assert window.state is State.RUNNING
    window.actions_["camera"].trigger()
    qtbot.waitUntil(lambda: window.state is State.STOPPED and not run_threads(), timeout=LONG_MS)


def test_begun_away_it_starts_for_a_call_at_once(with_tray, qtbot: QtBot, recorder: list[RecordingCamera]) -> None:
    window, bridge, presence, _ = with_tray()
    window.hide()
    qtbot.waitUntil(lambda: bool(recorder) and recorder[0].closed, timeout=LONG_MS)  # the look beforehand
    qtbot.wait(100)
    window.actions_["camera"].setChecked(True)
    bridge.switch_camera(True)
    presence.begin_away(lambda: window.start_on("demo"))
    qtbot.waitUntil(lambda: any(camera.sent > 5 for camera in recorder), timeout=LONG_MS)
    assert not window.isVisible()
    assert window.state is State.RUNNING


def test_begun_away_for_nobody_it_starts_with_the_window(with_tray, qtbot: QtBot) -> None:
    window, bridge, presence, tray = with_tray()
    window.hide()
    presence.begin_away(lambda: window.start_on("demo"))
    qtbot.wait(200)
    assert window.state is State.STOPPED
    tray.toggled_window.emit()
    qtbot.waitUntil(lambda: bool(labelled(bridge)), timeout=LONG_MS)


def test_started_from_the_tray_it_runs_on_when_the_window_comes_back(
    with_tray, qtbot: QtBot, recorder: list[RecordingCamera]
) -> None:
    window, bridge, presence, tray = with_tray()
    window.start_on("demo")
    qtbot.waitUntil(lambda: bool(bridge.results), timeout=LONG_MS)
    presence.put_away()
    assert window.state is State.STOPPED
    window.actions_["start"].trigger()
    assert window.state is not State.STOPPED
    window.actions_["camera"].trigger()
    qtbot.waitUntil(lambda: any(camera.sent > 5 for camera in recorder), timeout=LONG_MS)
    index = bridge.results[-1].frame.index
    tray.toggled_window.emit()
    bridge.results = []
    qtbot.waitUntil(lambda: bool(bridge.results), timeout=LONG_MS)
    assert bridge.results[-1].frame.index > index  # the same run


def test_without_a_tray_closing_ends_it_whatever_is_chosen(open_window: OpenWindow, qtbot: QtBot) -> None:
    window, bridge = open_window(close_to_tray=True)
    Presence(window, None)
    window.close()
    assert bridge.join(5)


def test_a_second_start_brings_the_first_window_to_the_front(qtbot: QtBot, own_settings: Path) -> None:
    with OnlyOne(own_settings) as first:
        assert not first.other_told
        with qtbot.waitSignal(first.asked, timeout=LONG_MS), OnlyOne(own_settings) as second:
            assert second.other_told
        with OnlyOne(own_settings / "other") as elsewhere:
            assert not elsewhere.other_told  # other settings, another user
    with OnlyOne(own_settings) as later:
        assert not later.other_told


def test_the_pages_open_once_and_the_settings_take_effect(
    open_window: OpenWindow, qtbot: QtBot, own_settings: Path
) -> None:
    window, bridge = open_window()
    pages = Pages(window, People())
    window.start_on("demo")
    qtbot.waitUntil(lambda: bool(labelled(bridge)), timeout=LONG_MS)
    window.actions_["settings"].trigger()
    page = pages.settings()
    assert page.isVisible()
    assert pages.settings() is page
    page.restore_defaults()
    assert window.keeper.settings.mirror_preview  # the tests' windows begin without
    assert window.panel.source.editors["mirror_preview"].value
    window.keeper.set("text_scale", 2.0)
    assert page.settings.text_scale == 2.0
    page.close()
    window.actions_["card"].trigger()
    qtbot.waitUntil(lambda: any(type(child).__name__ == "ModelCardDialog" for child in window.children()))
    diagnosis = pages.diagnose()
    qtbot.waitUntil(lambda: any(check.name == "Face detector" for check in diagnosis.checks), timeout=60_000)
    diagnosis.close()
    assert diagnosis.join(10)
