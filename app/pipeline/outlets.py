"""The sinks of a live run, each with its look; a picture is drawn once for all that see it alike."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from dataclasses import dataclass

from app.types import Frame, FrameResult, Pixels, Reading, Sink

from .draw import Drawer
from .look import Look


@dataclass(slots=True)
class _Outlet:
    sink: Sink
    look: Look
    opened: ExitStack


class Outlets:
    """Sinks that come and go while pictures are sent."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # a sink may remove itself while it is written to
        self._outlets: list[_Outlet] = []
        self._drawers: dict[Look, Drawer] = {}

    def add(self, sink: Sink, look: Look) -> None:
        """Open ``sink`` and feed it from the next picture on.

        Raises:
            SinkError: it cannot be opened.
        """
        opened = ExitStack()
        opened.enter_context(sink)
        with self._lock:
            self._outlets.append(_Outlet(sink, look, opened))

    def change(self, sink: Sink, look: Look) -> None:
        """Let ``sink`` see the next pictures otherwise; nothing happens if it is not there."""
        with self._lock:
            for outlet in self._outlets:
                if outlet.sink is sink:
                    outlet.look = look

    def remove(self, sink: Sink) -> None:
        """Close ``sink``, never under a write; nothing happens if it is not there."""
        with self._lock:
            leaving = [outlet for outlet in self._outlets if outlet.sink is sink]
            self._outlets = [outlet for outlet in self._outlets if outlet.sink is not sink]
        for outlet in leaving:
            outlet.opened.close()

    def send(self, frame: Frame, readings: tuple[Reading, ...]) -> None:
        """Draw and hand over one picture; called from one thread.

        Raises:
            SinkError: a sink could not take it.
        """
        drawn: dict[Look, Pixels] = {}
        with self._lock:  # held while writing: remove must not close a device under a send
            for outlet in list(self._outlets):
                look = outlet.look
                if outlet.sink.needs_drawing and look not in drawn:
                    drawn[look] = self._drawer(look).draw(frame.pixels, readings, mirror=look.mirror)
                outlet.sink.write(FrameResult(frame=frame, readings=readings, drawn=drawn.get(look)))
            self._drawers = {look: drawer for look, drawer in self._drawers.items() if look in drawn}

    def close(self) -> None:
        """Close all, whatever of it fails."""
        with self._lock:
            outlets, self._outlets = self._outlets, []
        with ExitStack() as closing:
            for outlet in outlets:
                closing.callback(outlet.opened.close)

    def _drawer(self, look: Look) -> Drawer:
        if look not in self._drawers:
            self._drawers[look] = Drawer(look.style)
        return self._drawers[look]
