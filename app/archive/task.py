"""What a worker is given, and what it gives back; all of it can be sent to another process or machine."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from app.config import ReadingConfig
from app.span import Span

from .cuts import Part
from .dataset import Facts
from .found import Found
from .item import Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked of every file."""

    config: ReadingConfig
    every: int = 1
    span: Span | None = None
    split_s: float | None = None  # files longer than that are read in parts; None: none is

    @property
    def settings(self) -> dict[str, object]:
        """What rows depend on, by the names of the options. Not how a file is cut, since rows do not depend on it."""
        return {
            "backend": self.config.backend,
            "faces": self.config.faces,
            "detect": self.config.detect,
            "small-faces": self.config.small_faces,
            "smoothing": self.config.smoothing_s,
            "every": self.every,
            "clip": None if self.span is None else str(self.span),
        }

    @property
    def splits(self) -> bool:
        """Whether long files are read in parts: looking for small faces remembers too long for that."""
        return self.split_s is not None and not self.config.small_faces


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Task:
    """A file to be read; or a part of it; or parts to be joined."""

    item: Item
    whole: bool = False  # the file is not to be cut, however long it is
    part: Part | None = None
    number: int = 0  # of the part, from 0
    found: tuple[Found, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """All rows of a file, as a ``pyarrow.Table``."""

    table: Any
    facts: Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """The file is long: these are its parts."""

    parts: tuple[Part, ...]


Outcome = Rows | Cut | Found
