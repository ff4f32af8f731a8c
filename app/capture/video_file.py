"""Frames from a video file, with the presentation times that the file states."""

from __future__ import annotations

import logging
import threading
from collections.abc import Generator, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from app.capture.container import is_still
from app.capture.decode import Decoder
from app.capture.nothing import nothing_read
from app.pictures import fit
from app.span import Span
from app.types import Frame, Pixels
from model.closing import Closing
from model.errors import ConfigError, SourceError

logger = logging.getLogger(__name__)


class VideoFile(Closing):
    """A video file as a :class:`app.types.Source`: every frame, in order, one in memory at a time.

    Or a part of it, or only each N-th of its frames; they keep the numbers and times that they have in the whole file.

    Times are the stream's presentation times as they stand, also where they do not begin at zero
    (``docs/decisions/decoding.md``). A file that is damaged or cut off gives the frames that can be read, and then
    :attr:`loss` says what could not. Iterating again starts again at the beginning.
    """

    live = False

    def __init__(self, path: str | Path, *, every: int = 1, span: Span | None = None, threads: int = 0) -> None:
        """Open the file and decode its first frame.

        Args:
            path: the file.
            every: give only the frames whose number it divides; the others are decoded, but not converted.
            span: give only the frames within, counted from where the file begins (:attr:`Decoder.origin_s`).
            threads: that decoding may have; 0: as many as there are cores.

        Raises:
            ConfigError: ``every`` is less than 1.
            SourceError: the file is missing, unreadable, no video, or not one frame of the span can be decoded.
        """
        if every < 1:
            raise ConfigError(f"every is {every}, expected 1 or more")
        self.path = Path(path)
        self.every = every
        self._asked, self._threads = span, threads
        self.loss: str | None = None
        self._lock = threading.Lock()  # close() may come from another thread, and must not free what is being read
        self._closed = False
        self._size: tuple[int, int] | None = None
        self._decoder = Decoder(self.path, span, threads=threads)
        self.fps = self._decoder.fps
        self.frame_count = self._frame_count()
        self.time_base: Fraction = self._decoder.stream.time_base or Fraction(1, 90_000)
        self.has_audio = bool(self._decoder.container.streams.audio)
        #: Whether it is one picture, as a photograph; its frames then do not follow one another.
        self.still = is_still(self._decoder.container)
        #: The time of the first frame of the span, in seconds, whether or not it is one of those that are given.
        self.begins_s: float | None = None
        self._frames = self._read(self._decoder)
        self._first = self._next()  # the rotation is known only from a decoded frame
        if self._first is None:
            self._decoder.close()
            raise nothing_read(self._decoder, span, every=every, begun=self.begins_s is not None, loss=self.loss)

    @property
    def span(self) -> Span | None:
        """The part that is given, in the file's own times; None if that is all of it."""
        return None if self._asked is None else self._decoder.span

    @property
    def part(self) -> Span | None:
        """As :attr:`span`, but beginning with its first frame, which is what becomes 0 in a video of the part."""
        span = self.span
        if span is None or self._asked is None or self._asked.start_s == 0 or self.begins_s is None:
            return span  # sound may begin before the first picture
        return replace(span, start_s=self.begins_s)

    @property
    def end_s(self) -> float | None:
        """When the file or the span ends, in the file's own times, if that is known; an estimate."""
        ends = (self._decoder.span.end_s, self._decoder.stated_end_s)
        return min((end_s for end_s in ends if end_s is not None), default=None)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the frames in pixels, after rotation."""
        assert self._size is not None  # the first frame has been read
        return self._size

    @property
    def name(self) -> str:
        """The path, as it was given."""
        return str(self.path)

    def __iter__(self) -> Iterator[Frame]:
        """Yield the frames in order; ends early, with :attr:`loss` set, where the file is damaged.

        Raises:
            SourceError: the file has been closed, or, on a second pass, is gone.
        """
        if self._first is None:
            self._rewind()
        frame, self._first = self._first, None
        while frame is not None:
            yield frame
            frame = self._next()

    def close(self) -> None:
        """Release the file; safe to call twice, and from another thread while the frames are being read."""
        with self._lock:
            self._closed = True
            self._frames.close()
            self._decoder.close()

    def _next(self) -> Frame | None:
        with self._lock:
            return None if self._closed else next(self._frames, None)

    def _rewind(self) -> None:
        with self._lock:
            if self._closed:
                raise SourceError(f"{self.path} has been closed; open it again")
            self._frames.close()
            self._decoder.close()
            self._decoder = Decoder(self.path, self._asked, threads=self._threads)
            self._frames = self._read(self._decoder)
            self.loss = None
        self._first = self._next()

    def _read(self, decoder: Decoder) -> Generator[Frame, None, None]:
        last_s: float | None = None
        lost = 0  # pictures that could not be converted, which have no number
        for number, time_s, decoded in decoder.frames():
            last_s = time_s
            if self.begins_s is None:
                self.begins_s = time_s
            if (number - lost) % self.every:
                continue
            pixels = decoder.picture(decoded)
            if pixels is None:
                lost += 1
                continue
            yield Frame(pixels=self._of_one_size(pixels), time_s=time_s, index=number - lost)
        self.loss = decoder.loss(last_s)
        if self.loss is not None:
            logger.info("%s: %s", self.path, self.loss)

    def _frame_count(self) -> int | None:
        count, end_s = self._decoder.frame_count, self.end_s
        if self._asked is not None and end_s is not None:
            count = round(max(0.0, end_s - self._decoder.span.start_s) * self.fps)
        return None if count is None else max(1, -(-count // self.every))

    def _of_one_size(self, pixels: Pixels) -> Pixels:
        # Call recordings change their size when the line gets bad; what comes after us expects one size.
        height, width = pixels.shape[:2]
        if self._size is None:
            self._size = (width, height)
        return fit(pixels, self._size)
