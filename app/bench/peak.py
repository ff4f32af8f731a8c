"""The most memory that this process has held."""

from __future__ import annotations

import re
import sys
from pathlib import Path


def peak_megabytes() -> float | None:
    """Resident, in MB of a million bytes; None where the system does not tell."""
    try:
        import resource  # not on Windows
    except ImportError:
        return None
    if sys.platform == "linux":  # where getrusage would count in the process that started this one
        found = re.search(r"^VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
        return None if found is None else int(found[1]) * 1024 / 1e6
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1e6 if sys.platform == "darwin" else most * 1024 / 1e6
