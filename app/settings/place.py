"""Where the window keeps what it remembers: the platform's own folders, for this user alone."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

#: Points the folder elsewhere: for tests, and for a program carried on a stick.
VARIABLE = "AFFECTCAM_HOME"


def settings_folder() -> Path:
    """The folder of settings and calibrations; it need not exist yet."""
    chosen = os.environ.get(VARIABLE)
    return Path(chosen) if chosen else Path(platformdirs.user_config_path("affectcam", appauthor=False))


def videos_folder() -> Path:
    """Where recordings go unless the user chooses; it need not exist yet."""
    return Path(platformdirs.user_videos_path()) / "affectcam"


def private_folder(path: Path) -> Path:
    """Make ``path``, readable by this user alone where the system knows such a thing."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path
