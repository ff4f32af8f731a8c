"""What the window says. Constants are English and translated where they are shown; functions translate themselves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .translate import tr

if TYPE_CHECKING:
    from app.pipeline.live import LiveStatus

STOPPED = "Press Start to see the expressions on the faces"
LOOKING = "Looking for cameras…"
PAUSED = "paused"
CAMERA_OFF = "Off"
CAMERA_WAITS = "Goes on when you press Start"
CAMERA_OPENING = "Opening…"
NO_CAMERA = (
    "No camera was found on this machine.\nPlug one in and choose it on the right, or press Start for the demo clip."
)
WHO = "Zoom, Meet and Teams"
WHO_PIPEWIRE = "programs that take cameras from PipeWire (Firefox, OBS)"
NOTHING_TO_RECORD = "Nothing runs that could be recorded: press Start first"
NOTHING_RECORDED = "nothing was recorded"
NO_SNAPSHOT = "Nothing runs that a picture could be taken of: press Start first"
NOTHING_TO_CALIBRATE = "Nothing runs: press Start, look at the camera, then calibrate"
CALIBRATE_NOW = "Look at the camera with a calm, neutral face…"
NO_ATTENTION = "This model does not say where it looks"


def one_line(error: BaseException) -> str:
    """An exception as the one line that a dialog shows."""
    return " ".join(str(error).split()) or type(error).__name__


def camera_on(name: str, who: str) -> str:
    """The state of a virtual camera that is running; ``who`` are the programs that see it."""
    return tr("On: {who} can now pick '{name}'").format(who=who, name=name)


def camera_paused(name: str) -> str:
    """The state of a virtual camera while nothing runs."""
    return tr("On: calls see '{name}' paused until you press Start").format(name=name)


def camera_missing(reason: str) -> str:
    """The state of a virtual camera that cannot be opened; ``reason`` says why and how to get one."""
    why, _, cure = reason.partition("; to get one: ")
    text = tr("Off: {why}").format(why=why)
    return text + ("\n\n" + tr("To get one: {cure}").format(cure=cure) if cure else "")


def opening(title: str) -> str:
    """What the preview shows until the first picture."""
    return tr("Opening {name}…").format(name=title)


def given(size: tuple[int, int], fps: float) -> str:
    """What the source really gives: '1280 × 720 at 30 frames/s'."""
    return tr("{width} × {height} at {rate} frames/s").format(width=size[0], height=size[1], rate=f"{fps:.0f}")


def ended(title: str, loss: str | None) -> str:
    """What the preview shows after the source has ended by itself."""
    first = tr("{name} has ended").format(name=title) + (f": {loss}" if loss else "")
    return first + "\n" + tr("Press Start to play it again")


def recording(seconds: float, room_bytes: int) -> str:
    """How long a recording is, and the space left: 'Recording 1:05, 12.3 GB left'."""
    return tr("Recording {time}, {room} GB left").format(time=clock(seconds), room=f"{room_bytes / 1e9:.1f}")


def recorded(seconds: float, path: Path) -> str:
    """How a recording ended."""
    return tr("Recorded {time}: {path}").format(time=clock(seconds), path=path)


def snapshot(path: Path) -> str:
    """That a picture was kept."""
    return tr("Picture kept: {path}").format(path=path)


def calibrated(person: str) -> str:
    """That a calibration is now applied."""
    return tr("Calibrated to {person}; forget it in Settings").format(person=person)


def refused_model(model: str, reason: str) -> str:
    """That another model goes on."""
    return tr("{model} cannot be used, the one before goes on: {reason}").format(model=model, reason=reason)


def clock(seconds: float) -> str:
    """``65`` -> ``1:05``; ``3665`` -> ``1:01:05``."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def model_line(model: str, provider: str) -> str:
    """The model and what it really runs on: 'compact on CPU'."""
    return tr("{model} on {provider}").format(model=model, provider=provider.removesuffix("ExecutionProvider"))


def status_line(status: LiveStatus) -> str:
    """What is measured, for the status line."""
    faces = tr("1 face") if status.faces == 1 else tr("{count} faces").format(count=status.faces)
    if status.read_at_once:
        faces = tr("{count} faces, {some} read at a time").format(count=status.faces, some=status.read_at_once)
    return "  ·  ".join(
        [
            tr("{rate} frames/s").format(rate=f"{status.camera_fps:.0f}"),
            tr("{rate} readings/s").format(rate=f"{status.reading_fps:.0f}"),
            faces,
            tr("{time} ms latency").format(time=f"{1000 * status.latency_s:.0f}"),
        ]
    )
