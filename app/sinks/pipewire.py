"""A camera in PipeWire, fed through GStreamer: for Linux systems where no kernel module may be loaded."""

from __future__ import annotations

import contextlib
import select
import time
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from app.pipeline.rate import Rate
from model.errors import SinkError

from .fed_child import FedChild
from .pipewire_daemon import LAUNCH, connect, lacking

NAME = "pipewire"
_CAMERA = "affectcam"
_START_S = 10.0
_ROOM_S = 0.5  # for so long a picture waits for room in the pipe, else it is left out
_STUCK_S = 5.0  # a child that has taken nothing for so long has failed


class PipewireCamera:
    """A ``Video/Source`` node that shows the pictures it is sent; like pyvirtualcam's camera, but BGR.

    They go to a child, ``gst-launch-1.0``, through its standard input.
    """

    backend = NAME

    def __init__(self, width: int, height: int, fps: float, *, device: str | None = None) -> None:
        """Start the child, and wait until other programs can see the camera.

        Args:
            width: in pixels.
            height: in pixels.
            fps: what the camera announces.
            device: the name under which other programs list it; "affectcam" if None.

        Raises:
            SinkError: something is missing, or the child cannot start; the message says what.
        """
        self.device = device or _CAMERA
        if not self.device.isprintable() or set(self.device) & set('"\\'):
            raise SinkError(f"a camera in PipeWire cannot be called {self.device!r}")
        reason, cure = lacking()
        if reason:
            raise SinkError(reason + (f" ({cure})" if cure else ""))
        self._shape = (height, width, 3)
        self._rate = Rate()
        with contextlib.ExitStack() as opening:
            try:
                self._daemon = opening.enter_context(connect())
                self._child = FedChild(_pipeline(width, height, fps, self.device))
            except OSError as error:
                raise SinkError(f"no camera in PipeWire: {error}") from error
            opening.callback(self._child.close)
            self._await_start()
            self._opened = opening.pop_all()

    @property
    def current_fps(self) -> float:
        """The rate of the latest sends, measured."""
        return self._rate.per_second()

    def send(self, pixels: NDArray[np.uint8]) -> None:
        """Send a picture, uint8 BGR ``(height, width, 3)``, C-contiguous, which must not change afterwards.

        One that finds no room in the pipe for half a second is left out.

        Raises:
            SinkError: the child or the daemon has ended, or the child takes nothing any more.
            ValueError: the shape is another.
        """
        if pixels.shape != self._shape:
            raise ValueError(f"the picture is {pixels.shape}, expected {self._shape}")
        # The child does not notice when the daemon ends; the daemon itself never speaks first.
        if select.select([self._daemon], [], [], 0)[0]:
            raise SinkError("the PipeWire daemon has ended")
        self._child.feed(_ROOM_S)
        if not self._child.busy:
            self._child.put(pixels.data.cast("B"))
            self._child.feed(_ROOM_S)
        if time.monotonic() - self._child.fed_s > _STUCK_S:
            raise SinkError(f"{LAUNCH} has taken no picture for {_STUCK_S:g} s")
        self._rate.count()

    def close(self) -> None:
        """End the child; more than once does no harm."""
        self._opened.close()

    def _await_start(self) -> None:
        """Wait until it plays, which takes a picture: a dark one."""
        height, width, channels = self._shape
        self._child.put(bytes(height * width * channels))
        give_up_s = time.monotonic() + _START_S
        while "PLAYING" not in self._child.said:
            if time.monotonic() > give_up_s:
                raise SinkError(f"{LAUNCH} did not start within {_START_S:g} s")
            self._child.feed(0.02)
            time.sleep(0.01)


def _pipeline(width: int, height: int, fps: float, name: str) -> list[str]:
    """The child's command line.

    Times are those of arrival: a camera that sends a little faster than it says would run ahead of the clock. The queue
    drops pictures rather than stop us. YUY2 in BT.601 is what real cameras send and browsers expect, whatever the
    size. Without ``drop-allocation`` GStreamer 1.22 crashes.
    """
    rate = Fraction(fps).limit_denominator(1001)
    quoted = f'\\"{name}\\"'
    return [
        LAUNCH,
        *("fdsrc", "fd=0", "do-timestamp=true", "!"),
        *("rawvideoparse", "format=bgr", f"width={width}", f"height={height}"),
        *(f"framerate={rate.numerator}/{rate.denominator}", "!"),
        *("queue", "leaky=downstream", "max-size-buffers=1", "max-size-bytes=0", "max-size-time=0", "!"),
        *("videoconvert", "!", "video/x-raw,format=YUY2,colorimetry=bt601", "!"),
        *("identity", "drop-allocation=true", "!"),
        *("pipewiresink", "mode=provide", "sync=false", "client-name=affectcam"),
        'stream-properties="p,media.class=Video/Source,media.role=Camera,'
        f'node.name={quoted},node.description={quoted}"',
    ]
