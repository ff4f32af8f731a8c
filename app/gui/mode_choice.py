"""The choice of a camera's resolution and rate: what it offers, or what is usual where it does not say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QWidget

from app.settings import Settings

from .calm_inputs import CalmComboBox
from .translate import tr

if TYPE_CHECKING:
    from app.capture.modes import CameraMode

_USUAL = (("640x480", 30), ("1280x720", 30), ("1280x720", 60), ("1920x1080", 30), ("1920x1080", 60))
_KNOWN = {value for value, _ in Settings.row("capture_size").choices}
_LEAST_FPS = 5


class ModeChoice(CalmComboBox):
    """Sizes with their rates, the largest first."""

    chosen = pyqtSignal(str, int)  # a size as the settings have it, and a rate; by the user

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Resolution and frame rate"))
        self.setToolTip(tr("Asked of the camera; it gives its nearest"))
        self.activated.connect(lambda place: self.chosen.emit(*self.itemData(place)))
        self._shown = ("", 0)
        self.show_modes([])

    def show_modes(self, modes: list[CameraMode]) -> None:
        """List what a camera offers; the choice stays."""
        offered = [(f"{mode.size[0]}x{mode.size[1]}", round(fps)) for mode in modes for fps in mode.fps]
        pairs = [(size, fps) for size, fps in offered if size in _KNOWN and fps >= _LEAST_FPS]
        self.clear()
        for size, fps in dict.fromkeys(pairs or _USUAL):
            self._add(size, fps)
        self.show_choice(*self._shown)

    def show_choice(self, size: str, fps: int) -> None:
        """Show what is chosen, whether it is offered or not."""
        self._shown = (size, fps)
        if not size:
            return
        place = next((row for row in range(self.count()) if self.itemData(row) == (size, fps)), -1)
        if place < 0:
            self._add(size, fps)
            place = self.count() - 1
        self.setCurrentIndex(place)

    def _add(self, size: str, fps: int) -> None:
        width, _, height = size.partition("x")
        words = tr("{width} × {height} at {rate} frames/s").format(width=width, height=height, rate=fps)
        self.addItem(words, (size, fps))
