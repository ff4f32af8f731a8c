"""What the session tells the window: values, no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from model.card import ModelCard


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """What has been started."""

    source: str  # the source's own name
    size: tuple[int, int]  # (width, height) of its pictures, in pixels
    fps: float  # as the source announces it


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """What reads the faces."""

    card: ModelCard
    file_bytes: int | None  # how large its file is, if it can be asked
    provider: str  # what it really runs on
    gives_attention: bool  # whether it can say where it looks


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraState:
    """How the virtual camera is."""

    words: str  # for the user
    on: bool  # switched on, if perhaps waiting for a source
    missing: bool = False  # there is none on this system, or it failed: how to get one is worth showing


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingState:
    """How the recording is."""

    on: bool
    words: str = ""  # how long, how much room is left; or how it ended
    path: Path | None = None  # of the video


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationState:
    """How the calibration goes."""

    progress: float  # 0 to 1
    words: str
    done: bool = False  # it has ended, well or not
    person: str = ""  # whose calibration is now kept; empty if none came out
