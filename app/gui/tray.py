"""The icon in the tray: what a call needs while the window is away."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from PyQt5.QtCore import QObject, pyqtSignal
from PyQt5.QtWidgets import QAction, QMenu, QSystemTrayIcon

from .icon import application_icon, recording_icon
from .translate import tr

#: The actions of the menu by their names, after showing the window; an empty name is a line between.
_MENU = ("start", "camera", "", "pause", "hide", "freeze", "", "snapshot", "record", "", "quit")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrayState:
    """What the tray shows."""

    window_shown: bool
    running: bool
    recording: bool = False
    words: str = ""  # a line for the tip; empty: what follows from the rest


class Tray(QObject):
    """The tray's icon and its menu, made of the window's own actions, which carry their states."""

    toggled_window = pyqtSignal()  # the window is to be shown, or put away

    def __init__(self, actions: dict[str, QAction], parent: QObject | None = None) -> None:
        """Make it; it appears with :meth:`show`.

        Args:
            actions: of :func:`app.gui.actions.make_actions`.
            parent: who owns it.
        """
        super().__init__(parent)
        self._icon = QSystemTrayIcon(application_icon(), self)
        self._recording: bool = False
        self.window_action = QAction(tr("Hide window"), self)
        self.window_action.triggered.connect(lambda: self.toggled_window.emit())
        self.menu = QMenu()
        self.menu.addAction(self.window_action)
        self.menu.addSeparator()
        for name in _MENU:
            if name:
                self.menu.addAction(actions[name])
            else:
                self.menu.addSeparator()
        self._icon.setContextMenu(self.menu)
        self._icon.activated.connect(self._activated)
        self.show_state(TrayState(window_shown=True, running=False))

    @staticmethod
    def available() -> bool:
        """Whether this desktop has a tray; ask before the window is put away into it."""
        return QSystemTrayIcon.isSystemTrayAvailable()

    @property
    def tip(self) -> str:
        """What is said when the pointer rests on it."""
        return self._icon.toolTip()

    @property
    def recording(self) -> bool:
        """Whether it wears the red dot."""
        return self._recording

    def show(self) -> None:
        """Appear."""
        self._icon.show()

    def hide(self) -> None:
        """Disappear; an icon that stays behind a program that has ended confuses."""
        self._icon.hide()

    def say(self, message: str) -> None:
        """Show a message beside the icon, where the desktop shows such."""
        self._icon.showMessage("affectcam", message, application_icon())

    def show_state(self, state: TrayState) -> None:
        """Show what is going on."""
        self.window_action.setText(tr("Hide window") if state.window_shown else tr("Show window"))
        if state.recording != self._recording:
            self._recording = state.recording
            self._icon.setIcon(recording_icon() if state.recording else application_icon())
        words = state.words or _words(state)
        self._icon.setToolTip(f"affectcam – {words}")

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        # A double click has been a click before; and on macOS a click opens the menu.
        if reason == QSystemTrayIcon.ActivationReason.Trigger and sys.platform != "darwin":
            self.toggled_window.emit()


def _words(state: TrayState) -> str:
    if state.recording:
        return tr("recording")
    return tr("running") if state.running else tr("stopped")
