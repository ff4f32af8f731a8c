"""The table of settings: every choice that the window remembers, each in one row."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Self

from app.config import MOST_SMOOTHING_S, ReadingConfig
from model.paths import DEFAULT_MODEL

from .setting import Group, Setting, row, rows_of

_SIZES = (
    ("320x240", "320 × 240"),
    ("640x360", "640 × 360"),
    ("640x480", "640 × 480"),
    ("800x600", "800 × 600"),
    ("960x540", "960 × 540"),
    ("1280x720", "1280 × 720"),
    ("1280x960", "1280 × 960"),
    ("1600x1200", "1600 × 1200"),
    ("1920x1080", "1920 × 1080"),
    ("2560x1440", "2560 × 1440"),
    ("3840x2160", "3840 × 2160"),
)
_CORNERS = (
    ("off", "Nowhere"),
    ("top-left", "Top left"),
    ("top-right", "Top right"),
    ("bottom-left", "Bottom left"),
    ("bottom-right", "Bottom right"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the user has chosen. Frozen: a change is a new value, see :func:`dataclasses.replace`."""

    source: str = row("", Group.HIDDEN, "Source", "Where pictures come from; empty: the first camera")
    capture_size: str = row(
        "1280x720", Group.SOURCE, "Resolution", "Asked of the camera; it gives its nearest", choices=_SIZES
    )
    capture_fps: int = row(30, Group.SOURCE, "Frame rate", "Asked of the camera", least=5, most=120, unit="frames/s")
    mirror_preview: bool = row(
        True, Group.SOURCE, "&Mirror the preview", "You see yourself as in a mirror; calls do not", panel=True
    )
    mirror_output: bool = row(
        False,
        Group.CAMERA,
        "Mirror what &others see",
        "Left and right change places in calls and recordings too; text stays readable",
        panel=True,
    )
    model: str = row(
        DEFAULT_MODEL, Group.READING, "Model", "The network that reads faces: installed, or a file", panel=True
    )
    backend: str = row(
        "auto",
        Group.READING,
        "Runs on",
        "What computes the reading; the status line says what really runs",
        choices=(("auto", "Automatic"), ("onnx", "Processor"), ("cuda", "NVIDIA GPU")),
    )
    faces: str = row(
        "main",
        Group.READING,
        "Whose face",
        "Mine is the largest and most central one",
        choices=(("main", "Mine"), ("all", "Everyone's")),
        panel=True,
    )
    smoothing_s: float = row(
        0.35,
        Group.READING,
        "Smoothing",
        "From lively to steady: how long the past counts",
        least=0.0,
        most=MOST_SMOOTHING_S,
        unit="s",
        panel=True,
    )
    min_confidence: float = row(
        0.35,
        Group.READING,
        "Say nothing below",
        "Below this confidence no expression is named",
        least=0.0,
        most=0.95,
        per_cent=True,
        panel=True,
    )
    person: str = row("", Group.HIDDEN, "Calibration", "Whose calibration is applied; empty: none")
    style: str = row(
        "box",
        Group.OVERLAY,
        "Style",
        "What is drawn over the picture",
        choices=(
            ("label", "Label only"),
            ("box", "Box and label"),
            ("bars", "All eight scores"),
            ("emoji", "Emoji"),
            ("none", "Nothing"),
        ),
        panel=True,
    )
    text_scale: float = row(
        1.0, Group.OVERLAY, "Size", "Of text and signs", least=0.5, most=2.5, per_cent=True, panel=True
    )
    palette: str = row(
        "standard",
        Group.OVERLAY,
        "Colours",
        "Of the eight expressions",
        choices=(
            ("standard", "Standard"),
            ("okabe-ito", "Colour-blind safe"),
            ("tol-bright", "Colour-blind safe, bright"),
            ("white", "White only"),
        ),
    )
    attention: bool = row(
        False, Group.OVERLAY, "&Where it looks", "Colours the parts of the face that speak for the label", panel=True
    )
    numbers: str = row(
        "off", Group.OVERLAY, "Numbers", "The figures of the main face in a corner of the picture", choices=_CORNERS
    )
    badge: bool = row(
        True,
        Group.OVERLAY,
        "Badge: &expression reading on",
        "Tells the others in the call that expressions are read",
        panel=True,
    )
    camera_backend: str = row(
        "auto",
        Group.CAMERA,
        "Kind",
        "What makes the virtual camera",
        choices=(
            ("auto", "Automatic"),
            ("v4l2loopback", "v4l2loopback"),
            ("pipewire", "PipeWire"),
            ("obs", "OBS"),
            ("unitycapture", "Unity Capture"),
        ),
    )
    camera_device: str = row("", Group.CAMERA, "Device", "For example /dev/video10; empty: the first that works")
    camera_size: str = row(
        "source", Group.CAMERA, "Size", "Of the pictures that calls get", choices=(("source", "As the source"), *_SIZES)
    )
    record_folder: str = row(
        "", Group.RECORDING, "Folder", "Where recordings and snapshots go; empty: Videos/affectcam"
    )
    record_drawn: bool = row(
        True, Group.RECORDING, "With the &overlay", "Off: the clean picture is recorded", panel=True
    )
    record_table: bool = row(True, Group.RECORDING, "With a table", "The readings as .csv beside the video")
    chart: str = row(
        "expressions",
        Group.WINDOW,
        "Chart",
        "The last sixty seconds below the preview",
        choices=(("expressions", "Expressions"), ("valence-arousal", "Valence and arousal"), ("off", "Off")),
    )
    theme: str = row(
        "system",
        Group.WINDOW,
        "Appearance",
        "Light or dark",
        choices=(("system", "As the system"), ("light", "Light"), ("dark", "Dark")),
    )
    language: str = row(
        "system",
        Group.WINDOW,
        "Language",
        "Of the window; after the next start",
        choices=(("system", "As the system"), ("en", "English"), ("de", "Deutsch")),
    )
    close_to_tray: bool = row(
        False, Group.WINDOW, "Closing keeps it in the tray", "It goes on working; leave it from its icon"
    )
    start_minimised: bool = row(False, Group.WINDOW, "Start minimised", "In the tray, or else in the task bar")
    camera_at_start: bool = row(
        False, Group.CAMERA, "On when the program starts", "Source and virtual camera go on by themselves"
    )
    welcomed: bool = row(False, Group.HIDDEN, "First page seen", "Whether the first page has been read")

    @classmethod
    def rows(cls) -> tuple[Setting, ...]:
        """The table's rows, in their order."""
        return rows_of(cls)

    @classmethod
    def row(cls, name: str) -> Setting:
        """The row of one field."""
        return next(each for each in cls.rows() if each.name == name)

    @classmethod
    def checked(cls, values: dict[str, Any]) -> tuple[Self, list[str]]:
        """Settings from a file's values, and what of them was set aside, one line each."""
        rows = {each.name: each for each in cls.rows()}
        good: dict[str, Any] = {}
        aside = []
        for name, value in values.items():
            if name not in rows:
                aside.append(f"{name!r:.60} is not known")
            elif (problem := rows[name].problem(value)) is not None:
                aside.append(f"{name} is {value!r:.60}, {problem}")
            else:
                good[name] = rows[name].kind(value)
        return cls(**good), aside

    def to_dict(self) -> dict[str, Any]:
        """Plain values, by the names of the fields."""
        return dataclasses.asdict(self)

    @property
    def reading(self) -> ReadingConfig:
        """How faces are read."""
        return ReadingConfig(
            model=self.model,
            backend=self.backend,
            faces="main" if self.faces == "main" else "all",
            smoothing_s=self.smoothing_s,
            min_confidence=self.min_confidence,
        )

    @property
    def captured(self) -> tuple[int, int]:
        """``(width, height)`` asked of the camera."""
        return size_of(self.capture_size)


def size_of(text: str) -> tuple[int, int]:
    """``"1280x720"`` -> ``(1280, 720)``."""
    width, _, height = text.partition("x")
    return int(width), int(height)
