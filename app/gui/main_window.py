"""The window: a large preview, a side panel that steers it, and what is measured below."""

from __future__ import annotations

import time
from enum import Enum
from typing import TYPE_CHECKING

from PyQt5.QtCore import Qt
from PyQt5.QtGui import QCloseEvent, QImage, QKeySequence
from PyQt5.QtWidgets import (
    QCheckBox,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMessageBox,
    QShortcut,
    QStatusBar,
    QVBoxLayout,
    QWidget,
)

from . import words
from .bridge import Bridge
from .camera_box import SELECTABLE, CameraBox
from .source_box import DEMO, SourceBox
from .video_view import VideoView

if TYPE_CHECKING:
    from app.capture.cameras import CameraInfo
    from app.pipeline.live import LiveStatus

    from .session import Running

_PANEL_WIDTH = 280
_STATUS_EVERY_S = 0.5  # figures that change with every picture cannot be read


class State(Enum):
    """What the window is doing."""

    STOPPED = "stopped"
    OPENING = "opening"
    RUNNING = "running"


class MainWindow(QMainWindow):
    """Steers a :class:`Bridge` and shows what it reports."""

    def __init__(self, bridge: Bridge) -> None:
        super().__init__()
        self.state = State.STOPPED
        self.failure: str | None = None  # of the latest start, if it failed
        self._bridge = bridge
        self._start_on_camera = False
        self._status_due_s = 0.0
        self.view, self.source_box, self.camera_box = VideoView(), SourceBox(), CameraBox()
        self.mirror_box = QCheckBox("&Mirror the picture")
        self.mirror_box.setToolTip("Left and right change places, in the preview and in calls; labels stay readable")
        self.bars_box = QCheckBox("Show &all eight scores")
        self._status, self._model = QLabel(), QLabel()
        self._arrange()
        self._connect()
        self.view.show_words(words.STOPPED)
        bridge.look_for_cameras()
        bridge.look_for_virtual_camera()

    @property
    def status_text(self) -> str:
        """The status line: what is measured, and the model that runs."""
        return f"{self._status.text()}  {self._model.text()}"

    def start_on(self, spec: str | None) -> None:
        """Start on a source, or with None on the first camera, once the cameras are known."""
        if spec is None:
            self._start_on_camera = True
            self.view.show_words(words.LOOKING)
            return
        self.source_box.choose(spec)
        self._start()

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Close at once; camera and threads end in the background, see :meth:`Bridge.join`."""
        self.state = State.STOPPED
        self._bridge.close()
        super().closeEvent(event)

    def _arrange(self) -> None:
        self.setWindowTitle("affectcam")
        self.setMinimumSize(800, 520)
        self.resize(1080, 680)
        overlay = QGroupBox("Overlay")
        choices = QVBoxLayout(overlay)
        choices.addWidget(self.mirror_box)
        choices.addWidget(self.bars_box)
        panel = QWidget()
        panel.setFixedWidth(_PANEL_WIDTH)
        groups = QVBoxLayout(panel)
        groups.setContentsMargins(0, 0, 0, 0)
        groups.setSpacing(12)
        for group in (self.source_box, overlay, self.camera_box):
            groups.addWidget(group)
        groups.addStretch(1)
        central = QWidget()
        row = QHBoxLayout(central)
        row.setContentsMargins(12, 12, 12, 6)
        row.setSpacing(12)
        row.addWidget(self.view, 1)
        row.addWidget(panel)
        self.setCentralWidget(central)
        bar = QStatusBar()
        self.setStatusBar(bar)
        bar.setSizeGripEnabled(False)
        bar.setContentsMargins(6, 0, 6, 2)
        bar.addWidget(self._status, 1)
        bar.addPermanentWidget(self._model)
        for label, name in ((self._status, "Measured"), (self._model, "Model")):
            label.setAccessibleName(name)
        QShortcut(QKeySequence.Quit, self, self.close)

    def _connect(self) -> None:
        bridge = self._bridge
        bridge.cameras.connect(self._show_cameras)
        bridge.started.connect(self._show_started)
        bridge.picture.connect(self._show_picture)
        bridge.ended.connect(self._show_ended)
        bridge.failed.connect(self._show_failed)
        bridge.virtual_camera.connect(self.camera_box.show_state)
        self.source_box.pressed.connect(self._start_or_stop)
        self.source_box.opening.connect(bridge.look_for_cameras)
        self.source_box.chosen.connect(self._change_source)
        self.camera_box.switched.connect(bridge.switch_camera)
        self.mirror_box.toggled.connect(bridge.mirror)
        self.bars_box.toggled.connect(bridge.show_bars)

    def _start_or_stop(self) -> None:
        if self.state is State.STOPPED:
            self._start()
            return
        self._bridge.stop()
        self._rest(words.STOPPED)

    def _change_source(self) -> None:
        self._start_on_camera = False
        if self.state is State.STOPPED:
            self.view.show_words(words.STOPPED)
        else:
            self._start()

    def _start(self) -> None:
        self._start_on_camera = False
        self.state, self.failure = State.OPENING, None
        self.source_box.show_running(True)
        self.view.show_words(words.opening(self.source_box.name))
        self._status.setText("")
        self._bridge.start(self.source_box.spec)

    def _rest(self, text: str) -> None:
        self.state = State.STOPPED
        self.source_box.show_running(False)
        self.view.show_words(text)
        self._status.setText("")

    def _show_cameras(self, cameras: list[CameraInfo]) -> None:
        self.source_box.show_cameras(cameras)
        if not self._start_on_camera:
            return
        self._start_on_camera = False
        if cameras:
            self.start_on(str(cameras[0].index))
        else:
            self.source_box.choose(DEMO)
            self._rest(words.NO_CAMERA)

    def _show_started(self, running: Running) -> None:
        if self.state is State.OPENING:
            self.state = State.RUNNING
            self._model.setText(words.model_line(running.model, running.provider))

    def _show_picture(self, picture: QImage, status: LiveStatus) -> None:
        if self.state is not State.RUNNING:
            return  # one that was under way when the user stopped
        self.view.show_picture(picture)
        if time.monotonic() >= self._status_due_s:
            self._status_due_s = time.monotonic() + _STATUS_EVERY_S
            self._status.setText(words.status_line(status))

    def _show_ended(self, loss: str | None) -> None:
        if self.state is State.RUNNING:
            self._rest(words.ended(self.source_box.name, loss))

    def _show_failed(self, message: str) -> None:
        if self.state is State.STOPPED:
            return
        self._rest(words.STOPPED)
        self.failure = message
        self.show_error(message)

    def show_error(self, message: str) -> None:
        """Show one line in a dialog; the window stays usable from code, and returns at once."""
        box = QMessageBox(QMessageBox.Warning, "affectcam", message, QMessageBox.Ok, self)
        box.setTextFormat(Qt.TextFormat.PlainText)  # a path may hold what looks like HTML
        box.setTextInteractionFlags(SELECTABLE)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()
