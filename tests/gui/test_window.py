"""The window on the real pipeline: what reaches the preview, what its controls do, and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PyQt5.QtCore import Qt
from pytestqt.qtbot import QtBot
from window_helpers import RecordingBridge, dialogs, rgb_of, run_threads

from app.capture.cameras import CameraInfo
from app.gui.bridge import to_image
from app.gui.main_window import MainWindow, State
from app.types import FrameResult
from model.errors import SourceError

OpenWindow = Callable[..., tuple[MainWindow, RecordingBridge]]
LONG_MS = 20_000  # for a slow, busy machine


def with_face(bridge: RecordingBridge) -> list[FrameResult]:
    return [result for result in bridge.results if result.readings]


def test_the_demo_arrives_in_the_preview_with_its_face_labelled(open_window: OpenWindow, qtbot: QtBot) -> None:
    window, bridge = open_window()
    window.start_on("demo")
    assert (window.state, window.view.words) == (State.OPENING, "Opening Demo clip…")
    qtbot.waitUntil(lambda: bool(with_face(bridge)) and window.view.picture is not None, timeout=LONG_MS)
    qtbot.waitUntil(lambda: "1 face" in window.status_text and "compact on CPU" in window.status_text)

    result = with_face(bridge)[-1]
    reading = result.readings[0]
    assert result.drawn is not None
    x_min, _, x_max, y_max = (round(edge) for edge in reading.face.box)
    changed = (result.drawn != result.frame.pixels).any(axis=2)
    assert changed[y_max - 12 : y_max + 12, x_min + 40 : x_max - 40].any(axis=0).mean() > 0.9  # the box's lower edge
    assert not changed[y_max + 40 :].any()

    qtbot.mouseClick(window.panel.source.button, Qt.MouseButton.LeftButton)
    assert window.state is State.STOPPED
    qtbot.waitUntil(lambda: not run_threads(), timeout=3000)
    window.view.show_picture(to_image(result.drawn))
    shown = rgb_of(window.view.grab().toImage())
    near = np.abs(shown.astype(int) - np.array(reading.emotion.colour[::-1])).max(axis=2) < 12
    assert near.sum() > 200  # the box and the label, in the emotion's colour


def test_the_picture_has_the_drawn_pixels_in_the_right_colours(open_window: OpenWindow, qtbot: QtBot) -> None:
    window, bridge = open_window()
    shown: list[np.ndarray] = []
    bridge.picture.connect(lambda image, _: shown.append(rgb_of(image)) if len(shown) < 3 else None)
    window.start_on("demo")
    qtbot.waitUntil(lambda: len(shown) == 3, timeout=LONG_MS)
    kept = [result.drawn for result in bridge.results if result.drawn is not None]
    assert any(np.array_equal(shown[-1], drawn[:, :, ::-1]) for drawn in kept)


def test_mirror_and_bars_change_the_pictures_that_are_sent(open_window: OpenWindow, qtbot: QtBot) -> None:
    window, bridge = open_window()
    window.start_on("demo")
    qtbot.waitUntil(lambda: bool(with_face(bridge)), timeout=LONG_MS)
    plain = with_face(bridge)[-1]
    window.panel.source.editors["mirror_preview"].widget.click()
    window.keeper.set("style", "bars")
    bridge.results = []
    qtbot.waitUntil(lambda: len(with_face(bridge)) > 2, timeout=LONG_MS)
    result = with_face(bridge)[-1]
    assert plain.drawn is not None
    assert result.drawn is not None
    assert np.array_equal(result.drawn[-60:], result.frame.pixels[-60:, ::-1])
    assert np.array_equal(plain.drawn[-60:], plain.frame.pixels[-60:])
    bars = (result.drawn != result.frame.pixels[:, ::-1]).any(axis=2).sum()
    assert bars > 1.5 * (plain.drawn != plain.frame.pixels).any(axis=2).sum()


def test_a_source_that_does_not_exist_is_a_dialog_with_the_message(open_window: OpenWindow, qtbot: QtBot) -> None:
    window, _ = open_window()
    window.start_on("no-such.mp4")
    qtbot.waitUntil(lambda: bool(dialogs(window)), timeout=LONG_MS)
    (dialog,) = dialogs(window)
    assert dialog.text() == "no such file: no-such.mp4; check the path"
    assert (window.state, window.view.picture) == (State.STOPPED, None)
    dialog.accept()
    window.start_on("demo")  # the window goes on
    qtbot.waitUntil(lambda: window.view.picture is not None, timeout=LONG_MS)


def test_closing_while_it_runs_ends_every_thread(open_window: OpenWindow, qtbot: QtBot) -> None:
    window, bridge = open_window()
    window.start_on("demo")
    qtbot.waitUntil(lambda: window.view.picture is not None, timeout=LONG_MS)
    assert {"affectcam-capture", "affectcam-analyse", "affectcam-compose"} <= set(run_threads())
    window.close()
    assert bridge.join(3.0)
    assert not run_threads()


def test_a_file_that_ends_says_so_and_can_be_played_again(
    open_window: OpenWindow, qtbot: QtBot, short_clip: Path
) -> None:
    window, _ = open_window()
    window.start_on(str(short_clip))
    qtbot.waitUntil(lambda: window.view.words.startswith("short.mp4 has ended"), timeout=LONG_MS)
    assert window.state is State.STOPPED
    qtbot.waitUntil(lambda: not run_threads(), timeout=3000)
    qtbot.mouseClick(window.panel.source.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.view.picture is not None, timeout=LONG_MS)


def test_without_a_camera_it_waits_on_the_demo_and_says_so(
    open_window: OpenWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.capture.cameras.list_cameras", list)
    window, _ = open_window()
    window.start_on(None)
    qtbot.waitUntil(lambda: "No camera was found" in window.view.words, timeout=LONG_MS)
    assert (window.state, window.panel.source.spec, window.panel.source.name) == (State.STOPPED, "demo", "Demo clip")


def test_it_starts_on_the_first_camera_and_shows_cameras_by_name(
    open_window: OpenWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    cameras = [CameraInfo(index=index, name=name, path=None, backend="") for index, name in ((2, "Lid"), (4, "Desk"))]
    opened: list[str] = []

    def open_source(spec: str, *, live: bool, **_: object) -> None:
        opened.append(spec)
        raise SourceError("camera 2 gives no picture")

    monkeypatch.setattr("app.capture.cameras.list_cameras", lambda: cameras)
    monkeypatch.setattr("app.capture.open.open_source", open_source)
    window, _ = open_window()
    window.start_on(None)
    qtbot.waitUntil(lambda: bool(dialogs(window)), timeout=LONG_MS)
    assert opened == ["2"]
    assert window.panel.source.name == "Lid"
    assert window.panel.source.names == ["Lid", "Desk", "Demo clip", "Video file…", "Network camera…"]


def test_every_control_is_reached_by_the_keyboard_in_the_order_seen_and_has_a_name(open_window: OpenWindow) -> None:
    window, _ = open_window()
    names, seen, widget = [], [], window.panel.source.choice
    for _ in range(200):
        inner = widget.objectName() == "qt_spinbox_lineedit"  # Qt's own part of a field that is one stop
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible() and not (inner or widget is window):
            name = widget.accessibleName() or widget.text()
            assert name, widget
            if widget in seen:
                break
            seen.append(widget)
            names.append(name)
        widget = widget.nextInFocusChain()
    assert [name.replace("&", "") for name in names] == [
        "Source",
        "Stop" if window.state is State.RUNNING else "Start",
        "Mirror the preview",
        "Model",
        "Whose face",
        "Smoothing",
        "Smoothing",
        "Say nothing below",
        "Say nothing below",
        "Model card…",
        "Calibrate…",
        "Style",
        "Size",
        "Size",
        "Where it looks",
        "Badge: expression reading on",
        "Virtual camera",
        "Mirror what others see",
        "State of the virtual camera",
        *(["How to get one…"] if window.panel.camera.help.isVisible() else []),
        "Pause reading",
        "Hide overlay",
        "Freeze the picture",
        "Snapshot",
        "Record",
        "Virtual camera",
    ]


def test_a_camera_that_is_plugged_in_later_is_in_the_list_when_it_is_opened(
    open_window: OpenWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    there: list[CameraInfo] = []
    monkeypatch.setattr("app.capture.cameras.list_cameras", lambda: list(there))
    window, _ = open_window()
    window.start_on(None)
    qtbot.waitUntil(lambda: "No camera was found" in window.view.words, timeout=LONG_MS)
    there.append(CameraInfo(index=3, name="Desk", path=None, backend=""))
    window.panel.source.choice.showPopup()
    qtbot.waitUntil(lambda: window.panel.source.names[0] == "Desk", timeout=LONG_MS)
    window.panel.source.choice.hidePopup()
    assert window.panel.source.spec == "demo"  # the choice stays


def test_a_video_file_is_chosen_in_the_dialog_and_starts_when_something_runs(
    open_window: OpenWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, short_clip: Path
) -> None:
    answers = ["", str(short_clip)]
    dialog = "PyQt5.QtWidgets.QFileDialog.getOpenFileName"
    monkeypatch.setattr(dialog, lambda *_: (answers.pop(0), ""))
    window, _ = open_window()
    window.start_on("demo")
    qtbot.waitUntil(lambda: window.view.picture is not None, timeout=LONG_MS)
    choice = window.panel.source.choice
    choice.activated.emit(choice.findText("Video file…"))  # given up in the dialog
    assert (choice.currentText(), window.panel.source.spec, window.state) == ("Demo clip", "demo", State.RUNNING)
    choice.activated.emit(choice.findText("Video file…"))
    assert window.panel.source.spec == str(short_clip)
    qtbot.waitUntil(lambda: window.view.words.startswith("short.mp4 has ended"), timeout=LONG_MS)
