"""One word from the user -> a source."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from app.capture.camera import Camera
from app.capture.demo import DemoClip, open_demo
from app.capture.paced import Paced
from app.capture.trouble import is_url
from app.capture.video_file import VideoFile
from app.span import Span
from app.types import Source
from model.errors import ConfigError, SourceError

_DEVICE = re.compile(r"^/dev/(video\d+|v4l/.+)$")


def open_source(
    spec: str | int | Path, *, width: int = 1280, height: int = 720, fps: float = 30.0, live: bool = False
) -> Source:
    """Open what ``spec`` names.

    Args:
        spec: "demo"; a camera's index, device path or URL; or a video file's path (or file:// URL). A file that is
            called ``demo`` or ``0`` is reached as ``./demo`` or ``./0``.
        width: asked of a camera, in pixels.
        height: asked of a camera, in pixels.
        fps: asked of a camera.
        live: play files and the demo in real time, as if they were cameras; the demo again and again.

    Raises:
        SourceError: it is missing, busy, forbidden or no video.
    """
    text = str(spec).strip()
    if not text:
        raise SourceError("the source has no name; give a camera's number, a file, a URL or 'demo'")
    if text == "demo" and not isinstance(spec, Path):
        return Paced(open_demo, loop=True) if live else open_demo()
    if is_camera(spec):
        return Camera(text, width=width, height=height, fps=fps)
    path = _path(spec)
    return Paced(lambda: VideoFile(path), loop=False) if live else VideoFile(path)


def open_part(spec: str | Path, *, every: int, span: Span | None) -> VideoFile:
    """Open a part of a file or of the demo, or each N-th frame of it; ``spec`` as in :func:`open_source`.

    Raises:
        ConfigError: it is a camera, of which there is no part.
        SourceError: it is missing or no video, or the part is empty.
    """
    if not isinstance(spec, Path) and spec.strip() == "demo":
        return DemoClip(every=every, span=span)
    if is_camera(spec):
        raise ConfigError(f"{spec} is a camera or a stream; only a file can be read in part")
    return VideoFile(_path(spec), every=every, span=span)


def is_still(source: Source) -> bool:
    """Whether it is a single picture, as a photograph."""
    return isinstance(source, VideoFile) and source.still


def is_camera(spec: str | int | Path) -> bool:
    """Whether :func:`open_source` takes ``spec`` for a camera or a network stream, not for a file or the demo."""
    text = str(spec).strip()
    if isinstance(spec, Path) or text.lower().startswith("file://"):
        return False
    return text.isdecimal() or _DEVICE.match(text) is not None or is_url(text)


def _path(spec: str | int | Path) -> Path:
    if isinstance(spec, Path):
        return spec
    text = str(spec).strip()
    return Path(url2pathname(urlsplit(text).path)) if text.lower().startswith("file://") else Path(text)
