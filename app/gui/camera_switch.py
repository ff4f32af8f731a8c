"""The virtual camera beside the preview: on or off, opened and closed while the preview runs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from app.types import Source
from model.errors import AffectcamError

from . import words
from .guarded import Guarded

if TYPE_CHECKING:
    from app.pipeline.live import LiveRunner


class CameraSwitch:
    """Opens a virtual camera as one more sink of the run, in the session's thread, where all methods run.

    It stays wanted when a run ends, and is opened again with the next one.
    """

    def __init__(self, tell: Callable[[str, bool], None], later: Callable[[Callable[[], None]], None]) -> None:
        """Begin switched off.

        Args:
            tell: told the state in words, and whether the camera is switched on.
            later: runs something in the session's thread.
        """
        self._wanted = False
        self._tell, self._later = tell, later
        self._run: tuple[LiveRunner, Source] | None = None
        self._camera: Guarded | None = None

    def attach(self, runner: LiveRunner, source: Source) -> None:
        """A run has begun."""
        self._run = (runner, source)
        if self._wanted:
            self.switch(True)

    def detach(self) -> None:
        """The run has ended; its runner has closed the camera."""
        self._run, self._camera = None, None
        if self._wanted:
            self._tell(words.CAMERA_WAITS, True)

    def switch(self, on: bool) -> None:
        """Open the camera, now or as soon as something runs; or close it."""
        self._wanted = on
        if not on:
            self._close()
            self._tell(words.CAMERA_OFF, False)
        elif self._run is None:
            self._tell(words.CAMERA_WAITS, True)
        elif self._camera is None:
            self._tell(words.CAMERA_OPENING, True)
            self._open(*self._run)

    def look(self) -> None:
        """Tell whether this system has a virtual camera, or else how to get one."""
        from app.sinks.virtual_camera import available

        there, reason = available()
        if not self._wanted:
            self._tell(words.CAMERA_OFF if there else words.camera_missing(reason), False)

    def _open(self, runner: LiveRunner, source: Source) -> None:
        from app.sinks.virtual_camera import VirtualCameraSink

        try:
            sink = VirtualCameraSink(source.size, source.fps)
            camera = Guarded(sink, lambda error: self._later(lambda: self._lose(camera, error)))
            runner.add_sink(camera)
        except AffectcamError as error:
            self._wanted = False
            self._tell(words.camera_missing(words.one_line(error)), False)
            return
        self._camera = camera
        self._tell(words.camera_on(_shown_name(sink.device)), True)

    def _lose(self, camera: Guarded, error: AffectcamError) -> None:
        if camera is not self._camera:
            return
        self._close()
        self._wanted = False
        self._tell(words.camera_missing(words.one_line(error)), False)

    def _close(self) -> None:
        camera, self._camera = self._camera, None
        if camera is not None and self._run is not None:
            self._run[0].remove_sink(camera)


def _shown_name(device: str) -> str:
    """The camera's name as other programs show it; a v4l2loopback device goes by its label there."""
    if sys.platform != "linux":
        return device
    from app.sinks.loopback import loopback_devices

    devices, _ = loopback_devices()
    return next((found.label for found in devices if str(found.path) == device and found.label), device)
