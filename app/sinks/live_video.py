"""An MP4 that grows: it can be played whenever the program is killed, and is an ordinary MP4 when it ends well."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import av.container
from numpy import uint8
from numpy.typing import NDArray

from model.closing import Closing
from model.errors import SinkError

from .atomic import reason_of, reported
from .encoder import Encoder
from .growing_file import GrowingFile
from .new_file import create_new

# A fragment reaches the disk when it is complete: half a second, and with the picture that waits for its duration a
# kill costs less than a second. hybrid_fragmented makes an ordinary MP4 of the fragments at the end, by writing one
# index behind them and then one word at the front: nothing is copied, and until that word the fragments hold.
_FRAGMENT_S = 0.5
_MUXER_OPTIONS = {
    "movflags": "hybrid_fragmented+default_base_moof",
    "frag_duration": str(round(_FRAGMENT_S * 1e6)),
}
#: A player can jump to a picture every so many seconds.
_KEY_EVERY_S = 2.0


class LiveVideo(Closing):
    """Pictures with the times at which they came, from 0 on; each reaches the disk within a second."""

    def __init__(self, path: Path, *, size: tuple[int, int], fps: float) -> None:
        """Make the file, for this user alone; nothing is in it yet.

        Args:
            path: of the file.
            size: ``(width, height)`` of the pictures in pixels; others are fitted into it.
            fps: nominal rate: how long the last picture lasts.

        Raises:
            OSError: the file cannot be made; :class:`FileExistsError` where ``path`` is taken.
            SinkError: there is no encoder.
        """
        self.path = path
        self._file = GrowingFile(create_new(path))
        self._step_s = 1 / fps if fps > 0 else 1 / 30
        self._first_s: float | None = None
        self._key_s = 0.0  # when the next picture to jump to is due
        self._last_s = 0.0
        self._began = False  # whether the file's head is written
        self._held: av.Packet[Any] | None = None  # the newest packet, until it is known how long it lasts
        try:
            with self._reported():
                self._container = av.open(self._file, "w", format="mp4", options=dict(_MUXER_OPTIONS))
                self._encoder = Encoder(self._container, size=size, fps=fps, live=True)
        except BaseException:
            self._file.close()
            path.unlink(missing_ok=True)
            raise

    @property
    def seconds(self) -> float:
        """How long it is, to the end of the newest picture."""
        return 0.0 if self._first_s is None else self._last_s + self._step_s

    @property
    def bytes_written(self) -> int:
        """The size of the file on the disk."""
        return self._file.size

    @property
    def playable(self) -> bool:
        """Whether there is something on the disk that can be played."""
        return self._file.whole > 0

    def write(self, pixels: NDArray[uint8], time_s: float) -> float:
        """Add a picture; its time in the video, in seconds.

        Args:
            pixels: uint8 BGR ``(height, width, 3)``.
            time_s: on any clock. One that does not rise is put right behind the one before.

        Raises:
            SinkError: the disk is full or gone; what was written stays, and can be played.
        """
        if self._first_s is None:
            self._first_s = time_s
        with self._reported():
            since_s = time_s - self._first_s
            for packet in self._encoder.encode(pixels, since_s, key=since_s >= self._key_s):
                self._put(packet)
        if since_s >= self._key_s:
            self._key_s = since_s + _KEY_EVERY_S
        self._last_s = self._encoder.newest_s
        return self._last_s

    def close(self) -> None:
        """Finish the file; after a failure, leave what is on the disk as it is. May be called twice.

        Raises:
            SinkError: the disk is full or gone; what was written stays, and can be played.
        """
        try:
            with contextlib.suppress(av.FFmpegError, OSError) if self._file.failed else self._reported():
                self._finish()
        finally:
            self._file.close()

    def _put(self, packet: av.Packet[Any]) -> None:
        held, self._held = self._held, packet
        if held is not None:
            assert held.pts is not None
            assert packet.pts is not None
            held.duration = packet.pts - held.pts
            self._mux(held)

    def _finish(self) -> None:
        if self._first_s is not None and not self._file.failed:
            for packet in self._encoder.flush():
                self._put(packet)
            last, self._held = self._held, None
            if last is not None:
                assert last.time_base is not None
                last.duration = max(1, round(self._step_s / last.time_base))
                self._mux(last)
        self._container.close()
        if self._first_s is not None and not self._file.failed:
            self._file.whole = self._file.size

    def _mux(self, packet: av.Packet[Any]) -> None:
        before = self._file.size
        self._container.mux(packet)
        if self._file.size > before and self._began:  # a fragment, not only the file's head
            self._file.whole = self._file.size
        self._began = True

    @contextlib.contextmanager
    def _reported(self) -> Iterator[None]:
        with reported(self.path):
            if self._file.failed is not None:
                raise self._file.failed
            try:
                yield
            except av.FFmpegError as error:
                raise SinkError(f"cannot write {self.path}: {reason_of(error)}") from error
