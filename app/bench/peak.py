"""The most memory that this process has held."""

from __future__ import annotations

import platform
import re
from pathlib import Path

_STATUS = Path("/proc/self/status")


def peak_megabytes() -> float | None:
    """Resident, in MB of a million bytes; None where the system does not tell."""
    if _STATUS.is_file():  # Linux, where getrusage would count in the process that started this one
        found = re.search(r"^VmHWM:\s+(\d+) kB", _STATUS.read_text(), re.MULTILINE)
        return None if found is None else int(found[1]) * 1024 / 1e6
    try:
        import resource  # not on Windows
    except ImportError:
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1e6 if platform.system() == "Darwin" else most * 1024 / 1e6
