"""A virtual camera that never freezes: its device gets pictures at its own pace, whatever becomes of their source."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from app.pipeline.worker import Slot, Worker
from app.types import FrameResult, Pixels
from model.closing import Closing
from model.errors import AffectcamError, SinkError

from .shown import News, Show
from .virtual_camera import VirtualCameraSink

logger = logging.getLogger(__name__)

#: What the card says when pictures stop coming by themselves.
PAUSED = "paused"
#: How long closing waits for a device that does not take its picture, in seconds.
CLOSE_PATIENCE_S = 3.0
#: A tick that comes later than so many periods after the one before is late.
LATE_PERIODS = 1.5
# A picture is repeated when the next one is late by so much of a period: a camera's pictures come early and late, and
# one sent twice for each that hesitates would double the rate.
_GRACE_PERIODS = 0.25


class SteadyCamera(Closing):
    """Owns a virtual camera with a thread of its own: sends each picture when it comes, repeats it until the next.

    The device gets at least ``fps`` pictures a second. When none has come for a while, or after :meth:`pause`, it gets
    a card that says so; the next picture ends that. It outlives the runs that write to it.
    """

    needs_drawing = True

    def __init__(
        self,
        size: tuple[int, int],
        fps: float,
        *,
        device: str | None = None,
        backend: str | None = None,
        on_failure: Callable[[AffectcamError], None] | None = None,
        patience_s: float = 2.0,
        words: str = PAUSED,
    ) -> None:
        """Open the device in the caller's thread; nothing is sent before the first picture or the end of patience.

        Args:
            size: ``(width, height)`` in pixels that other programs get; other pictures are fitted in with black bars.
            fps: pictures per second, at least, that the device gets.
            device: as :class:`VirtualCameraSink` takes it.
            backend: as :class:`VirtualCameraSink` takes it.
            on_failure: told once, in the camera's thread, when the device fails; writing then does nothing. None: the
                next :meth:`write` raises it.
            patience_s: so many seconds without a picture bring the card.
            words: on the card when patience ends.

        Raises:
            SinkError: it cannot be opened; the message says why and how to get one.
        """
        self._sink = VirtualCameraSink(size, fps, device=device, backend=backend)
        self.size, self.device, self.backend = self._sink.size, self._sink.device, self._sink.backend
        self.name = self._sink.name
        self.fps = self._sink.fps
        #: Pictures that the device has got, and how many of them came late.
        self.sent, self.late = 0, 0
        self._on_failure, self._patience_s, self._words = on_failure, patience_s, words
        self._failure: AffectcamError | None = None
        self._news: Slot[News] = Slot()
        self._closing = threading.Event()
        self._worker = Worker("virtual-camera", self._work, on_failure=self._fail)
        try:
            self._worker.start()
        except BaseException:
            self._closing.set()
            self._sink.close()
            raise

    @property
    def current_fps(self) -> float:
        """The rate of the latest sends, measured, in pictures per second; 0 when closed."""
        return self._sink.current_fps

    @property
    def failure(self) -> AffectcamError | None:
        """Why the device failed, if it did."""
        return self._failure

    def write(self, result: FrameResult) -> None:
        """Hand over what was drawn, to be sent at once; never waits for the device. It ends a pause.

        Raises:
            SinkError: the device has failed, and nobody was to be told otherwise.
            ValueError: ``result.drawn`` is missing.
        """
        if result.drawn is None:
            raise ValueError("the virtual camera needs result.drawn; needs_drawing says so")
        if self._failure is not None and self._on_failure is None:
            raise self._failure
        self.show(result.drawn, (result.frame.index, result.frame.time_s))

    def show(self, pixels: Pixels, moment: tuple[int, float]) -> None:
        """Hand over a picture, uint8 BGR ``(height, width, 3)``, of a frame's index and time, as :meth:`write` does."""
        self._news.put(News(pixels, moment))

    def pause(self, words: str = PAUSED) -> None:
        """Send a card with ``words`` until the next picture is written."""
        self._news.put(News(None, words=words))

    def close(self) -> None:
        """Release the device; more than once does no harm. One that hangs is left to the system after a while."""
        self._closing.set()
        self._news.close()
        if not self._worker.join(CLOSE_PATIENCE_S) and self._failure is None:
            logger.warning("the virtual camera %s takes no pictures any more; it is left to the system", self.device)

    def _work(self) -> None:
        # The device is released here and nowhere else: not under a send that hangs.
        try:
            self._send_on()
        finally:
            self._sink.close()

    def _send_on(self) -> None:
        period_s, grace_s = 1.0 / self.fps, _GRACE_PERIODS / self.fps
        version, due_s = 0, time.monotonic() + self._patience_s
        before_s = float("inf")  # when the tick before was
        show = Show(self._sink, self._patience_s, self._words)
        while True:
            newest = self._news.wait_newer(version, timeout_s=max(0.0, due_s - time.monotonic()))
            if self._closing.is_set():
                return
            now_s = time.monotonic()
            if newest is not None:
                version = newest[0]
            if not show.tick(None if newest is None else newest[1], now_s):
                continue
            self.sent += 1
            self.late += now_s - before_s > LATE_PERIODS * period_s
            before_s = now_s
            # One period after the tick that was due, so that no rate is lost, but not far from this one.
            due_s = min(max(due_s, now_s - grace_s), now_s + grace_s) + period_s

    def _fail(self) -> None:
        failure = self._worker.failure
        if not isinstance(failure, AffectcamError):
            reason = " ".join(str(failure).split()) or "no reason given"
            failure = SinkError(f"the virtual camera {self.device} failed: {type(failure).__name__}: {reason}")
        self._failure = failure
        if self._on_failure is not None and not self._closing.is_set():
            self._on_failure(failure)
