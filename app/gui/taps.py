"""Small sinks that the session holds into a run: one picture, or one face's scores for a while."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Self

from app.types import FrameResult, Pixels


class Tap:
    """Hands every result to a function."""

    def __init__(self, take: Callable[[FrameResult], None], *, needs_drawing: bool = False) -> None:
        """``take`` is called in the run's thread, and must return soon."""
        self._take = take
        self._needs_drawing = needs_drawing

    @property
    def needs_drawing(self) -> bool:
        """Whether it wants ``result.drawn``."""
        return self._needs_drawing

    def write(self, result: FrameResult) -> None:
        """Hand it on."""
        self._take(result)

    def __enter__(self) -> Self:
        """Start."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End."""


class FirstPicture(Tap):
    """Hands the first drawn picture to a function, and no other."""

    def __init__(self, take: Callable[[Pixels], None]) -> None:
        """``take`` is called once, in the run's thread."""
        super().__init__(self._first, needs_drawing=True)
        self._wanted: Callable[[Pixels], None] | None = take

    @property
    def needs_drawing(self) -> bool:
        """Only until it has one."""
        return self._wanted is not None

    def _first(self, result: FrameResult) -> None:
        take, self._wanted = self._wanted, None
        if take is not None and result.drawn is not None:
            take(result.drawn)
