"""Where the program is while the window is away: in the tray, working or at rest."""

from __future__ import annotations

from collections.abc import Callable

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
        self._away = self._needed = False
        self._on_return: Callable[[], None] | None = None  # what was left undone because nobody would see it
        self._said = False
        window.closing.connect(self._close)
        window.state_changed.connect(self.refresh)
        if tray is not None:
            tray.toggled_window.connect(self.toggle)
            tray.show()
        self.refresh()

    def begin_away(self, start: Callable[[], None]) -> None:
        """Begin in the tray, or else minimised; ``start`` at once if a call is to see it, else with the window."""
        if self._tray is None:
            self._window.showMinimized()
            start()
            return
        self._away, self._window.bridge.watched = True, False
        if self._is_needed():
            start()
        else:
            self._on_return = start
        self.refresh()

    def toggle(self) -> None:
        """Show the window, or put it away."""
        if self._away or self._window.isMinimized():
            self.bring_back()
        else:
            self.put_away()

    def put_away(self) -> None:
        """Hide the window; what is seen in a call or recorded goes on, anything else rests."""
        self._window.hide()
        self._away, self._window.bridge.watched = True, False
        self._needed = True  # so far by the window itself
        self.refresh()

    def bring_back(self) -> None:
        """Show the window as it was, and go on with what rests."""
        self._away, self._window.bridge.watched = False, True
        if self._window.isMinimized():
            self._window.showNormal()
        self._window.show()
        self._window.raise_()
        self._window.activateWindow()
        go_on, self._on_return = self._on_return, None
        if go_on is not None and self._window.state is State.STOPPED:
            go_on()
        self.refresh()

    def refresh(self) -> None:
        """Rest when nobody sees anything any more, and let the tray show what is going on."""
        window = self._window
        before, self._needed = self._needed, not self._away or self._is_needed()
        if window.state is not State.STOPPED:
            self._on_return = None
            if before and not self._needed:
                window.stop()  # which refreshes
                self._on_return = window.start
                return
        if self._tray is not None:
            self._tray.show_state(
                TrayState(
                    window_shown=window.isVisible() and not window.isMinimized(),
                    running=window.state is not State.STOPPED,
                    recording=window.actions_["record"].isChecked(),
                )
            )

    def _is_needed(self) -> bool:
        actions = self._window.actions_
        return actions["camera"].isChecked() or actions["record"].isChecked()

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
