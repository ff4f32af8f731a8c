"""Look: how one sink sees the picture."""

from __future__ import annotations

from dataclasses import dataclass, field

from .draw import DrawStyle


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What is drawn over the picture, and whether left and right change places first; text stays readable."""

    style: DrawStyle = field(default_factory=DrawStyle)
    mirror: bool = False
