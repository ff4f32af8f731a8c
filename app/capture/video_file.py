"""Frames from a video file, with the presentation times that the file states."""

from __future__ import annotations

import logging
import threading
from collections.abc import Generator, Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

from app.capture.container import is_still
from app.capture.decode import Decoder
from app.capture.times import PresentationTimes
from app.pictures import fit
from app.types import Frame, Pixels
from model.errors import SourceError

logger = logging.getLogger(__name__)


class VideoFile:
    """A video file as a :class:`app.types.Source`: every frame, in order, one in memory at a time.

    Times are the stream's presentation times as they stand, also where they do not begin at zero
    (``docs/decisions/decoding.md``). A file that is damaged or cut off gives the frames that can be read, and then
    :attr:`loss` says what could not. Iterating again starts again at the beginning.
    """

    live = False

    def __init__(self, path: str | Path) -> None:
        """Open the file and decode its first frame.

        Raises:
            SourceError: it is missing, unreadable, no video, or not one frame of it can be decoded.
        """
        self.path = Path(path)
        self.loss: str | None = None
        self._lock = threading.Lock()  # close() may come from another thread, and must not free what is being read
        self._closed = False
        self._size: tuple[int, int] | None = None
        self._decoder = Decoder(self.path)
        self.fps = self._decoder.fps
        self.frame_count = self._decoder.frame_count
        self.time_base: Fraction = self._decoder.stream.time_base or Fraction(1, 90_000)
        self.has_audio = bool(self._decoder.container.streams.audio)
        #: Whether it is one picture, as a photograph; its frames then do not follow one another.
        self.still = is_still(self._decoder.container)
        self._frames = self._read(self._decoder)
        self._first = self._next()  # the rotation is known only from a decoded frame
        if self._first is None:
            self._decoder.close()
            why = self.loss or "it holds none"
            raise SourceError(f"not one frame of {self.path} can be decoded ({why}); copy or record it again")

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

    def __enter__(self) -> Self:
        """Give the source itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self.close()

    def _next(self) -> Frame | None:
        with self._lock:
            return None if self._closed else next(self._frames, None)

    def _rewind(self) -> None:
        with self._lock:
            if self._closed:
                raise SourceError(f"{self.path} has been closed; open it again")
            self._frames.close()
            self._decoder.close()
            self._decoder = Decoder(self.path)
            self._frames = self._read(self._decoder)
            self.loss = None
        self._first = self._next()

    def _read(self, decoder: Decoder) -> Generator[Frame, None, None]:
        times = PresentationTimes(1 / decoder.fps)
        time_s: float | None = None
        for index, (written_s, pixels) in enumerate(decoder.pictures()):
            time_s = times.next(written_s)
            yield Frame(pixels=self._of_one_size(pixels), time_s=time_s, index=index)
        self.loss = decoder.loss(time_s)
        if self.loss is not None:
            logger.info("%s: %s", self.path, self.loss)

    def _of_one_size(self, pixels: Pixels) -> Pixels:
        # Call recordings change their size when the line gets bad; what comes after us expects one size.
        height, width = pixels.shape[:2]
        if self._size is None:
            self._size = (width, height)
        return fit(pixels, self._size)
