"""The side panel's first group: which source, and start or stop."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QComboBox, QFileDialog, QInputDialog, QLabel, QLineEdit, QPushButton, QWidget

from app.capture.trouble import is_url
from app.settings.setting import Group

from .mode_choice import ModeChoice
from .panel_group import PanelGroup
from .translate import tr

if TYPE_CHECKING:
    from app.capture.cameras import CameraInfo

DEMO = "demo"
_ASK_FOR_FILE, _ASK_FOR_URL = "", "url:"  # the data of the entries that ask
_BY_NAME = "camera:"
_ENDINGS = "(*.mp4 *.mkv *.mov *.avi *.webm *.m4v *.gif)"


class _Choice(QComboBox):
    opening = pyqtSignal()

    def showPopup(self) -> None:
        self.opening.emit()
        super().showPopup()


class SourceBox(PanelGroup):
    """Choice of source, and the button that starts and stops."""

    chosen = pyqtSignal()  # the user has chosen another source
    opening = pyqtSignal()  # the list is being opened: it should be up to date
    pressed = pyqtSignal()  # the user has pressed start or stop

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Group.SOURCE, parent)
        self.choice = _Choice()
        self.choice.setAccessibleName(tr("Source"))
        self.choice.setSizeAdjustPolicy(QComboBox.AdjustToMinimumContentsLengthWithIcon)
        self.choice.addItem(tr("Demo clip"), DEMO)
        self.choice.addItem(tr("Video file…"), _ASK_FOR_FILE)
        self.choice.addItem(tr("Network camera…"), _ASK_FOR_URL)
        self.choice.activated.connect(self._activated)
        self.choice.opening.connect(self.opening)
        self._current = 0
        self._cameras: list[tuple[str, str]] = []
        self.button = QPushButton()
        self.button.setMinimumHeight(36)
        self.button.setDefault(True)
        self.button.clicked.connect(lambda: self.pressed.emit())
        self.mode = ModeChoice()
        self.state = QLabel()
        self.state.setWordWrap(True)
        self.state.hide()
        for widget in (self.choice, self.mode, self.button, self.state):
            self.top.addWidget(widget)
        self.mode.hide()
        self.show_running(False)

    @property
    def spec(self) -> str:
        """The chosen source, as the command line would name it."""
        return str(self.choice.itemData(self._current))

    @property
    def remembered(self) -> str:
        """The choice as it is kept for the next start: a camera by its name, since numbers change; no password."""
        from app.capture.trouble import hide_password

        if self.spec.isdecimal():
            return f"{_BY_NAME}{self.name}"
        return self.spec if hide_password(self.spec) == self.spec else ""

    def recall(self, remembered: str) -> str | None:
        """What was kept by an earlier start, if it is still there."""
        if remembered.startswith(_BY_NAME):
            name = remembered.removeprefix(_BY_NAME)
            return next((spec for known, spec in self._cameras if known == name), None)
        return remembered if remembered == DEMO or is_url(remembered) or Path(remembered).is_file() else None

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
        self.button.setText(tr("&Stop") if running else tr("&Start"))

    def show_state(self, text: str) -> None:
        """Show what the source really gives, or what it waits for."""
        self.state.setText(text)
        self.state.setVisible(bool(text))

    def show_cameras(self, cameras: list[CameraInfo]) -> None:
        """List the cameras of this machine first, by name; the choice stays."""
        names = [camera.name for camera in cameras]
        entries = [
            (camera.name if names.count(camera.name) == 1 else f"{camera.name} ({camera.index})", str(camera.index))
            for camera in cameras
        ]
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
            place = self.choice.findData(_ASK_FOR_FILE)  # before the entries that ask
            self.choice.insertItem(place, Path(spec).name if Path(spec).is_file() else _without_user(spec), spec)
        self._current = place
        self.choice.setCurrentIndex(place)
        self.mode.setVisible(spec.isdecimal() or spec.startswith("/dev/"))
        self.choice.setToolTip(self.name)

    def _activated(self, place: int) -> None:
        spec = str(self.choice.itemData(place))
        if spec == _ASK_FOR_FILE:
            spec = self._ask_for_file()
        elif spec == _ASK_FOR_URL:
            spec = self._ask_for_url()
        if not spec or spec == self.spec:
            self.choice.setCurrentIndex(self._current)
            return
        self.choose(spec)
        self.chosen.emit()

    def _ask_for_file(self) -> str:
        kinds = f"{tr('Videos')} {_ENDINGS};;{tr('All files')} (*)"
        chosen, _ = QFileDialog.getOpenFileName(self, tr("Choose a video"), str(Path.home()), kinds)
        return chosen

    def _ask_for_url(self) -> str:
        words = tr("Address of the camera, for example rtsp://user:password@192.168.1.20/stream")
        url, given = QInputDialog.getText(self, tr("Network camera"), words, QLineEdit.Normal, "")
        return url.strip() if given else ""


def _without_user(spec: str) -> str:
    from app.capture.trouble import hide_password

    return tr("Camera {number}").format(number=spec) if spec.isdecimal() else hide_password(spec)
