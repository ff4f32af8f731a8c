"""Which cameras there are, by name."""

from __future__ import annotations

import platform
from dataclasses import dataclass

import cv2
import cv2_enumerate_cameras

from model.errors import SourceError

#: OpenCV's back ends for cameras on this system, in the order in which they are tried. DirectShow before Media
#: Foundation: it opens at once, where the other takes up to minutes (opencv#17687), and it shows virtual cameras.
BACKENDS: tuple[int, ...] = {
    "Linux": (cv2.CAP_V4L2,),
    "Windows": (cv2.CAP_DSHOW, cv2.CAP_MSMF),
    "Darwin": (cv2.CAP_AVFOUNDATION,),
}.get(platform.system(), (cv2.CAP_ANY,))


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraInfo:
    """One camera of this machine."""

    index: int  # what to give as a source
    name: str  # as its maker calls it
    path: str | None  # /dev/video0 on Linux; the system's own name for it elsewhere, or None
    backend: str  # OpenCV's name of the back end for which the index holds


def list_cameras() -> list[CameraInfo]:
    """The cameras of this machine, ordered by index; empty where there are none.

    Raises:
        SourceError: the system does not let us ask.
    """
    backend = BACKENDS[0]
    try:
        found = cv2_enumerate_cameras.enumerate_cameras(backend)
        name = cv2.videoio_registry.getBackendName(backend)
    except Exception as error:  # ctypes and COM raise whatever they like
        raise SourceError(f"cannot list the cameras of this machine: {error}; name one by its number") from error
    infos = [
        CameraInfo(index=info.index, name=info.name or f"camera {info.index}", path=info.path or None, backend=name)
        for info in found
    ]
    return sorted(infos, key=lambda info: info.index)


def cameras_in_words() -> str:
    """The cameras of this machine as the end of a sentence, for messages: 'cameras here: 0 (HD Webcam)'."""
    try:
        infos = list_cameras()
    except SourceError:
        return "`affectcam doctor` shows what is there"
    if not infos:
        return "no camera was found on this machine; plug one in, or give a video file or 'demo'"
    return "cameras here: " + ", ".join(f"{info.index} ({info.name})" for info in infos)
