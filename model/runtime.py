"""ONNX Runtime with its telemetry off and its memory bounded: the one place where it is imported.

Since 1.29 its builds report models and runs to Microsoft and keep a number for this machine in the user's cache
(docs/decisions/nothing-leaves.md). The variable is read once, when the library starts; the call is for builds that know
no such variable.
"""

from __future__ import annotations

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime

onnxruntime.disable_telemetry_events()

__all__ = ["SHARED_MEMORY", "onnxruntime"]

#: A session's setting with which it takes its memory from the bounded allocator.
SHARED_MEMORY = ("session.use_env_allocators", "1")
_LEAST_BOUND, _MOST_BOUND = 2 * 2**30, 4 * 2**30  # bytes
_UNKNOWN_MEMORY = 8 * 2**30


def memory_bound() -> int:
    """Bytes that models may take for a run: half of the machine's memory, and no more than any of ours needs.

    A crafted file can ask for any amount, by a small operator repeated.
    """
    try:
        physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows
        physical = _UNKNOWN_MEMORY
    return min(max(_LEAST_BOUND, physical // 2), _MOST_BOUND)


def _bound_memory() -> None:
    """Beyond the bound a run fails with an exception, before any memory is touched."""
    kind = onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR
    memory = onnxruntime.OrtMemoryInfo("Cpu", kind, 0, onnxruntime.OrtMemType.DEFAULT)
    by_default = ("arena_extend_strategy", "initial_chunk_size_bytes", "max_dead_bytes_per_chunk")
    bounds = onnxruntime.OrtArenaCfg({"max_mem": memory_bound(), **dict.fromkeys(by_default, -1)})
    onnxruntime.create_and_register_allocator(memory, bounds)


_bound_memory()
