"""What is attached: processors, cameras, a virtual camera, a screen."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterable

from model.cores import cores

from .check import Check

_TRY_WINDOW = "from PyQt5.QtWidgets import QApplication; print(QApplication([]).platformName())"
_TRY_WINDOW_SECONDS = 20.0
# Set by `import cv2` on Linux to its own Qt, in which PyQt5 finds no platform; a child must not inherit them.
_OPENCV_QT = ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR")


def look_at_processors() -> Iterable[Check]:
    """How many processors this program may use."""
    count = cores()
    yield Check(
        name="Processors",
        state="ok" if count > 1 else "warn",
        detail=str(count),
        cure="" if count > 1 else "live labels lag on a single processor; files are read all the same",
    )


def look_at_cameras() -> Iterable[Check]:
    """The cameras that the system lists, and whether this user may open them."""
    from app.capture.cameras import list_cameras

    cameras = list_cameras()
    if not cameras:
        cure = "plug one in, or take a video file or the demo as source"
        yield Check(name="Cameras", state="warn", detail="none found", cure=cure)
    for camera in cameras:
        where = camera.path or camera.backend
        shut = where.startswith("/dev/") and not os.access(where, os.R_OK | os.W_OK)
        yield Check(
            name=f"Camera {camera.index}",
            state="warn" if shut else "ok",
            detail=f"{camera.name} ({where})" + (", which this user may not open" if shut else ""),
            cure="sudo usermod -aG video $USER, then log in again" if shut else "",
        )


def look_at_virtual_camera() -> Iterable[Check]:
    """Whether a virtual camera is there, in the words of the sink, which end with the cure for this system."""
    from app.sinks.virtual_camera import available, list_backends

    there, words = available()
    detail, _, cure = words.partition("; to get one: ")
    if there and "PipeWire" not in detail and "pipewire" in list_backends():
        detail += "; or in PipeWire, with --camera-backend pipewire"
    yield Check(name="Virtual camera", state="ok" if there else "warn", detail=detail, cure=cure)


def look_at_window() -> Iterable[Check]:
    """Whether a window can open, tried in a process of its own: PyQt5 is never imported into this one."""
    if importlib.util.find_spec("PyQt5") is None:
        yield Check(name="Window", state="warn", detail="PyQt5 is not installed", cure="pip install PyQt5")
    elif not has_screen():
        detail = "no screen: neither DISPLAY nor WAYLAND_DISPLAY is set"
        cure = "classify and overlay work without one; the window needs a desktop"
        yield Check(name="Window", state="warn", detail=detail, cure=cure)
    else:
        opens, words = try_window()
        yield Check(
            name="Window",
            state="ok" if opens else "fail",
            detail=f"opens on {words}" if opens else f"Qt cannot open one: {words}",
            cure="" if opens else "see the README's table of system packages; classify and overlay work without",
        )


def has_screen() -> bool:
    """Whether there is a screen to open a window on: always on Windows and macOS, with X11 or Wayland elsewhere."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def try_window() -> tuple[bool, str]:
    """Start Qt in a process of its own: (whether it came up, its platform's name or its first words of complaint)."""
    environment = {name: value for name, value in os.environ.items() if name not in _OPENCV_QT}
    try:
        done = subprocess.run(
            [sys.executable, "-c", _TRY_WINDOW],
            capture_output=True,
            text=True,
            env=environment,
            timeout=_TRY_WINDOW_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return False, f"no answer within {_TRY_WINDOW_SECONDS:g} s"
    lines = [line.strip() for line in (done.stdout + done.stderr).splitlines() if "XDG_RUNTIME_DIR" not in line]
    said = [line for line in lines if line]
    return done.returncode == 0, said[0] if said else f"it ended with code {done.returncode}"
