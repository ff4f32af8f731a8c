"""The most memory that this process has held."""

from __future__ import annotations

import sys


def peak_megabytes() -> float | None:
    """Resident, in MB of a million bytes; None where the system does not tell."""
    try:
        import resource  # not on Windows
    except ImportError:
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1e6 if sys.platform == "darwin" else most * 1024 / 1e6
