"""The virtual camera that Zoom, Meet or Teams can pick."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from app.types import FrameResult
from model.closing import Closing
from model.errors import SinkError

from . import pipewire
from .camera_backends import available, list_backends, one_line, open_camera
from .fit import even, fit
from .loopback import shown_name

__all__ = ["VirtualCameraSink", "available", "list_backends"]


class VirtualCameraSink(Closing):
    """Sends BGR pictures to a virtual camera. Pacing is the caller's: one :meth:`send` is one frame."""

    def __init__(
        self, size: tuple[int, int], fps: float, device: str | None = None, backend: str | None = None
    ) -> None:
        """Open the camera.

        Args:
            size: ``(width, height)`` in pixels; odd ones are rounded up, since several systems refuse them.
            fps: frames per second that the camera announces.
            device: its name (``/dev/video10``, ``OBS Virtual Camera``); the first that works if None.
            backend: one of :func:`list_backends`; the first that works if None.

        Raises:
            SinkError: none could be opened; the message says why and how to get one on this system.
        """
        self.size = even(size)
        #: What the camera announces, in frames per second.
        self.fps = fps if 0 < fps < float("inf") else 30.0
        self._camera: Any = open_camera(self.size, self.fps, device, backend)
        self._sent: NDArray[np.uint8] | None = None  # what the back end got last
        #: The camera's name, as the system knows it.
        self.device: str = self._camera.device
        #: Its name, as other programs show it.
        self.name = shown_name(self.device)
        #: The name of its back end.
        self.backend: str = self._camera.backend

    @property
    def needs_drawing(self) -> bool:
        """It sends ``result.drawn``."""
        return True

    @property
    def current_fps(self) -> float:
        """The rate of the latest sends, measured, in frames per second; 0 when closed."""
        return float(self._camera.current_fps) if self._camera is not None else 0.0

    def send(self, pixels: NDArray[np.uint8]) -> None:
        """Send one picture, uint8 BGR ``(height, width, 3)``; another size is fitted in with black bars.

        Raises:
            SinkError: the camera is closed or its back end fails.
        """
        if self._camera is None:
            raise SinkError(f"the virtual camera {self.device} is closed; open it again")
        fitted = fit(pixels, self.size)
        rgb = self.backend != pipewire.NAME
        self._sent = np.asarray(cv2.cvtColor(fitted, cv2.COLOR_BGR2RGB), dtype=np.uint8) if rgb else fitted
        self.repeat()

    def repeat(self) -> None:
        """Send the latest picture again, which costs less than :meth:`send`; nothing if there was none.

        Raises:
            SinkError: the camera is closed or its back end fails.
        """
        if self._camera is None:
            raise SinkError(f"the virtual camera {self.device} is closed; open it again")
        if self._sent is None:
            return
        try:
            self._camera.send(self._sent)
        except (RuntimeError, OSError, SinkError) as error:
            raise SinkError(f"the virtual camera {self.device} failed: {one_line(error)}; start it again") from error

    def write(self, result: FrameResult) -> None:
        """Send what was drawn.

        Raises:
            SinkError: the camera is closed or its back end fails.
            ValueError: ``result.drawn`` is missing.
        """
        if result.drawn is None:
            raise ValueError("the virtual camera needs result.drawn; needs_drawing says so")
        self.send(result.drawn)

    def close(self) -> None:
        """Release the camera; more than once does no harm."""
        camera, self._camera = self._camera, None
        if camera is not None:
            camera.close()
