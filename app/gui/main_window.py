"""The window: a large preview, a chart below it, a side panel that steers, and what is measured in the status line."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtGui import QCloseEvent, QImage
from PyQt5.QtWidgets import QDialog, QHBoxLayout, QMainWindow, QMessageBox, QVBoxLayout, QWidget

from app.capture.virtual import is_virtual
from app.settings import Settings

from . import words
from .actions import make_actions, show_running
from .bridge import Bridge
from .camera_box import SELECTABLE
from .chart import Chart
from .control_row import ControlRow
from .keeper import Keeper
from .menus import fill_menus
from .panel import Panel
from .source_box import DEMO
from .status_line import StatusLine
from .tab_order import follow_layouts
from .translate import tr
from .video_view import VideoView

if TYPE_CHECKING:
    from app.capture.cameras import CameraInfo
    from app.capture.modes import CameraMode
    from app.pipeline.live import LiveStatus
    from app.types import Reading

    from .states import CalibrationState, CameraState, Reader, RecordingState, Running

_STATUS_EVERY_S = 0.5  # figures that change with every picture cannot be read
_CHART_EVERY_S = 0.1


class State(Enum):
    """What the window is doing."""

    STOPPED = "stopped"
    OPENING = "opening"
    RUNNING = "running"


class MainWindow(QMainWindow):
    """Steers a :class:`Bridge` and shows what it reports."""

    state_changed = pyqtSignal()
    closing = pyqtSignal(QCloseEvent)  # may be refused: the program goes on in the tray
    ended = pyqtSignal()  # it has been closed for good

    def __init__(self, bridge: Bridge, keeper: Keeper, *, camera: bool = False) -> None:
        """Make the window; nothing is started yet.

        Args:
            bridge: what it steers.
            keeper: the settings.
            camera: begin with the virtual camera switched on.
        """
        super().__init__()
        self.state = State.STOPPED
        self.failure: str | None = None  # of the latest start, if it failed
        self._ended = False
        self.leaving = False  # the next close ends the program, whatever the tray is for
        self.bridge, self.keeper = bridge, keeper
        self._start_on_camera = False
        self._given = ""  # what the source gives, in words
        self._status_due_s, self._chart_due_s = 0.0, 0.0
        self.actions_ = make_actions(self)
        self.view, self.panel, self.chart = VideoView(), Panel(), Chart()
        self.controls = ControlRow(self.actions_)
        self._line = StatusLine()
        self._arrange()
        self._connect()
        self._take_settings(keeper.settings)
        self.view.show_words(tr(words.STOPPED))
        bridge.watch_cameras()
        if camera:
            self.actions_["camera"].setChecked(True)
            bridge.switch_camera(True)
        else:
            bridge.look_for_virtual_camera()

    @property
    def status_text(self) -> str:
        """The status line: what is measured, and the model that runs."""
        return self._line.text

    def start_on(self, spec: str | None) -> None:
        """Start on a source, or with None on the one that was used last or the first camera, once these are known."""
        if spec is None:
            self._start_on_camera = True
            self.view.show_words(tr(words.LOOKING))
            self.bridge.look_for_cameras()
            return
        self.panel.source.choose(spec)
        self.start()

    def start(self) -> None:
        """Start on the source that is chosen."""
        self._start_on_camera = False
        self.failure = None
        self.view.show_words(words.opening(self.panel.source.name))
        self.bridge.look_at_modes(self.panel.source.spec)
        self.bridge.start(self.panel.source.spec)
        self._set_state(State.OPENING)  # last: who hears of it may stop it again

    def stop(self) -> None:
        """Stop what runs, or give up what opens."""
        self.bridge.stop()
        self._rest(tr(words.STOPPED))

    def show_error(self, message: str) -> None:
        """Show one line in a dialog; the window stays usable from code, and returns at once."""
        box = QMessageBox(QMessageBox.Warning, "affectcam", message, QMessageBox.Ok, self)
        box.setTextFormat(Qt.TextFormat.PlainText)  # a path may hold what looks like HTML
        box.setTextInteractionFlags(SELECTABLE)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()

    def show_notice(self, message: str) -> None:
        """Show in the status line for a while that something was done."""
        self._line.show_notice(message)

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Close at once, unless the tray keeps it; what runs ends in the background, see :meth:`Bridge.join`."""
        if event is not None:
            self.closing.emit(event)
            if not event.isAccepted():
                return
        super().closeEvent(event)
        if self._ended:  # a window that was closed can be asked to close again
            return
        self._ended, self.state = True, State.STOPPED
        for page in self.findChildren(QDialog):  # Qt would leave them open
            page.close()
        self.keeper.write()
        self.bridge.close()
        self.ended.emit()

    def _arrange(self) -> None:
        self.setWindowTitle("affectcam")
        self.setMinimumSize(1000, 640)
        self.resize(1160, 760)
        fill_menus(self, self.actions_)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self.view, 1)
        left.addWidget(self.controls)
        left.addWidget(self.chart)
        central = QWidget()
        row = QHBoxLayout(central)
        row.setContentsMargins(12, 10, 6, 6)
        row.setSpacing(12)
        row.addLayout(left, 1)
        row.addWidget(self.panel)
        self.setCentralWidget(central)
        follow_layouts(self.panel, self.controls, self.chart)
        self.setStatusBar(self._line)

    def _connect(self) -> None:
        bridge, panel, keeper = self.bridge, self.panel, self.keeper
        bridge.cameras.connect(self._show_cameras)
        bridge.modes.connect(self._show_modes)
        bridge.started.connect(self._show_started)
        bridge.reader.connect(self._show_reader)
        bridge.picture.connect(self._show_picture)
        bridge.readings.connect(self._show_readings)
        bridge.waiting.connect(self._show_waiting)
        bridge.ended.connect(self._show_ended)
        bridge.failed.connect(self._show_failed)
        bridge.trouble.connect(self.show_error)
        bridge.notice.connect(self.show_notice)
        bridge.refused.connect(keeper.set)
        bridge.virtual_camera.connect(self._show_camera)
        bridge.recording.connect(self._show_recording)
        bridge.calibration.connect(panel.reading.show_calibration)
        bridge.calibration.connect(self._keep_person)
        panel.changed.connect(keeper.set)
        panel.source.pressed.connect(self._start_or_stop)
        panel.source.opening.connect(bridge.look_for_cameras)
        panel.source.chosen.connect(self._change_source)
        panel.source.mode.chosen.connect(self._change_mode)
        panel.reading.calibration_wanted.connect(bridge.calibrate)
        panel.camera.switched.connect(bridge.switch_camera)
        keeper.changed.connect(self._take_settings)
        keeper.changed.connect(bridge.apply)
        keeper.failed.connect(self.show_error)
        self._connect_actions()

    def _connect_actions(self) -> None:
        bridge = self.bridge
        done: dict[str, Callable[..., None]] = {
            "start": self._start_or_stop,
            "camera": bridge.switch_camera,
            "pause": bridge.pause_reading,
            "hide": bridge.hide_overlay,
            "freeze": bridge.freeze,
            "snapshot": lambda: bridge.snapshot(),
            "record": bridge.record,
            "quit": self._quit,
        }
        for name, do in done.items():
            self.actions_[name].triggered.connect(do)

    def _start_or_stop(self) -> None:
        if self.state is State.STOPPED:
            self.start()
        else:
            self.stop()

    def _quit(self) -> None:
        self.leaving = True
        self.close()

    def _take_settings(self, settings: Settings) -> None:
        self.panel.show_settings(settings)
        self.panel.source.mode.show_choice(settings.capture_size, settings.capture_fps)
        self.chart.show_settings(settings)

    def _set_state(self, state: State) -> None:
        self.state = state
        self.panel.source.show_running(state is not State.STOPPED)
        show_running(self.actions_, state is not State.STOPPED)
        self._line.show_measured(None)
        self.state_changed.emit()

    def _rest(self, text: str) -> None:
        self.panel.source.show_state("")
        self.view.show_words(text)
        self._set_state(State.STOPPED)

    def _change_source(self) -> None:
        self._start_on_camera = False
        self.keeper.set("source", self.panel.source.remembered)
        if self.state is State.STOPPED:
            self.view.show_words(tr(words.STOPPED))
        else:
            self.start()

    def _keep_person(self, state: CalibrationState) -> None:
        if state.person:
            self.keeper.set("person", state.person)

    def _show_cameras(self, cameras: list[CameraInfo]) -> None:
        self.panel.source.show_cameras(cameras)
        if not self._start_on_camera:
            return
        self._start_on_camera = False
        wanted = self.panel.source.recall(self.keeper.settings.source)
        if wanted is not None:
            self.start_on(wanted)
        elif cameras:  # a real one first: a virtual one may be our own
            first = next((camera for camera in cameras if not is_virtual(camera)), cameras[0])
            self.start_on(str(first.index))
        else:
            self.panel.source.choose(DEMO)
            self._rest(tr(words.NO_CAMERA))

    def _change_mode(self, size: str, fps: int) -> None:
        self.keeper.take(replace(self.keeper.settings, capture_size=size, capture_fps=fps))

    def _show_modes(self, spec: str, modes: list[CameraMode]) -> None:
        if spec == self.panel.source.spec:
            self.panel.source.mode.show_modes(modes)

    def _show_started(self, running: Running) -> None:
        if self.state is State.STOPPED:
            return  # one that was under way when the user stopped
        self._given = words.given(running.size, running.fps)
        self.panel.source.show_state(self._given)
        if self.state is State.OPENING:
            self._set_state(State.RUNNING)

    def _show_reader(self, reader: Reader) -> None:
        self._line.show_reader(reader)
        attention = self.panel.overlay.editors["attention"].widget
        attention.setEnabled(reader.gives_attention)
        attention.setToolTip(tr(Settings.row("attention").help if reader.gives_attention else words.NO_ATTENTION))

    def _show_picture(self, picture: QImage, status: LiveStatus) -> None:
        if self.state is not State.RUNNING:
            return  # one that was under way when the user stopped
        self.view.show_picture(picture)
        if time.monotonic() >= self._status_due_s:
            self._status_due_s = time.monotonic() + _STATUS_EVERY_S
            self._line.show_measured(status)
            if self.actions_["record"].isChecked():
                self.bridge.tell_recording()

    def _show_readings(self, time_s: float, readings: tuple[Reading, ...]) -> None:
        if self.state is not State.RUNNING or time.monotonic() < self._chart_due_s:
            return
        self._chart_due_s = time.monotonic() + _CHART_EVERY_S
        main = next((each for each in readings if each.main), None)
        if main is None:
            self.chart.add_gap(time_s)
            return
        self.chart.add(time_s, main.scores, main.valence, main.arousal)

    def _show_waiting(self, reason: str | None) -> None:
        if self.state is State.RUNNING:
            self.panel.source.show_state(reason or self._given)
            self.view.show_banner(reason or "")

    def _show_ended(self, loss: str | None) -> None:
        if self.state is State.RUNNING:
            self._rest(words.ended(self.panel.source.name, loss))

    def _show_failed(self, message: str) -> None:
        if self.state is State.STOPPED:
            return
        self._rest(tr(words.STOPPED))
        self.failure = message
        self.show_error(message)

    def _show_camera(self, state: CameraState) -> None:
        self.panel.camera.show_state(state)
        self.actions_["camera"].setChecked(state.on)
        self.state_changed.emit()

    def _show_recording(self, state: RecordingState) -> None:
        self.actions_["record"].setChecked(state.on)
        self._line.show_recording(state)
        if not state.on and state.words:
            self.show_notice(state.words)
        self.state_changed.emit()
