"""OpenCV in one thread while stages run beside each other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import cv2


@contextmanager
def one_opencv_thread() -> Iterator[None]:
    """Within, OpenCV starts no threads of its own: the stages fill the cores, and its pool would only wait on them.

    The setting is the process's; it is what it was afterwards.
    """
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)
