"""Between Qt and the runner: the only file that knows both."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Self

from PyQt5.QtCore import QObject, pyqtSignal
from PyQt5.QtGui import QImage
from PyQt5.sip import voidptr

from app.settings import Settings
from app.settings.people import People
from app.types import FrameResult, Pixels

from .session import Session
from .states import CalibrationState, CameraState, Reader, RecordingState, Running

if TYPE_CHECKING:
    from app.capture.cameras import CameraInfo
    from app.capture.modes import CameraMode


class Bridge(QObject):
    """A session as Qt signals, and the preview as one more sink of its run.

    Signals reach the thread in which the bridge was made. Of the pictures at most one is under way: a slow window
    misses some and never falls behind.
    """

    cameras = pyqtSignal(list)  # of CameraInfo
    modes = pyqtSignal(str, list)  # a source; of CameraMode
    started = pyqtSignal(object)  # Running
    reader = pyqtSignal(object)  # Reader
    picture = pyqtSignal(QImage, object)  # the newest drawn picture, which owns its memory; LiveStatus
    readings = pyqtSignal(float, object)  # time in seconds on the source's clock; the readings, a tuple
    waiting = pyqtSignal(object)  # why the source is waited for (str), or None: it is back
    ended = pyqtSignal(object)  # what of the source could not be read (str), or None
    failed = pyqtSignal(str)  # one line: what runs has ended, or did not begin
    trouble = pyqtSignal(str)  # one line: what runs goes on
    notice = pyqtSignal(str)  # something was done
    refused = pyqtSignal(str, object)  # a setting's name; the value that stays
    virtual_camera = pyqtSignal(object)  # CameraState
    recording = pyqtSignal(object)  # RecordingState
    calibration = pyqtSignal(object)  # CalibrationState
    _arrived = pyqtSignal()

    def __init__(self, settings: Settings, people: People | None = None, parent: QObject | None = None) -> None:
        """Make a session that does as ``settings`` say, with the calibrations of ``people``; nothing is opened yet."""
        super().__init__(parent)
        self.watched = True  # False: nobody sees the preview, and it is not drawn
        self._newest: FrameResult | None = None
        self._in_flight = False
        self._arrived.connect(self._hand_over)  # from another thread: queued
        session = self._session = Session(self, self, settings, people or People())
        self.start, self.stop, self.apply = session.start, session.stop, session.apply
        self.watch_cameras, self.look_for_cameras = session.watch_cameras, session.look_for_cameras
        self.look_at_modes = session.look_at_modes
        self.look_at_model = session.look_at_model
        self.look_for_virtual_camera = session.look_for_virtual_camera
        self.switch_camera = session.switch_camera
        self.pause_reading, self.hide_overlay, self.freeze = session.pause_reading, session.hide_overlay, session.freeze
        self.record, self.tell_recording, self.snapshot = session.record, session.tell_recording, session.snapshot
        self.calibrate = session.calibrate

    def close(self) -> None:
        """Begin to stop everything; returns at once."""
        self._session.close()

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait after :meth:`close` until nothing runs any more; True if that is so."""
        return self._session.join(timeout_s)

    # The preview as a sink; called in the runner's threads.

    @property
    def needs_drawing(self) -> bool:
        """It shows ``result.drawn``, while somebody looks."""
        return self.watched

    def write(self, result: FrameResult) -> None:
        """Keep the newest result, and let the window know unless it has yet to take an earlier one."""
        self._newest = result
        if not self._in_flight:
            self._in_flight = True
            self._arrived.emit()

    def __enter__(self) -> Self:
        """Start."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End."""

    def _hand_over(self) -> None:
        self._in_flight = False  # before the newest is taken: one that comes in between is told anew
        result, self._newest = self._newest, None
        status = self._session.status()
        if result is None or status is None:
            return
        self.readings.emit(result.frame.time_s, result.readings)
        if result.drawn is not None:
            self.picture.emit(to_image(result.drawn), status)

    # The session's listener; called in the session's thread.

    def on_cameras(self, cameras: list[CameraInfo]) -> None:
        """Pass it on."""
        self.cameras.emit(cameras)

    def on_modes(self, spec: str, modes: list[CameraMode]) -> None:
        """Pass it on."""
        self.modes.emit(spec, modes)

    def on_started(self, running: Running) -> None:
        """Pass it on."""
        self.started.emit(running)

    def on_reader(self, reader: Reader) -> None:
        """Pass it on."""
        self.reader.emit(reader)

    def on_waiting(self, reason: str | None) -> None:
        """Pass it on."""
        self.waiting.emit(reason)

    def on_ended(self, loss: str | None) -> None:
        """Pass it on."""
        self.ended.emit(loss)

    def on_failed(self, message: str) -> None:
        """Pass it on."""
        self.failed.emit(message)

    def on_trouble(self, message: str) -> None:
        """Pass it on."""
        self.trouble.emit(message)

    def on_notice(self, message: str) -> None:
        """Pass it on."""
        self.notice.emit(message)

    def on_virtual_camera(self, state: CameraState) -> None:
        """Pass it on."""
        self.virtual_camera.emit(state)

    def on_recording(self, state: RecordingState) -> None:
        """Pass it on."""
        self.recording.emit(state)

    def on_calibration(self, state: CalibrationState) -> None:
        """Pass it on."""
        self.calibration.emit(state)

    def on_refused(self, name: str, value: object) -> None:
        """Pass it on."""
        self.refused.emit(name, value)


def to_image(pixels: Pixels) -> QImage:
    """BGR pixels -> a picture in the format that Qt paints fastest, with memory of its own.

    Args:
        pixels: uint8 BGR ``(height, width, 3)``, C-contiguous.
    """
    height, width = pixels.shape[:2]
    data = voidptr(pixels.ctypes.data)
    borrowed = QImage(data, width, height, pixels.strides[0], QImage.Format.Format_BGR888)
    return borrowed.convertToFormat(QImage.Format.Format_RGB32)
