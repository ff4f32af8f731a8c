"""How many files to read at once."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from model.cores import cores

#: What a process takes by itself, and for how many pictures of a video it has room, in bytes: measured
#: (docs/decisions/processes.md).
BASE_BYTES = 300 << 20
PICTURES = 60
#: The most that Windows can wait for at once, less a few.
MOST_JOBS = 60
#: Each process takes a GPU's memory for itself.
MOST_ON_GPU = 2


def default_jobs(paths: Sequence[Path], *, backend: str) -> int:
    """As many processes as files, but no more than cores, nor than memory has room for; 1 for one file.

    Frames count: the largest video decides, as far as the first hundred files show.
    """
    jobs = min(len(paths), cores(), MOST_ON_GPU if backend == "cuda" else MOST_JOBS)
    if jobs <= 1:
        return 1
    room = free_memory()
    if room is None:
        return jobs
    each = BASE_BYTES + PICTURES * max(_picture_bytes(paths[:100]), default=0)
    return max(1, min(jobs, room // each))


def free_memory() -> int | None:
    """Bytes that programs may still take without others having to give way; None where the system does not say."""
    if sys.platform == "win32":
        return _free_on_windows()
    with contextlib.suppress(OSError, ValueError, IndexError):
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        available = next(line.split()[1] for line in lines if line.startswith("MemAvailable:"))
        return min(int(available) << 10, *_group_rooms(), 1 << 62)
    with contextlib.suppress(OSError, ValueError):  # macOS: what is free says little there, half of all is a fair guess
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    return None


def _group_rooms(folder: Path = Path("/sys/fs/cgroup")) -> list[int]:
    """What a container's limit (cgroup version 2) leaves, in bytes; nothing where there is none."""
    with contextlib.suppress(OSError, ValueError):
        most = int((folder / "memory.max").read_text(encoding="ascii"))  # "max" is none
        taken = int((folder / "memory.current").read_text(encoding="ascii"))
        lines = (folder / "memory.stat").read_text(encoding="ascii").splitlines()
        # Files that were read lately are counted as taken, but given up when room is needed.
        files = sum(int(line.split()[1]) for line in lines if line.startswith("inactive_file "))
        return [max(0, most - taken + files)]
    return []


def _free_on_windows() -> int | None:
    import ctypes

    class Status(ctypes.Structure):
        _fields_ = (
            ("length", ctypes.c_uint32),
            ("load", ctypes.c_uint32),
            *((name, ctypes.c_uint64) for name in ("all", "free", "all_page", "free_page", "all_own", "free_own", "_")),
        )

    status = Status(length=ctypes.sizeof(Status))
    found = ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))  # type: ignore[attr-defined]
    return int(status.free) if found else None


def _picture_bytes(paths: Iterable[Path]) -> Iterable[int]:
    """Of each video that can be opened; the others are told of when it is their turn."""
    from app.capture.container import open_container, video_stream
    from model.errors import SourceError

    for path in paths:
        with contextlib.suppress(SourceError), open_container(path) as container:
            stream = video_stream(container, path)
            yield 3 * stream.width * stream.height
