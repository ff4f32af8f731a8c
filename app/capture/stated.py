"""What a video file says of itself: its rate, its length, how many frames it has, whether it is all there."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.video.stream import VideoStream

# The containers whose header states a duration; in the others ffmpeg guesses it from the file's size.
_STATES_DURATION = ("mov", "matroska")
_FALLBACK_FPS = 30.0


def fps_of(stream: VideoStream) -> float:
    """The stream's average rate; 30 where it states none or nonsense."""
    for rate in (stream.average_rate, stream.guessed_rate):
        if rate and 0.01 <= rate <= 1000:
            return float(rate)
    return _FALLBACK_FPS


def duration_of(container: InputContainer) -> float | None:
    """How long the file says that it lasts, in seconds, or None."""
    duration = container.duration
    return None if duration is None or duration <= 0 else duration / av.time_base


def end_of(container: InputContainer) -> float | None:
    """The time, in the file's own, in seconds, at which it says that it ends, or None."""
    duration_s = duration_of(container)
    if duration_s is None or container.format.name.startswith("matroska"):  # which counts from zero
        return duration_s
    return duration_s + (container.start_time or 0) / av.time_base


def frame_count_of(container: InputContainer, stream: VideoStream) -> int | None:
    """How many frames the file says it has, or about how many fit into its duration; None where it says neither."""
    if stream.frames > 0:
        return int(stream.frames)
    if stream.duration and stream.time_base:
        return max(1, round(stream.duration * stream.time_base * Fraction(fps_of(stream))))
    duration_s = duration_of(container)
    return None if duration_s is None else max(1, round(duration_s * fps_of(stream)))


def claimed_end_of(container: InputContainer) -> float | None:
    """Up to which time, in seconds, there must be something if the file is whole; None where it does not say."""
    duration_s = duration_of(container)
    if duration_s is None or not container.format.name.startswith(_STATES_DURATION):
        return None
    # Matroska's duration counts from zero, MP4's from the first picture: the smaller claim is the safe one.
    return min(duration_s, duration_s + (container.start_time or 0) / av.time_base)


def lacks_end_mark(container: InputContainer, path: Path) -> bool:
    """Whether it is a GIF without the mark that ends one."""
    if container.format.name != "gif":
        return False
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 64))
        return not file.read().rstrip(b"\0").endswith(b";")
