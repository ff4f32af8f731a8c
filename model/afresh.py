"""Every five seconds whoever finds faces in a video begins afresh, so that it never depends on all that came before.

A part of a file that begins with such a moment gives the faces that the whole file gives, and parts can be read at the
same time (docs/decisions/archives.md).
"""

from __future__ import annotations

import math

PERIOD_S = 5.0  # of the source's own clock


def period_of(time_s: float) -> int:
    """The number of the period in which a finite time lies."""
    return math.floor(time_s / PERIOD_S)


def begins_afresh(before_s: float, time_s: float) -> bool:
    """Whether a frame at ``time_s`` is the first of a period, the one before it being at ``before_s``, or none."""
    return not (math.isfinite(before_s) and math.isfinite(time_s)) or period_of(before_s) != period_of(time_s)
