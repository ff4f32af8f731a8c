"""A part of a file, as ``--clip START-END`` asks for it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Self

from model.errors import ConfigError

_EXPECTED = "expected START-END, each in seconds or as MM:SS or HH:MM:SS.mmm, for example 12.5-30, 1:00- or -0:30"
_MOST_S = 999_999_999
_TIME = re.compile(r"(?:(?:(?P<hours>[0-9]+):)?(?P<minutes>[0-9]+):)?(?P<seconds>[0-9]+(?:\.[0-9]*)?)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From a time of a file until before another; times are compared to the microsecond, as tables have them."""

    start_s: float = 0.0
    end_s: float | None = None  # None: until the end of the file

    @classmethod
    def parse(cls, text: str) -> Self:
        """``"12.5-30"``, ``"1:00-"``, ``"-0:30"``, ``"00:01:02.500-00:02:00"`` -> a span.

        Raises:
            ConfigError: it is none, or ends before it begins.
        """
        start, dash, end = (part.strip() for part in text.partition("-"))
        if not dash or not (start or end):
            raise ConfigError(f"--clip is {text!r}, {_EXPECTED}")
        start_s = _seconds(start, text) if start else 0.0
        end_s = _seconds(end, text) if end else None
        if end_s is not None and end_s <= start_s:
            how = "is empty" if end_s == start_s else "ends before it begins"
            raise ConfigError(f"--clip is {text!r}, which {how}; give the earlier time first, for example 12.5-30")
        return cls(start_s=start_s, end_s=end_s)

    def later(self, by_s: float) -> Self:
        """The span moved by so many seconds."""
        end_s = None if self.end_s is None else _exact(self.end_s + by_s)
        return replace(self, start_s=_exact(self.start_s + by_s), end_s=end_s)

    def begun(self, time_s: float) -> bool:
        """Whether the time is not before the start."""
        return _exact(time_s) >= self.start_s

    def leads(self, time_s: float) -> bool:
        """Whether the time is at the start or before it."""
        return _exact(time_s) <= self.start_s

    def over(self, time_s: float) -> bool:
        """Whether the time is at the end or behind it."""
        return self.end_s is not None and _exact(time_s) >= self.end_s

    def __str__(self) -> str:
        """As :meth:`parse` takes it, to the microsecond."""
        return f"{clock(self.start_s, places=6)}-{'' if self.end_s is None else clock(self.end_s, places=6)}"


def clock(time_s: float, *, places: int = 3) -> str:
    """Seconds as ``1:02:03.5``, to so many decimal places, without what is zero in front and behind."""
    parts = 10**places
    whole, rest = divmod(round(parts * time_s), parts)
    hours, whole = divmod(whole, 3600)
    minutes, seconds = divmod(whole, 60)
    fraction = f".{rest:0{places}}".rstrip("0") if rest else ""
    return f"{hours}:{minutes:02}:{seconds:02}{fraction}" if hours else f"{minutes}:{seconds:02}{fraction}"


def _seconds(word: str, whole: str) -> float:
    match = _TIME.fullmatch(word)
    if match is None:
        raise ConfigError(f"--clip is {whole!r}, {_EXPECTED}")
    hours, minutes, seconds = match["hours"], match["minutes"], float(match["seconds"])
    if (minutes is not None and seconds >= 60) or (hours is not None and int(minutes) >= 60):
        raise ConfigError(f"--clip is {whole!r}, but an hour has 60 minutes and a minute 60 seconds; {_EXPECTED}")
    found = 3600 * float(hours or 0) + 60 * float(minutes or 0) + seconds
    if not found <= _MOST_S:
        raise ConfigError(f"--clip is {whole!r}, which is longer than thirty years; {_EXPECTED}")
    return _exact(found)


def _exact(time_s: float) -> float:
    return round(time_s, 6)
