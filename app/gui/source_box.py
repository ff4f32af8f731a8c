"""The side panel's first group: which source, and start or stop."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QComboBox, QFileDialog, QGroupBox, QLabel, QPushButton, QVBoxLayout, QWidget

if TYPE_CHECKING:
    from app.capture.cameras import CameraInfo

DEMO = "demo"
_ASK_FOR_FILE = ""  # the data of the entry that opens the file dialog
_FILES = "Videos (*.mp4 *.mkv *.mov *.avi *.webm *.m4v *.gif);;All files (*)"


class _Choice(QComboBox):
    opening = pyqtSignal()

    def showPopup(self) -> None:
        self.opening.emit()
        super().showPopup()


class SourceBox(QGroupBox):
    """Choice of source, and the button that starts and stops."""

    chosen = pyqtSignal()  # the user has chosen another source
    opening = pyqtSignal()  # the list is being opened: it should be up to date
    pressed = pyqtSignal()  # the user has pressed start or stop

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Source", parent)
        self.choice = _Choice()
        self.choice.setAccessibleName("Source")
        self.choice.setSizeAdjustPolicy(QComboBox.AdjustToMinimumContentsLengthWithIcon)
        self.choice.addItem("Demo clip", DEMO)
        self.choice.addItem("Video file…", _ASK_FOR_FILE)
        self.choice.activated.connect(self._activated)
        self.choice.opening.connect(self.opening)
        self._current = 0
        self._cameras: list[tuple[str, str]] = []
        label = QLabel("&Pictures from")
        label.setBuddy(self.choice)
        self.button = QPushButton()
        self.button.setMinimumHeight(36)
        self.button.setDefault(True)
        self.button.clicked.connect(lambda: self.pressed.emit())
        layout = QVBoxLayout(self)
        for widget in (label, self.choice, self.button):
            layout.addWidget(widget)
        self.show_running(False)

    @property
    def spec(self) -> str:
        """The chosen source, as the command line would name it."""
        return str(self.choice.itemData(self._current))

    @property
    def names(self) -> list[str]:
        """All entries, as the user sees them."""
        return [self.choice.itemText(place) for place in range(self.choice.count())]

    @property
    def name(self) -> str:
        """The chosen source, as the user sees it."""
        return self.choice.itemText(self._current)

    def show_running(self, running: bool) -> None:
        """Make the button stop or start."""
        self.button.setText("&Stop" if running else "&Start")

    def show_cameras(self, cameras: list[CameraInfo]) -> None:
        """List the cameras of this machine first, by name; the choice stays."""
        entries = [(camera.name, str(camera.index)) for camera in cameras]
        if entries == self._cameras:
            return  # nothing moves under the pointer of a user who has the list open
        chosen, self._cameras = self.spec, entries
        while self.choice.itemData(0) != DEMO:
            self.choice.removeItem(0)
        for place, (name, spec) in enumerate(entries):
            self.choice.insertItem(place, name, spec)
        self.choose(chosen)

    def choose(self, spec: str) -> None:
        """Choose a source; one that is not in the list yet (a file, a URL) is added."""
        place = self.choice.findData(spec)
        if place < 0:
            place = self.choice.count() - 1  # before the entry that asks for a file
            self.choice.insertItem(place, Path(spec).name if Path(spec).is_file() else _without_user(spec), spec)
        self._current = place
        self.choice.setCurrentIndex(place)
        self.choice.setToolTip(self.name)

    def _activated(self, place: int) -> None:
        spec = str(self.choice.itemData(place))
        if spec == _ASK_FOR_FILE:
            spec, _ = QFileDialog.getOpenFileName(self, "Choose a video", str(Path.home()), _FILES)
        if not spec or spec == self.spec:
            self.choice.setCurrentIndex(self._current)
            return
        self.choose(spec)
        self.chosen.emit()


def _without_user(spec: str) -> str:
    from app.capture.trouble import hide_password

    return f"Camera {spec}" if spec.isdecimal() else hide_password(spec)
