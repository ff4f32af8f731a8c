"""Walks through the packets of a video file, and keeps count of what could not be read."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import av.error
from av.packet import Packet
from av.stream import Stream

from app.capture.container import open_container, reason, video_stream
from app.capture.picture import Upright
from app.types import Pixels
from model.errors import SourceError

logger = logging.getLogger(__name__)

# The containers whose header states a duration; in the others ffmpeg guesses it from the file's size.
_STATES_DURATION = ("mov", "matroska")
_FALLBACK_FPS = 30.0


class Decoder:
    """One pass through the video stream of a file; afterwards, what was lost."""

    def __init__(self, path: Path) -> None:
        """Open ``path``.

        Raises:
            SourceError: it is missing, not a file, unreadable, or holds no video.
        """
        self.path = path
        self.container = open_container(path)
        try:
            self.stream = video_stream(self.container, path)
        except SourceError:
            self.container.close()
            raise
        self.stream.thread_type = "AUTO"
        self._upright = Upright()
        self._end_s = 0.0  # of the last packet of any stream that could be read
        self._stopped: str | None = None
        self._errors = 0
        self._flagged_packets = 0
        self._flagged_frames = 0

    @property
    def fps(self) -> float:
        """The stream's average rate; 30 where it states none or nonsense."""
        for rate in (self.stream.average_rate, self.stream.guessed_rate):
            if rate and 0.01 <= rate <= 1000:
                return float(rate)
        return _FALLBACK_FPS

    @property
    def duration_s(self) -> float | None:
        """How long the file says that it lasts, in seconds, or None."""
        duration = self.container.duration
        return None if duration is None or duration <= 0 else duration / av.time_base

    @property
    def frame_count(self) -> int | None:
        """How many frames the file says it has, or about how many fit into its duration; None where it says neither."""
        if self.stream.frames > 0:
            return int(self.stream.frames)
        if self.stream.duration and self.stream.time_base:
            return max(1, round(self.stream.duration * self.stream.time_base * Fraction(self.fps)))
        return None if self.duration_s is None else max(1, round(self.duration_s * self.fps))

    def pictures(self) -> Iterator[tuple[float | None, Pixels]]:
        """Upright BGR pictures in presentation order, each with the time written in the file (seconds) or None.

        Damage ends or thins out the frames and is told by :meth:`loss`; it raises nothing.
        """
        try:
            # All streams, though only one is decoded: how far they reach tells whether the end of the file is missing.
            for packet in self.container.demux():
                self._note(packet)
                if packet.stream.index != self.stream.index:
                    continue
                for frame in self._decode(packet):
                    pixels = self._convert(frame)
                    if pixels is not None:
                        yield _written_time(frame), pixels
            if self.container.format.name == "gif" and not _gif_is_closed(self.path):
                self._stopped = "the mark that ends a GIF is not there"
        except (av.error.FFmpegError, OSError) as error:
            self._stopped = reason(error)

    def loss(self, last_s: float | None) -> str | None:
        """What could not be read, in one line, or None; ``last_s`` is the time of the last frame that could."""
        parts = []
        at = "before the first frame" if last_s is None else f"after {last_s:.2f} s"
        if self._stopped is not None:
            parts.append(f"stopped {at}: {self._stopped}; the rest of the file is damaged or missing")
        elif self._ends_early():
            parts.append(f"stopped {at} of {self.duration_s:.2f} s; the rest of the file is damaged or missing")
        damaged = self._errors + max(self._flagged_packets, self._flagged_frames)
        if damaged:
            parts.append(f"{damaged} damaged {'frame' if damaged == 1 else 'frames'} skipped or patched up")
        return "; ".join(parts) or None

    def close(self) -> None:
        """Release the file."""
        self.container.close()

    def _note(self, packet: Packet[Stream]) -> None:
        if packet.pts is not None and packet.time_base:
            self._end_s = max(self._end_s, float((packet.pts + (packet.duration or 0)) * packet.time_base))

    def _decode(self, packet: Packet[Stream]) -> list[av.VideoFrame]:
        if packet.is_corrupt and packet.size:
            self._flagged_packets += 1
        try:
            frames = [frame for frame in packet.decode() if isinstance(frame, av.VideoFrame)]
        except av.error.FFmpegError as error:
            self._errors += 1
            logger.debug("%s: packet at %s: %s", self.path, packet.pts, error)
            return []
        self._flagged_frames += sum(frame.is_corrupt for frame in frames)
        return frames

    def _convert(self, frame: av.VideoFrame) -> Pixels | None:
        try:
            return self._upright.bgr(frame)
        except (av.error.FFmpegError, ValueError) as error:
            self._errors += 1
            logger.debug("%s: frame at %s: %s", self.path, frame.pts, error)
            return None

    def _ends_early(self) -> bool:
        if self.duration_s is None or not self.container.format.name.startswith(_STATES_DURATION):
            return False
        # Matroska's duration counts from zero, MP4's from the first picture: the smaller claim is the safe one.
        claimed_s = min(self.duration_s, self.duration_s + (self.container.start_time or 0) / av.time_base)
        return self._end_s < claimed_s - max(0.2, 3 / self.fps)


def _written_time(frame: av.VideoFrame) -> float | None:
    if frame.pts is None or not frame.time_base:
        return None
    return float(frame.pts * frame.time_base)


def _gif_is_closed(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 64))
        return file.read().rstrip(b"\0").endswith(b";")
