"""How many processor cores there are for us."""

from __future__ import annotations

import os


def cores() -> int:
    """The cores that this process may use: what a container or ``taskset`` leaves, where the system tells (Linux)."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
