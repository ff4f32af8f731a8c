"""Frames from a camera or a network stream, with OpenCV."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import cv2

from app.capture.cameras import CameraInfo, list_cameras
from app.capture.device import Device, open_with_opencv
from app.capture.trouble import device_file, hide_password, is_url, silent
from app.capture.url_file import UrlFile
from app.pictures import fit
from app.types import Frame, Pixels
from model.closing import Closing
from model.errors import SourceError

__all__ = ["Camera", "CameraInfo", "Device", "list_cameras", "open_with_opencv"]

logger = logging.getLogger(__name__)

_RETRY_S = 0.01  # between two attempts on a device that has no picture yet


class Camera(Closing):
    """A camera or a network stream as a live :class:`app.types.Source`; ``time_s`` is when a picture arrived."""

    live = True
    frame_count = None
    loss = None

    def __init__(
        self,
        spec: int | str,
        *,
        width: int = 1280,
        height: int = 720,
        fps: float = 30.0,
        patience_s: float = 5.0,
        open_device: Callable[[int | str], Device] = open_with_opencv,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], object] | None = None,
    ) -> None:
        """Open the device and wait for its first picture.

        Args:
            spec: an index (0 or "0"), a device path ("/dev/video0") or a URL ("rtsp://…", "http://…").
            width: asked for, in pixels; a camera that cannot gives its nearest.
            height: asked for, in pixels.
            fps: asked for.
            patience_s: so many seconds without a picture are a failure.
            open_device: opens what ``spec`` names.
            clock: monotonic seconds.
            wait: sleeps for so many seconds; by default no longer than until the camera is closed.

        Raises:
            SourceError: the device is absent, busy or forbidden, or gives no picture.
        """
        text = str(spec).strip()
        self._address: int | str = int(text) if text.isdecimal() else text
        self._patience_s, self._clock = patience_s, clock
        self._url_file: UrlFile | None = None
        self._node = _known(device_file(self._address))
        self._lock = threading.Lock()  # close() may come from another thread, and must not free a device being read
        self._closed = threading.Event()
        self._wait = wait if wait is not None else self._closed.wait
        self._index = 0
        try:
            self._device = open_device(self._address)
        except cv2.error:
            raise silent(self._address) from None
        try:
            if not self._device.isOpened():
                raise silent(self._address)
            if not is_url(self._address):
                self._ask(width, height, fps)
            first = self._next_picture()
            if first is None:
                raise silent(self._address)
        except BaseException:
            self._device.release()
            raise
        self._url_file = UrlFile.behind(self._device) if is_url(self._address) else None
        self.size: tuple[int, int] = (first.shape[1], first.shape[0])
        told = float(self._device.get(cv2.CAP_PROP_FPS))
        self.fps = told if 1 <= told <= 1000 else fps
        logger.info(
            "%s: asked for %dx%d at %g fps, got %dx%d at %g fps", self.name, width, height, fps, *self.size, self.fps
        )

    @property
    def name(self) -> str:
        """'camera 0', the device's path, or the URL without its password."""
        return f"camera {self._address}" if isinstance(self._address, int) else hide_password(self._address)

    def __iter__(self) -> Iterator[Frame]:
        """Yield pictures as they arrive, until closed, or until the end of a file behind a URL.

        Raises:
            SourceError: it is unplugged, or no picture has come for ``patience_s`` seconds.
        """
        while True:
            pixels = self._next_picture()
            if pixels is None:
                if self._closed.is_set() or self._ended():
                    return
                if self._gone():
                    raise SourceError(f"{self.name} is gone; plug it in again, and start again")
                raise SourceError(
                    f"{self.name} has given no picture for {self._patience_s:g} s; check its cable or connection, "
                    "close other programs that use it, and start again"
                )
            self._hold_back()
            frame = Frame(pixels=self._of_one_size(pixels), time_s=self._clock(), index=self._index)
            self._index += 1
            yield frame

    def close(self) -> None:
        """Release the device; safe to call twice, and from another thread while it is being read."""
        self._closed.set()  # before the lock: a reader that waits for a picture gives up
        with self._lock:
            self._device.release()

    def _ask(self, width: int, height: int, fps: float) -> None:
        # MJPG first: uncompressed, USB carries 1280x720 only at about 10 pictures a second.
        self._device.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        self._device.set(cv2.CAP_PROP_FRAME_WIDTH, width)
        self._device.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
        self._device.set(cv2.CAP_PROP_FPS, fps)

    def _next_picture(self) -> Pixels | None:
        """The next picture, or None when the camera is closed or unplugged, or the patience is over."""
        give_up_s = self._clock() + self._patience_s
        while not self._closed.is_set():
            with self._lock:
                if self._closed.is_set():
                    return None
                try:
                    ok, picture = self._device.read()
                except cv2.error as error:
                    logger.debug("%s: %s", self.name, error)
                    ok, picture = False, None
            if ok and picture is not None and picture.size:
                return _as_bgr(picture)
            if self._clock() >= give_up_s or self._gone() or self._ended():
                return None
            self._wait(_RETRY_S)
        return None

    def _hold_back(self) -> None:
        """Wait until a picture of a file is due; a camera's picture is, when it comes."""
        if self._url_file is None:
            return
        with self._lock:
            at_s = 0.0 if self._closed.is_set() else self._device.get(cv2.CAP_PROP_POS_MSEC) / 1000
        if (due_in_s := self._url_file.due_in_s(at_s, self._clock())) > 0:
            self._wait(due_in_s)

    def _ended(self) -> bool:
        return self._url_file is not None and self._url_file.ended

    def _gone(self) -> bool:
        """Whether the device that was opened is no longer there; another may have come in its place."""
        return self._node is not None and _known(self._node[0]) != self._node

    def _of_one_size(self, pixels: Pixels) -> Pixels:
        # A stream, and some devices, may change their size; what comes after us expects one.
        return fit(pixels, self.size)


def _known(path: Path | None) -> tuple[Path, int, int] | None:
    """A device's file and what tells it from another of the same name; None if there is none."""
    if path is None:
        return None
    try:
        found = path.stat()
    except OSError:
        return None
    return path, found.st_ino, found.st_rdev


def _as_bgr(picture: Any) -> Pixels:
    if picture.ndim == 2 or picture.shape[2] == 1:
        return cast(Pixels, cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR))
    return cast(Pixels, picture)
