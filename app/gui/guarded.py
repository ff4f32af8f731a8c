"""A sink whose failure ends the sink, not the run."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from app.types import FrameResult, Sink
from model.errors import AffectcamError


class Guarded:
    """Holds a sink that may vanish while the preview goes on, such as a virtual camera.

    Closing waits for a write under way in another thread: a native device must not be released under it.
    """

    def __init__(self, sink: Sink, on_failure: Callable[[AffectcamError], None]) -> None:
        """Hold ``sink``; ``on_failure`` is called at most once, in the writing thread, and must not close it there."""
        self._sink = sink
        self._on_failure = on_failure
        self._lock = threading.Lock()
        self._open = True

    @property
    def needs_drawing(self) -> bool:
        """As the sink held."""
        return self._sink.needs_drawing

    def write(self, result: FrameResult) -> None:
        """Hand the result on, unless the sink has failed or is closed."""
        with self._lock:
            if not self._open:
                return
            try:
                self._sink.write(result)
            except AffectcamError as error:
                self._open = False
                self._on_failure(error)

    def __enter__(self) -> Self:
        """Start the sink held."""
        self._sink.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish the sink held."""
        with self._lock:
            self._open = False
            self._sink.__exit__(kind, error, trace)
