"""What the window says; no Qt here."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.pipeline.live import LiveStatus

STOPPED = "Press Start to see the expressions on the faces"
LOOKING = "Looking for cameras…"
CAMERA_OFF = "Off"
CAMERA_WAITS = "Goes on when you press Start"
CAMERA_OPENING = "Opening…"
NO_CAMERA = (
    "No camera was found on this machine.\nPlug one in and choose it on the right, or press Start for the demo clip."
)


def one_line(error: BaseException) -> str:
    """An exception as the one line that a dialog shows."""
    return " ".join(str(error).split()) or type(error).__name__


def camera_on(name: str) -> str:
    """The state of a virtual camera that is running."""
    return f"On: Zoom, Meet and Teams can now pick '{name}'"


def camera_missing(reason: str) -> str:
    """The state of a virtual camera that cannot be opened; ``reason`` says why and how to get one."""
    why, _, cure = reason.partition("; to get one: ")
    return f"Off: {why}" + (f"\n\nTo get one: {cure}" if cure else "")


def opening(title: str) -> str:
    """What the preview shows until the first picture."""
    return f"Opening {title}…"


def ended(title: str, loss: str | None) -> str:
    """What the preview shows after the source has ended by itself."""
    return f"{title} has ended" + (f": {loss}" if loss else "") + "\nPress Start to play it again"


def model_line(model: str, provider: str) -> str:
    """The model and what it really runs on: 'compact on CPU'."""
    return f"{model} on {provider.removesuffix('ExecutionProvider')}"


def status_line(status: LiveStatus) -> str:
    """What is measured, for the status line."""
    faces = "1 face" if status.faces == 1 else f"{status.faces} faces"
    return (
        f"{status.camera_fps:.0f} frames/s  ·  {status.reading_fps:.0f} readings/s  ·  {faces}"
        f"  ·  {1000 * status.latency_s:.0f} ms latency"
    )
