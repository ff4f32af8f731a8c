"""One folder takes the place of another, so that at no moment the earlier one is gone before the new one is there."""

from __future__ import annotations

import shutil
from pathlib import Path


def replace_folder(folder: Path, part: Path) -> None:
    """Let ``part`` take the place of ``folder``, which need not exist.

    Raises:
        OSError: the disk refuses; ``folder`` stays as it was.
    """
    aside = aside_of(folder)
    if folder.exists():
        folder.rename(aside)
    try:
        part.rename(folder)
    except OSError:
        put_back(folder)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def put_back(folder: Path) -> None:
    """Undo half a replacement, after a crash between its two renames."""
    aside = aside_of(folder)
    if aside.exists() and not folder.exists():
        aside.rename(folder)
    elif aside.exists():
        shutil.rmtree(aside, ignore_errors=True)  # the new one is in its place


def aside_of(folder: Path) -> Path:
    """Where the earlier folder lies between the two renames."""
    return folder.with_name(f".{folder.name}.earlier.part")
