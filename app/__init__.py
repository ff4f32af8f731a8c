"""The app: from a camera or a video to labelled pictures, tables and a virtual camera; never imports ``training``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .api import analyse

__all__ = ["analyse"]


def __getattr__(name: str) -> object:
    """``app.analyse``, imported when first asked for: what it needs is slow to load, and the command line is not."""
    if name == "analyse":
        from .api import analyse

        return analyse
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
