"""The app: from a camera or a video to labelled pictures, tables and a virtual camera; never imports ``training``."""

from __future__ import annotations

from .api import analyse

__all__ = ["analyse"]
