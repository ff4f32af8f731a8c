"""The virtual camera of a supervised program: another process has the device, and this one hands it pictures."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from app.pipeline.worker import Worker
from app.supervisor.channel import Channel, Message, leave_channel
from app.supervisor.shared_pictures import SharedPictures
from app.types import FrameResult
from model.closing import Closing
from model.errors import AffectcamError, SinkError

from .fit import fit
from .steady_camera import CLOSE_PATIENCE_S, PAUSED

_OPEN_PATIENCE_S = 30.0
_LISTEN_S = 0.2
_ALIVE_EVERY_S = 1.0
#: A run that goes on writes many pictures a second, the last one again when its source stalls. One that has written
#: none for so long hangs, and no sign of life is given for it.
_WRITES_WITHIN_S = 10.0
_GONE = "the process that keeps the virtual camera has ended; start it again"


class KeptCamera(Closing):
    """Like :class:`app.sinks.steady_camera.SteadyCamera`, which the other process has; no crash here stops it."""

    needs_drawing = True

    def __init__(
        self,
        channel: Channel,
        size: tuple[int, int],
        fps: float,
        *,
        device: str | None = None,
        backend: str | None = None,
        on_failure: Callable[[AffectcamError], None] | None = None,
    ) -> None:
        """Have it opened, or go on with the one that was open when the program before this one crashed.

        Raises:
            SinkError: it cannot be opened; the message says why and how to get one.
        """
        self._channel, self._on_failure = channel, on_failure
        self._failure: AffectcamError | None = None
        self._written_s: float | None = None  # when the present run wrote last; None: it is paused
        self._closing = threading.Event()
        self.sent, self.late, self._rate = 0, 0, 0.0
        self._tell({"kind": "open", "size": size, "fps": fps, "device": device, "backend": backend})
        told, descriptor = self._hear({"opened", "refused"}, _OPEN_PATIENCE_S)
        if told["kind"] == "refused" or descriptor is None:
            raise SinkError(told.get("words") or _GONE)
        self.size: tuple[int, int] = (told["size"][0], told["size"][1])
        self.fps: float = told["fps"]
        self.device: str = told["device"]
        self.name: str = told["name"]
        self.backend: str = told["backend"]
        self._pictures = SharedPictures(self.size, descriptor)
        self._worker = Worker("kept-camera", self._listen, on_failure=lambda: None)
        self._worker.start()

    @property
    def current_fps(self) -> float:
        """The rate of the device's latest sends, in pictures per second; 0 when closed."""
        return self._rate

    @property
    def failure(self) -> AffectcamError | None:
        """Why the device failed, if it did."""
        return self._failure

    def write(self, result: FrameResult) -> None:
        """Hand over what was drawn; never waits. It ends a pause.

        Raises:
            SinkError: the device has failed, and nobody was to be told otherwise.
            ValueError: ``result.drawn`` is missing.
        """
        if result.drawn is None:
            raise ValueError("the virtual camera needs result.drawn; needs_drawing says so")
        if self._failure is not None and self._on_failure is None:
            raise self._failure
        if self._failure is not None or self._closing.is_set():
            return
        self._written_s = time.monotonic()
        serial = self._pictures.write(fit(result.drawn, self.size))
        frame = result.frame
        self._try_to_tell({"kind": "picture", "serial": serial, "index": frame.index, "time_s": frame.time_s})

    def pause(self, words: str = PAUSED) -> None:
        """Have a card with ``words`` shown until the next picture is written."""
        self._written_s = None
        self._try_to_tell({"kind": "pause", "words": words})

    def close(self) -> None:
        """Have the device released; more than once does no harm."""
        if self._closing.is_set():
            return
        self._closing.set()
        self._worker.join()
        try:
            self._tell({"kind": "close"})
            self._hear({"closed"}, 2 * CLOSE_PATIENCE_S)
        except SinkError:
            pass  # nobody is there to keep it open
        self._pictures.close()
        self._rate = 0.0

    def _tell(self, message: Message) -> None:
        try:
            self._channel.send(message)
        except OSError:
            leave_channel()
            raise SinkError(_GONE) from None

    def _try_to_tell(self, message: Message) -> None:
        try:
            self._tell(message)
        except SinkError as error:
            self._fail(error)

    def _hear(self, kinds: set[str], patience_s: float) -> tuple[Message, int | None]:
        until_s = time.monotonic() + patience_s
        try:
            while (left_s := until_s - time.monotonic()) > 0:
                got = self._channel.receive(left_s)
                if got is not None and got[0]["kind"] in kinds:
                    return got
        except EOFError:
            leave_channel()
        raise SinkError(_GONE)

    def _listen(self) -> None:
        told_s = time.monotonic()
        try:
            while not self._closing.is_set():
                got = self._channel.receive(_LISTEN_S)
                if got is not None:
                    self._take(got[0])
                now_s, written_s = time.monotonic(), self._written_s
                lives = written_s is None or now_s - written_s < _WRITES_WITHIN_S
                if lives and now_s - told_s >= _ALIVE_EVERY_S:
                    told_s = now_s
                    self._try_to_tell({"kind": "alive"})
        except EOFError:
            leave_channel()
            self._fail(SinkError(_GONE))

    def _take(self, message: Message) -> None:
        if message["kind"] == "failed":
            self._fail(SinkError(message["words"]))
        elif message["kind"] == "state":
            self.sent, self.late, self._rate = message["sent"], message["late"], message["fps"]

    def _fail(self, error: AffectcamError) -> None:
        if self._failure is None and not self._closing.is_set():
            self._failure = error
            if self._on_failure is not None:
                self._on_failure(error)
