"""From the window's choice to a source that survives being unplugged."""

from __future__ import annotations

from collections.abc import Callable

from app.settings import Settings
from app.types import Source


def is_camera(spec: str) -> bool:
    """Whether ``spec`` names a camera or a stream, which can be waited for; not a file."""
    from app.capture import open as opening

    return opening.is_camera(spec)


def open_live(spec: str, settings: Settings, on_waiting: Callable[[str | None], None]) -> Source:
    """Open what ``spec`` names; a camera that goes away later is waited for.

    Args:
        spec: as :func:`app.capture.open.open_source` takes it.
        settings: size and rate asked of a camera.
        on_waiting: told why a camera is waited for, and None when it is back; called in the run's thread.

    Raises:
        SourceError: it is missing, busy, forbidden or no video.
    """
    from app.capture import open as opening
    from app.capture.surviving import Surviving

    width, height = settings.captured

    def open_it(address: str) -> Source:
        return opening.open_source(address, width=width, height=height, fps=settings.capture_fps, live=True)

    if not is_camera(spec):
        return open_it(spec)
    return Surviving(spec, open_it, on_state=on_waiting)
