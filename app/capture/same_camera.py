"""Finds a camera again after it was unplugged: its number may then be another, and its number another's."""

from __future__ import annotations

import logging
import platform
from collections.abc import Callable, Hashable
from pathlib import Path

from app.capture.cameras import CameraInfo, list_cameras
from app.capture.glance import glance
from app.capture.trouble import is_url
from model.errors import SourceError

logger = logging.getLogger(__name__)

_TOLD = Path("/sys/class/video4linux")


def port_of(info: CameraInfo) -> str | None:
    """Where the camera is plugged in, as the system calls it; None where that is not known."""
    if platform.system() != "Linux":
        return info.path  # Windows' and macOS's own names for a device
    device = _TOLD / f"video{info.index}" / "device"
    return str(device.resolve()) if device.exists() else None


class SameCamera:
    """Remembers which camera an address means when it is made; :meth:`address` says where that one is now."""

    def __init__(
        self,
        address: int | str,
        *,
        look: Callable[[], list[CameraInfo]] = list_cameras,
        port: Callable[[CameraInfo], str | None] = port_of,
        glance: Callable[[], Hashable] = glance,
    ) -> None:
        """Look at the camera while it is there.

        Args:
            address: an index (0 or "0"), a device path or a URL.
            look: lists the cameras.
            port: where one is plugged in.
            glance: looks whether anything may have changed; None if it cannot know.
        """
        self._address = str(address).strip()
        self._look, self._port, self._glance = look, port, glance
        self._missed_at: Hashable = None  # the glance at which it was not there
        cameras = [] if is_url(self._address) else self._cameras() or []
        self._mine = next((info for info in cameras if self._address in _addresses(info)), None)
        self._my_port = None if self._mine is None else port(self._mine)
        # Where others of the same make are: one of them is not ours, although it is called the same.
        self._twins = {port(info) for info in cameras if self._is_called_so(info) and info != self._mine}

    def address(self) -> str | None:
        """The camera's address now, of the kind that was given; None while it is not plugged in.

        A camera that the system did not list in the first place is looked for where it was. The others are left alone
        while nothing changes.
        """
        now = self._glance()
        if now is not None and now == self._missed_at:
            return None
        address = self._found()
        self._missed_at = now if address is None else None
        return address

    def _found(self) -> str | None:
        cameras = self._cameras()
        if self._mine is None or cameras is None:
            return self._address
        called_so = [info for info in cameras if self._is_called_so(info)]
        at_my_port = [info for info in called_so if self._my_port is not None and self._port(info) == self._my_port]
        at_my_number = [info for info in called_so if info.index == self._mine.index]
        others = [info for info in called_so if self._port(info) not in self._twins]
        if at_my_port:
            return self._address_of(at_my_port[0])
        if at_my_number and (self._my_port is None or at_my_number[0] in others):
            return self._address_of(at_my_number[0])
        return self._address_of(others[0]) if len(others) == 1 else None

    def _address_of(self, info: CameraInfo) -> str:
        if self._address.isdecimal() or info.path is None:
            return str(info.index)
        return info.path

    def _is_called_so(self, info: CameraInfo) -> bool:
        return self._mine is not None and info.name == self._mine.name

    def _cameras(self) -> list[CameraInfo] | None:
        try:
            return self._look()
        except SourceError as error:
            logger.info("%s", error)
            return None


def _addresses(info: CameraInfo) -> set[str]:
    return {str(info.index), info.path or str(info.index)}
