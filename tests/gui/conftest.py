"""What the window's tests share."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

PATIENCE_S = 3.0


@pytest.fixture(autouse=True)
def no_thread_left_behind() -> Iterator[None]:
    """Fails a test after which a thread still runs that did not run before: a window must end what it started."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + PATIENCE_S
    while (left := _new_threads(before)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not left, f"threads still running after the test: {', '.join(thread.name for thread in left)}"


def _new_threads(before: set[threading.Thread]) -> list[threading.Thread]:
    # A dummy thread is one that Qt or a native library made and Python only met: it cannot be joined.
    dummy = threading._DummyThread  # type: ignore[attr-defined]
    return [thread for thread in threading.enumerate() if thread not in before and not isinstance(thread, dummy)]
