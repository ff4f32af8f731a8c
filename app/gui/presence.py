"""Where the program is while the window is away: in the tray, working or at rest."""

from __future__ import annotations

from PyQt5.QtCore import QObject
from PyQt5.QtGui import QCloseEvent

from .main_window import MainWindow, State
from .translate import tr
from .tray import Tray, TrayState


class Presence(QObject):
    """Puts the window away into the tray and brings it back.

    While it is away and nobody else sees the picture either, the camera is released: its light goes out.
    """

    def __init__(self, window: MainWindow, tray: Tray | None) -> None:
        """Watch ``window``; without a tray closing it ends the program."""
        super().__init__(window)
        self._window, self._tray = window, tray
        self._resting = False  # stopped because nobody saw it
        self._said = False
        window.closing.connect(self._close)
        window.state_changed.connect(self.refresh)
        if tray is not None:
            tray.toggled_window.connect(self.toggle)
            tray.show()
        self.refresh()

    def begin_away(self) -> None:
        """Begin without the window: in the tray, or else minimised."""
        if self._tray is None:
            self._window.showMinimized()
        else:
            self.put_away()

    def toggle(self) -> None:
        """Show the window, or put it away."""
        if self._window.isVisible():
            self.put_away()
        else:
            self.bring_back()

    def put_away(self) -> None:
        """Hide the window; what is seen in a call or recorded goes on."""
        self._window.hide()
        self._window.bridge.watched = False
        self.refresh()

    def bring_back(self) -> None:
        """Show the window as it was."""
        self._window.bridge.watched = True
        self._window.showNormal()
        self._window.raise_()
        self._window.activateWindow()
        if self._resting:
            self._resting = False
            self._window.start()
        self.refresh()

    def refresh(self) -> None:
        """Rest if nobody sees anything, and let the tray show what is going on."""
        window = self._window
        shown = window.isVisible()
        needed = window.actions_["camera"].isChecked() or window.actions_["record"].isChecked()
        if not window.bridge.watched and not needed and window.state is not State.STOPPED:
            self._resting = True
            window.stop()
        if self._tray is not None:
            self._tray.show_state(
                TrayState(
                    window_shown=shown,
                    running=window.state is not State.STOPPED,
                    recording=window.actions_["record"].isChecked(),
                )
            )

    def _close(self, event: QCloseEvent) -> None:
        keeps = self._window.keeper.settings.close_to_tray and not self._window.leaving
        if self._tray is None or not keeps:
            if self._tray is not None:
                self._tray.hide()
            return
        event.ignore()
        self.put_away()
        if not self._said:
            self._said = True
            self._tray.say(tr("affectcam goes on here. Quit it from this icon."))
