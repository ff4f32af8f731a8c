"""Which cameras this machine has and what they offer, told to the window."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from model.errors import AffectcamError

from .listener import Listener
from .sources import is_device

if TYPE_CHECKING:
    from app.capture.watch import CameraWatch

logger = logging.getLogger(__name__)


class CameraList:
    """Used in the session's thread alone; what it looks at is imported when it looks."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._watch: CameraWatch | None = None

    def watch(self) -> None:
        """Tell the cameras, and from then on each time that there are others."""
        from app.capture.cameras import list_cameras
        from app.capture.watch import CameraWatch

        if self._watch is None:
            self._watch = CameraWatch(self._listener.on_cameras, look=list_cameras)

    def look(self) -> None:
        """Tell the cameras."""
        from app.capture.cameras import list_cameras

        try:
            cameras = list_cameras()
        except AffectcamError as error:
            logger.info("%s", error)
            cameras = []
        self._listener.on_cameras(cameras)

    def look_at_modes(self, spec: str) -> None:
        """Tell which resolutions and rates the source ``spec`` offers; none unless it is a camera of this machine."""
        from app.capture.modes import camera_modes

        self._listener.on_modes(spec, camera_modes(spec) if is_device(spec) else [])

    def close(self) -> None:
        """Watch no longer."""
        if self._watch is not None:
            self._watch.close()
