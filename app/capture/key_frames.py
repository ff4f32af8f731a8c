"""Where in a file decoding can begin, and where its pictures end."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import av.error
from av.container import InputContainer
from av.video.stream import VideoStream

from app.capture.container import open_container, video_stream
from app.capture.decode import origin_of
from app.capture.entry import can_enter, has_table
from app.capture.stated import end_of
from app.capture.times import RESTART_S


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFrames:
    """Times in seconds, in the file's own."""

    origin_s: float  # what players show as 0:00
    times_s: tuple[float, ...]  # of the key frames, rising
    last_s: float  # of the last frame


def key_frames(path: Path, *, longer_than_s: float) -> KeyFrames | None:
    """The key frames of a file that says it lasts longer than that; None of others, and where none can be told.

    MP4 and MOV have a table; others are walked through packet by packet without being decoded.

    Raises:
        SourceError: it is missing, not a file, unreadable, or holds no video.
    """
    with open_container(path) as container:
        stream = video_stream(container, path)
        origin_s, end_s = origin_of(container), end_of(container)
        if end_s is None or end_s - origin_s <= longer_than_s or not can_enter(stream):
            return None
        try:
            found = _by_table(stream) if has_table(container, stream) else _by_walking(container, stream)
        except (av.error.FFmpegError, OSError):
            return None  # damaged: whoever decodes it says how
    if found is None:
        return None
    times_s, last_s = found
    return KeyFrames(origin_s=origin_s, times_s=tuple(sorted(times_s)), last_s=last_s)


def _by_table(stream: VideoStream) -> tuple[list[float], float]:
    tick_s = float(stream.time_base or 0)
    entries = list(stream.index_entries)
    return [each.timestamp * tick_s for each in entries if each.is_keyframe], entries[-1].timestamp * tick_s


def _by_walking(container: InputContainer, stream: VideoStream) -> tuple[list[float], float] | None:
    tick_s = float(stream.time_base or 0)
    times_s: list[float] = []
    newest_s: float | None = None
    for packet in container.demux(stream):
        if not packet.size:
            break
        if packet.pts is None:
            return None
        time_s = packet.pts * tick_s
        if newest_s is not None and time_s < newest_s - RESTART_S:
            return None  # joined recordings, whose times are not those of the file
        newest_s = time_s if newest_s is None else max(newest_s, time_s)
        if packet.is_keyframe:
            times_s.append(time_s)
    return None if newest_s is None else (times_s, newest_s)
