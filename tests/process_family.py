"""The processes below a process, as /proc tells them."""

from __future__ import annotations

import contextlib
from pathlib import Path


def below(pid: int) -> dict[int, bytes]:
    """All that it started, and they started, and so on, with their command lines; none that has ended."""
    parents, lines = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            words = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            if words[0] != "Z":
                parents[int(folder.name)] = int(words[1])
                lines[int(folder.name)] = (folder / "cmdline").read_bytes()
    found = {pid}
    while more := {each for each, its in parents.items() if its in found} - found:
        found |= more
    return {each: lines[each] for each in sorted(found - {pid}) if each in lines}
