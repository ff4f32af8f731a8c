"""Between Qt and the runner: the only file that knows both."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Self

from PyQt5.QtCore import QObject, pyqtSignal
from PyQt5.QtGui import QImage
from PyQt5.sip import voidptr

from app.config import ReadingConfig
from app.types import FrameResult, Pixels

from .session import Running, Session

if TYPE_CHECKING:
    from app.capture.cameras import CameraInfo


class Bridge(QObject):
    """A session as Qt signals, and the preview as one more sink of its run.

    Signals reach the thread in which the bridge was made. Of the pictures at most one is under way: a slow window
    misses some and never falls behind.
    """

    cameras = pyqtSignal(list)  # of CameraInfo
    started = pyqtSignal(object)  # Running
    picture = pyqtSignal(QImage, object)  # the newest drawn picture, which owns its memory; LiveStatus
    ended = pyqtSignal(object)  # what of the source could not be read (str), or None
    failed = pyqtSignal(str)  # one line
    virtual_camera = pyqtSignal(str, bool)  # its state in words; whether it is switched on
    _arrived = pyqtSignal()

    def __init__(self, config: ReadingConfig, parent: QObject | None = None) -> None:
        """Make a session that reads faces as ``config`` says; nothing is opened yet."""
        super().__init__(parent)
        self._newest: FrameResult | None = None
        self._in_flight = False
        self._arrived.connect(self._hand_over)  # from another thread: queued
        self._session = Session(self, self, config)
        self.start = self._session.start
        self.stop = self._session.stop
        self.look_for_cameras = self._session.look_for_cameras
        self.look_for_virtual_camera = self._session.look_for_virtual_camera
        self.switch_camera = self._session.switch_camera
        self.mirror = self._session.mirror
        self.show_bars = self._session.show_bars

    def close(self) -> None:
        """Begin to stop everything; returns at once."""
        self._session.close()

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait after :meth:`close` until nothing runs any more; True if that is so."""
        return self._session.join(timeout_s)

    # The preview as a sink; called in the runner's threads.

    @property
    def needs_drawing(self) -> bool:
        """It shows ``result.drawn``."""
        return True

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
        if result is not None and result.drawn is not None and status is not None:
            self.picture.emit(to_image(result.drawn), status)

    # The session's listener; called in the session's thread.

    def on_cameras(self, cameras: list[CameraInfo]) -> None:
        """Pass it on."""
        self.cameras.emit(cameras)

    def on_started(self, running: Running) -> None:
        """Pass it on."""
        self.started.emit(running)

    def on_ended(self, loss: str | None) -> None:
        """Pass it on."""
        self.ended.emit(loss)

    def on_failed(self, message: str) -> None:
        """Pass it on."""
        self.failed.emit(message)

    def on_virtual_camera(self, state: str, on: bool) -> None:
        """Pass it on."""
        self.virtual_camera.emit(state, on)


def to_image(pixels: Pixels) -> QImage:
    """BGR pixels -> a picture in the format that Qt paints fastest, with memory of its own.

    Args:
        pixels: uint8 BGR ``(height, width, 3)``, C-contiguous.
    """
    height, width = pixels.shape[:2]
    data = voidptr(pixels.ctypes.data)
    borrowed = QImage(data, width, height, pixels.strides[0], QImage.Format.Format_BGR888)
    return borrowed.convertToFormat(QImage.Format.Format_RGB32)
