"""The annotated video: what was drawn, at the source's times, with the source's sound."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import av.container

from app.span import Span
from app.types import FrameResult
from model.errors import SinkError

from .atomic import reason_of
from .encoder import Encoder
from .sound import SourceSound
from .whole_file_sink import WholeFileSink

_log = logging.getLogger(__name__)

# faststart moves the index to the front, so that a browser plays while it loads; movie_timescale is the unit of the
# first frame's offset, which would otherwise be rounded to whole milliseconds.
_MUXER_OPTIONS = {"movflags": "+faststart", "movie_timescale": "90000"}


class AnnotatedVideoSink(WholeFileSink):
    """An MP4 with H.264 pictures and the source's sound, streamed: memory does not grow with the film's length.

    Times are those of the frames, to within 1/90000 s, so a variable frame rate stays as it was.
    """

    def __init__(
        self,
        path: Path,
        source_path: Path | None,
        size: tuple[int, int],
        fps: float,
        *,
        part: Span | None = None,
        overwrite: bool = False,
    ) -> None:
        """Check the target; nothing is written before the sink is entered.

        Args:
            path: where to.
            source_path: the file with the sound; None for a camera, whose first frame then gets time 0.
            size: ``(width, height)`` of the frames in pixels; an odd width or height grows by one repeated pixel.
            fps: nominal rate; how long the last frame lasts where the source does not say.
            part: of the source; its start becomes time 0, and the sound is that of the part.
            overwrite: replace an existing file.

        Raises:
            SinkError: ``path`` exists and ``overwrite`` is false, or it cannot be written.
        """
        super().__init__(path, overwrite=overwrite)
        self._source_path = source_path
        self._size = size
        self._fps = fps
        self._part = part
        self._container: av.container.OutputContainer | None = None
        self._encoder: Encoder | None = None
        self._sound: SourceSound | None = None
        self._held: av.Packet[Any] | None = None  # the newest packet, until it is known whether it is the last
        self._first_time_s = 0.0
        self._last_time_s: float | None = None

    @property
    def needs_drawing(self) -> bool:
        """It writes ``result.drawn``."""
        return True

    def write(self, result: FrameResult) -> None:
        """Encode one drawn frame, and the sound up to its time.

        Raises:
            SinkError: the disk is full or gone.
            ValueError: ``result.drawn`` is missing, or the sink was not entered.
        """
        if not self._open:
            raise ValueError("write() outside the sink's with block")
        if result.drawn is None:
            raise ValueError("the annotated video needs result.drawn; needs_drawing says so")
        assert self._encoder is not None
        with self._reported():
            if self._last_time_s is None:
                self._start(result.frame.time_s)
            self._last_time_s = result.frame.time_s - self._first_time_s
            self._put(self._encoder.encode(result.drawn, self._last_time_s))
            if self._sound is not None:
                self._sound.copy_until(self._last_time_s)

    def _begin(self, part: Path) -> None:
        self._container = av.open(str(part.absolute()), "w", format="mp4", options=dict(_MUXER_OPTIONS))
        self._encoder = Encoder(self._container, size=self._size, fps=self._fps)

    def _start(self, time_s: float) -> None:
        assert self._container is not None
        # A camera's clock starts anywhere, and MP4 drops what lies before zero; all else keeps its time.
        if self._part is not None:
            self._first_time_s = min(self._part.start_s, time_s)
        else:
            self._first_time_s = time_s if self._source_path is None else min(0.0, time_s)
        if self._source_path is not None:
            part = None if self._part is None else self._part.later(-self._first_time_s)
            try:
                self._sound = SourceSound(self._source_path, self._container, shift_s=-self._first_time_s, part=part)
            except (av.FFmpegError, OSError) as error:
                _log.warning("the sound of %s is left out: %s", self._source_path, reason_of(error))

    def _put(self, packets: list[av.Packet[Any]]) -> None:
        assert self._container is not None
        for packet in packets:
            if self._held is not None:
                self._container.mux(self._held)
            self._held = packet

    def _end(self) -> None:
        if self._last_time_s is None:
            raise SinkError(f"cannot write {self.path}: there was no frame to write")
        self._finish(self._last_time_s)

    def _finish(self, last_time_s: float) -> None:
        assert self._container is not None
        assert self._encoder is not None
        self._put(self._encoder.flush())
        duration_s = 1 / self._fps if self._fps > 0 else 1 / 30
        if self._sound is not None:
            self._sound.finish(last_time_s)
            duration_s = self._sound.last_duration_s(last_time_s) or duration_s
        if self._held is not None:
            self._held.duration = max(1, round(duration_s / self._held.time_base))
            self._container.mux(self._held)
        self._container.close()

    def _release(self) -> None:
        container, sound = self._container, self._sound
        self._container = self._encoder = self._sound = self._held = None
        # Before closing, since closing an unfinished file would first move its index to the front.
        self._pending.discard()
        for opened in (sound, container):
            if opened is not None:
                with contextlib.suppress(av.FFmpegError, OSError, ValueError):
                    opened.close()

    @contextlib.contextmanager
    def _reported(self) -> Iterator[None]:
        with super()._reported():
            try:
                yield
            except av.FFmpegError as error:
                raise SinkError(f"cannot write {self.path}: {reason_of(error)}") from error
