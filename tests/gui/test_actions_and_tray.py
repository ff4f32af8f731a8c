"""One table of actions: the same in the window, in the tray and in the list of shortcuts."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from PyQt5.QtCore import QSize, Qt
from PyQt5.QtWidgets import QLabel, QMainWindow, QSystemTrayIcon
from pytestqt.qtbot import QtBot
from window_helpers import rgb_of

from app.gui.actions import ACTIONS, make_actions, show_running
from app.gui.icon import application_icon, recording_icon
from app.gui.shortcuts_dialog import ShortcutsDialog
from app.gui.tray import Tray, TrayState


@pytest.fixture
def window(qtbot: QtBot) -> QMainWindow:
    window = QMainWindow()
    qtbot.addWidget(window)
    return window


def test_no_two_actions_share_a_name_or_a_shortcut() -> None:
    assert len({row.name for row in ACTIONS}) == len(ACTIONS)
    shortcuts = [row.shortcut for row in ACTIONS if row.shortcut]
    assert len(set(shortcuts)) == len(shortcuts)


def test_a_shortcut_does_in_the_window_what_its_action_says(window: QMainWindow, qtbot: QtBot) -> None:
    actions = make_actions(window)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    done: list[tuple[str, bool]] = []
    for name, action in actions.items():
        action.triggered.connect(lambda on, name=name: done.append((name, on)))
    for key in (Qt.Key.Key_P, Qt.Key.Key_O, Qt.Key.Key_F, Qt.Key.Key_S, Qt.Key.Key_R, Qt.Key.Key_K, Qt.Key.Key_Q):
        qtbot.keyClick(window, key, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(window, Qt.Key.Key_F1)
    expected = ["pause", "hide", "freeze", "snapshot", "record", "camera", "quit", "shortcuts"]
    assert [name for name, _ in done] == expected
    assert [on for _, on in done] == [True, True, True, False, True, True, False, False]


def test_showing_a_state_is_not_pressing(window: QMainWindow) -> None:
    actions = make_actions(window)
    pressed: list[bool] = []
    actions["record"].triggered.connect(pressed.append)
    actions["record"].setChecked(True)
    show_running(actions, True)
    assert (pressed, actions["start"].text()) == ([], "&Stop")
    show_running(actions, False)
    assert actions["start"].text() == "&Start"


def test_the_list_has_every_shortcut_with_what_it_does(window: QMainWindow, qtbot: QtBot) -> None:
    dialog = ShortcutsDialog(make_actions(window))
    qtbot.addWidget(dialog)
    words = [label.text() for label in dialog.findChildren(QLabel)]
    for row in ACTIONS:
        if row.shortcut:
            assert row.shortcut in words
            assert row.text.replace("&", "").rstrip("…") in words
            assert row.help in words


def test_the_tray_s_menu_is_made_of_the_window_s_own_actions(window: QMainWindow) -> None:
    actions = make_actions(window)
    tray = Tray(actions)
    names = [action.objectName() for action in tray.menu.actions() if action.objectName()]
    assert names == ["start", "camera", "pause", "hide", "freeze", "snapshot", "record", "quit"]
    paused: list[bool] = []
    actions["pause"].triggered.connect(paused.append)
    next(action for action in tray.menu.actions() if action.objectName() == "pause").trigger()
    assert (paused, actions["pause"].isChecked()) == ([True], True)


def test_the_tray_shows_and_puts_away_the_window(window: QMainWindow) -> None:
    tray, asked = Tray(make_actions(window)), []
    tray.toggled_window.connect(lambda: asked.append(tray.window_action.text()))
    tray.window_action.trigger()
    tray.show_state(TrayState(window_shown=False, running=True))
    tray._icon.activated.emit(QSystemTrayIcon.ActivationReason.Trigger)
    tray._icon.activated.emit(QSystemTrayIcon.ActivationReason.Context)
    assert asked == ["Hide window"] + ([] if sys.platform == "darwin" else ["Show window"])


def test_the_tray_wears_a_red_dot_while_something_is_recorded(window: QMainWindow) -> None:
    tray = Tray(make_actions(window))
    assert (tray.recording, tray.tip) == (False, "affectcam – stopped")
    tray.show_state(TrayState(window_shown=True, running=True, recording=True))
    assert (tray.recording, tray.tip) == (True, "affectcam – recording")
    tray.show_state(TrayState(window_shown=True, running=True, words="1 face"))
    assert (tray.recording, tray.tip) == (False, "affectcam – 1 face")


@pytest.mark.parametrize("side", [16, 22, 32, 64])
def test_the_dot_is_red_and_in_the_corner_at_every_size(qtbot: QtBot, side: int) -> None:
    plain, dotted = (
        rgb_of(icon.pixmap(QSize(side, side)).toImage()).astype(int) for icon in (application_icon(), recording_icon())
    )
    assert plain.shape == dotted.shape == (side, side, 3)
    red = (dotted[:, :, 0] > 180) & (dotted[:, :, 1] < 110) & (dotted[:, :, 2] < 110)
    rows, columns = np.nonzero(red)
    assert red.mean() > 0.06
    assert rows.min() > 0.45 * side
    assert columns.min() > 0.45 * side
    assert plain.std() > 30  # a picture is there at all


def test_whether_there_is_a_tray_is_the_desktop_s_answer(qtbot: QtBot) -> None:
    assert Tray.available() == QSystemTrayIcon.isSystemTrayAvailable()
