"""Walks through the packets of a video file, and keeps count of what could not be read."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path

import av
import av.error
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream

from app.capture.container import open_container, reason, video_stream
from app.capture.damage import Damage
from app.capture.entry import Entry, enter, is_shown
from app.capture.picture import Upright
from app.capture.stated import claimed_end_of, duration_of, end_of, fps_of, frame_count_of, lacks_end_mark
from app.capture.times import PresentationTimes
from app.span import Span
from app.types import Pixels
from model.errors import SourceError

logger = logging.getLogger(__name__)


class Decoder:
    """One pass through the video stream of a file, or a part of it; afterwards, what was lost."""

    def __init__(self, path: Path, span: Span | None = None, *, threads: int = 0) -> None:
        """Open ``path``; ``span`` counts from the file's beginning, whatever time that is; 0 ``threads``: one per core.

        Raises:
            SourceError: it is missing, not a file, unreadable, or holds no video.
        """
        self.path = path
        self._threads = threads
        self._open()
        #: The time, in the file's own, that players show as 0:00: a recording may begin at any.
        self.origin_s = origin_of(self.container)
        #: The part that is read, in the file's own times.
        self.span = (span or Span()).later(self.origin_s)
        self._from_within = span is not None and span.start_s > 0

    def _open(self) -> None:
        self.container = open_container(self.path)
        try:
            self.stream = video_stream(self.container, self.path)
        except SourceError:
            self.container.close()
            raise
        self.stream.thread_type = "AUTO"
        self.stream.codec_context.thread_count = self._threads
        self._upright = Upright()
        self._damage = Damage()
        self._end_s = 0.0  # of the last packet of any stream that could be read
        self._stopped: str | None = None
        self.over = False  # the part's end was reached
        #: When the newest frame that was decoded ends, in the file's own times; None before the first.
        self.pictures_end_s: float | None = None

    @property
    def fps(self) -> float:
        """The stream's average rate; 30 where it states none or nonsense."""
        return fps_of(self.stream)

    @property
    def duration_s(self) -> float | None:
        """How long the file says that it lasts, in seconds, or None."""
        return duration_of(self.container)

    @property
    def stated_end_s(self) -> float | None:
        """The time at which the file says that it ends, in its own times, or None."""
        return end_of(self.container)

    @property
    def frame_count(self) -> int | None:
        """How many frames the file says it has, or about how many fit into its duration; None where it says neither."""
        return frame_count_of(self.container, self.stream)

    def frames(self) -> Iterator[tuple[int, float, av.VideoFrame]]:
        """The part's frames in presentation order: number in the file, time in seconds, and what :meth:`picture` takes.

        Times are those written in the file, made to rise. Damage ends or thins out the frames and is told by
        :meth:`loss`; it raises nothing.
        """
        try:
            if self._from_within:
                entry = enter(self.container, self.stream, self.span)
                if entry is not None:
                    with contextlib.suppress(_InexactError):
                        yield from self._pass(entry)
                        return
                # Other files are decoded from their beginning, though not converted: exact, but slower.
                self.container.close()
                self._open()
            yield from self._pass(None)
        except (av.error.FFmpegError, OSError) as error:
            self._stopped = reason(error)

    def picture(self, frame: av.VideoFrame) -> Pixels | None:
        """A frame's pixels, upright BGR; None, and counted as lost, where they cannot be made."""
        try:
            return self._upright.bgr(frame)
        except (av.error.FFmpegError, ValueError) as error:
            self._damage.failed += 1
            logger.debug("%s: frame at %s: %s", self.path, frame.pts, error)
            return None

    def loss(self, last_s: float | None) -> str | None:
        """What could not be read, in one line, or None; ``last_s`` is the time of the last frame that could."""
        parts = []
        at = "before the first frame" if last_s is None else f"after {last_s:.2f} s"
        if self._stopped is not None:
            parts.append(f"stopped {at}: {self._stopped}; the rest of the file is damaged or missing")
        elif self._ends_early():
            parts.append(f"stopped {at} of {self.duration_s:.2f} s; the rest of the file is damaged or missing")
        damaged = self._damage.pictures
        if damaged:
            parts.append(f"{damaged} damaged {'frame' if damaged == 1 else 'frames'} skipped or patched up")
        return "; ".join(parts) or None

    def close(self) -> None:
        """Release the file."""
        self.container.close()

    def _pass(self, entry: Entry | None) -> Iterator[tuple[int, float, av.VideoFrame]]:
        """The part's frames, decoded from ``entry`` or else from the beginning of the file."""
        times = PresentationTimes(1 / self.fps)
        number = 0 if entry is None else entry.frames_before
        begun = False
        # All streams, though only one is decoded: how far they reach tells whether the end of the file is missing.
        for packet in self.container.demux() if entry is None else entry.packets:
            self._note(packet)
            if packet.stream.index != self.stream.index:
                continue
            if entry is not None and not begun and self._is_before(packet) and is_shown(packet, hides=entry.hides):
                number += 1  # counted as it is fed: a picture that needs others before the key frame does not come out
            for frame in self._decode(packet):
                written_s = _written_time(frame)
                if entry is not None and not begun:
                    _check(written_s, frame, first=self.pictures_end_s is None, span=self.span)
                time_s = times.next(written_s)
                if self.span.over(time_s):
                    self.over = True
                    self._damage.end(self._is_within)
                    return
                if self._from_within and not begun and frame.key_frame:
                    self._damage.begin(frame, self._is_within)
                self._damage.came(frame)
                self.pictures_end_s = time_s + 1 / self.fps
                begun = begun or self.span.begun(time_s)
                if begun:
                    yield number, time_s, frame
                number += begun or entry is None
        if lacks_end_mark(self.container, self.path):
            self._stopped = "the mark that ends a GIF is not there"

    def _is_before(self, packet: Packet[Stream]) -> bool:
        return packet.pts is not None and packet.size > 0 and not self.span.begun(self._seconds(packet.pts))

    def _is_within(self, ticks: int) -> bool:
        time_s = self._seconds(ticks)
        return self.span.begun(time_s) and not self.span.over(time_s)

    def _seconds(self, ticks: int) -> float:
        return float(ticks * (self.stream.time_base or 0))

    def _note(self, packet: Packet[Stream]) -> None:
        if packet.pts is not None and packet.time_base:
            self._end_s = max(self._end_s, float((packet.pts + (packet.duration or 0)) * packet.time_base))

    def _decode(self, packet: Packet[Stream]) -> list[av.VideoFrame]:
        self._damage.fed(packet)
        try:
            return [frame for frame in packet.decode() if isinstance(frame, av.VideoFrame)]
        except av.error.FFmpegError as error:
            self._damage.error()
            logger.debug("%s: packet at %s: %s", self.path, packet.pts, error)
            return []

    def _ends_early(self) -> bool:
        claimed_s = claimed_end_of(self.container)
        if self.over or claimed_s is None:
            return False
        if self.span.end_s is not None:
            claimed_s = min(claimed_s, self.span.end_s)
        return self._end_s < claimed_s - max(0.2, 3 / self.fps)


def origin_of(container: InputContainer) -> float:
    """The time, in the file's own, that players show as 0:00."""
    return max(0.0, (container.start_time or 0) / av.time_base)


class _InexactError(Exception):
    """What came out shows that frames may have been missed, or counted wrongly."""


def _check(written_s: float | None, frame: av.VideoFrame, *, first: bool, span: Span) -> None:
    # An interlaced picture may have come as two packets. The first picture behind the start: others are missing.
    if written_s is None or frame.interlaced_frame or (first and not span.leads(written_s)):
        raise _InexactError


def _written_time(frame: av.VideoFrame) -> float | None:
    if frame.pts is None or not frame.time_base:
        return None
    return float(frame.pts * frame.time_base)
