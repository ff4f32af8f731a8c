"""Which affectcam this is."""

from __future__ import annotations


def version() -> str:
    """The installed version, or that it runs from its folder."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("affectcam")
    except PackageNotFoundError:
        return "not installed, run from its folder"
