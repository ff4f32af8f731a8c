"""What words of the command line mean, checked: how faces are read, what is drawn, what the window is to begin with."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from model.errors import ConfigError

from .config import ReadingConfig

if TYPE_CHECKING:
    from .pipeline.draw_style import DrawStyle


def reading_of(
    model: str, backend: str, faces: str, smoothing: float, detect: str, *, small_faces: bool
) -> ReadingConfig:
    """How faces are read, from ``--model``, ``--backend`` and so on.

    Raises:
        ConfigError: a word is none of those that are known.
    """
    if faces not in ("all", "main"):
        raise ConfigError(f"--faces is {faces!r}, expected all or main")
    if detect not in ("follow", "every"):
        raise ConfigError(f"--detect is {detect!r}, expected follow or every")
    from .settings import Settings

    bounds = Settings.row("smoothing_s")
    if bounds.problem(smoothing) is not None:  # NaN as well
        raise ConfigError(f"--smoothing is {smoothing}, expected {bounds.least:g} to {bounds.most:g} seconds")
    return ReadingConfig(
        model=model,
        backend=backend,
        faces="main" if faces == "main" else "all",
        smoothing_s=smoothing,
        detect="every" if detect == "every" else "follow",
        small_faces=small_faces,
    )


def camera_size_of(text: str) -> tuple[int, int] | None:
    """``"1280x720"`` -> ``(1280, 720)``; "source" -> None.

    Raises:
        ConfigError: it is neither.
    """
    if text == "source":
        return None
    match = re.fullmatch(r"(\d{2,4})x(\d{2,4})", text.strip().lower())
    if match is None or not all(16 <= int(side) <= 7680 for side in match.groups()):
        raise ConfigError(f"--camera-size is {text!r}, expected for example 1280x720, or source")
    return int(match[1]), int(match[2])


def style_of(kind: str | None, *, bars: bool, palette: str, badge: bool = False) -> DrawStyle:
    """What is drawn, from ``--style``, ``--bars`` and ``--palette``.

    Raises:
        ConfigError: a word is none of those that are known.
    """
    from .pipeline.draw_style import DrawStyle, kind_of, palette_of

    if bars and kind not in (None, "bars"):
        raise ConfigError(f"--bars is short for --style bars, but --style is {kind!r}; leave one out")
    chosen = kind_of("bars" if bars else kind or "box")
    return DrawStyle(kind=chosen, palette=palette_of(palette), badge=badge)


def settings_of(chosen: dict[str, object]) -> dict[str, object]:
    """Words that stand for settings of the window, by the settings' names; given back as they are.

    Raises:
        ConfigError: one is not among what its setting may be.
    """
    from .settings import Settings

    options = {"smoothing_s": "--smoothing", "camera_device": "--device", "camera_backend": "--camera-backend"}
    for name, value in chosen.items():
        problem = Settings.row(name).problem(value)
        if problem is not None:
            raise ConfigError(f"{options.get(name, f'--{name}')} is {value!r}, {problem}")
    return chosen
