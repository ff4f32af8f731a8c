"""Notices cameras that are plugged in and out."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Hashable

from app.capture.cameras import CameraInfo, list_cameras
from app.capture.glance import glance
from app.pipeline.worker import Worker
from model.closing import Closing
from model.errors import SourceError

logger = logging.getLogger(__name__)

_CLOSING_S = 2.0  # a list that the system is slow to give is waited for no longer


class CameraWatch(Closing):
    """Looks every few seconds, in a thread of its own, which starts at once and ends with :meth:`close`."""

    def __init__(
        self,
        on_change: Callable[[list[CameraInfo]], None],
        every_s: float = 2.0,
        *,
        look: Callable[[], list[CameraInfo]] = list_cameras,
        glance: Callable[[], Hashable] = glance,
    ) -> None:
        """Begin to watch.

        Args:
            on_change: told the cameras at first, and each time that there are others; called in the watch's thread.
            every_s: seconds between two looks.
            look: lists the cameras. On Windows it readies COM for the thread by itself.
            glance: looks whether anything may have changed; None if it cannot know.
        """
        self._on_change, self._every_s = on_change, every_s
        self._look, self._glance = look, glance
        self._closed = threading.Event()
        self._worker = Worker("cameras", self._work, on_failure=self._failed)
        self._worker.start()

    def close(self) -> None:
        """End the thread; safe to call twice, and from ``on_change``."""
        self._closed.set()
        self._worker.join(_CLOSING_S)

    def _work(self) -> None:
        seen: Hashable = None
        known: list[CameraInfo] | None = None
        while not self._closed.is_set():
            now = self._glance()
            if known is None or now is None or now != seen:
                cameras = self._cameras()
                if cameras != known and not self._closed.is_set():
                    self._on_change(cameras)
                seen, known = now, cameras
            self._closed.wait(self._every_s)

    def _cameras(self) -> list[CameraInfo]:
        try:
            return self._look()
        except SourceError as error:
            logger.info("%s", error)
            return []

    def _failed(self) -> None:
        logger.error("cameras are no longer watched", exc_info=self._worker.failure)
