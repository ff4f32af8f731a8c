"""Where a long file is cut: near key frames, at moments at which whoever finds faces begins afresh anyway."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from app.capture.key_frames import KeyFrames, key_frames
from app.span import Span
from model.afresh import PERIOD_S, period_of

#: Times are compared to the microsecond where a file is opened; rows are told apart exactly, by their period.
_MARGIN_S = 0.001


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some periods of a file, the numbers of :func:`model.afresh.period_of`, in the file's own times."""

    origin_s: float  # the file's time that players show as 0:00
    first: int | None  # None: from the beginning
    behind: int | None  # the first one of the next part; None: to the end

    def holds(self, time_s: float) -> bool:
        """Whether a frame of that time belongs to it."""
        period = period_of(time_s)
        return (self.first is None or period >= self.first) and (self.behind is None or period < self.behind)

    def span(self, asked: Span | None) -> Span:
        """What is to be decoded: the period before as well, in which what fades from before fades."""
        asked = asked or Span()
        start_s, end_s = asked.start_s, asked.end_s
        if self.first is not None:
            start_s = max(start_s, (self.first - 1) * PERIOD_S - self.origin_s)
        if self.behind is not None:
            behind_s = self.behind * PERIOD_S - self.origin_s + _MARGIN_S
            end_s = behind_s if end_s is None else min(end_s, behind_s)
        return Span(start_s=start_s, end_s=end_s)


def parts_of(path: Path, *, asked: Span | None, split_s: float) -> tuple[Part, ...]:
    """The parts of a file, of about equal length and none much longer than ``split_s``; none where it is not to be cut.

    Each part but the first is decoded from a key frame less than two periods before its first frame. A file without
    key frames near, or in which frames cannot be counted without being decoded, is not cut.

    Raises:
        SourceError: the file cannot be opened.
    """
    found = key_frames(path, longer_than_s=split_s)
    if found is None:
        return ()
    behinds = _cuts(found, asked or Span(), split_s)
    if not behinds:
        return ()
    firsts = (None, *behinds)
    ends = (*behinds, None)
    return tuple(
        Part(origin_s=found.origin_s, first=first, behind=behind) for first, behind in zip(firsts, ends, strict=True)
    )


def _cuts(found: KeyFrames, asked: Span, split_s: float) -> list[int]:
    """The first period of each part but the first one."""
    begin_s = found.origin_s + asked.start_s
    end_s = found.last_s if asked.end_s is None else min(found.last_s, found.origin_s + asked.end_s)
    count = math.ceil((end_s - begin_s) / split_s)
    length_s = (end_s - begin_s) / max(1, count)
    cuts: list[int] = []
    for number in range(1, count):
        wanted_s = begin_s + number * length_s
        # Decoding begins at the key frame, the period before is the first to begin behind it, the part is the next.
        key_s = min(found.times_s, key=lambda time_s: abs(time_s + 1.5 * PERIOD_S - wanted_s))
        cut = math.ceil(key_s / PERIOD_S) + 1
        near = abs(cut * PERIOD_S - wanted_s) <= length_s / 2
        if near and (cuts or [period_of(begin_s)])[-1] < cut and cut * PERIOD_S < end_s:
            cuts.append(cut)
    return cuts
