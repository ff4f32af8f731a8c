"""Whether a window can open here, asked before Qt is: Qt ends the whole program when it cannot reach a screen."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import sys
from pathlib import Path

from model.errors import AffectcamError

_INSTEAD = "use `python -m app overlay` or `python -m app classify`, which need none"


def require_screen() -> None:
    """Return if Qt can open a window.

    Raises:
        AffectcamError: there is no screen, it cannot be reached, or a system library that Qt needs is missing.
    """
    if sys.platform in ("win32", "darwin"):
        return
    platform = os.environ.get("QT_QPA_PLATFORM", "").split(":")[0].split(";")[0]
    if platform not in ("", "xcb"):
        return  # off screen, Wayland, a frame buffer: asked for by name
    display, wayland = os.environ.get("DISPLAY"), os.environ.get("WAYLAND_DISPLAY")
    if not display and (platform == "xcb" or not wayland):
        raise AffectcamError(f"no screen: DISPLAY is not set; {_INSTEAD}")
    if display and not wayland:
        _load_platform()
        _connect(display)


def _load_platform() -> None:
    """Load Qt's X11 platform as Qt would; the loader, unlike Qt, says which library is missing."""
    import PyQt5.QtCore

    file = Path(PyQt5.QtCore.__file__).parent / "Qt5" / "plugins" / "platforms" / "libqxcb.so"
    if not file.exists():
        return  # a distribution's own PyQt5, whose packages bring what it needs
    try:
        ctypes.CDLL(str(file))
    except OSError as error:
        raise AffectcamError(
            f"the window needs a system library ({error}); the README's table of system packages has its name, "
            f"or {_INSTEAD}"
        ) from None


def _connect(display: str) -> None:
    """Connect to the X server: address, socket and permission are then known to be right."""
    name = ctypes.util.find_library("xcb")
    if name is None:
        return
    xcb = ctypes.CDLL(name)
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(os.fsencode(display), None)
    if xcb.xcb_connection_has_error(connection):
        xcb.xcb_disconnect(connection)
        raise AffectcamError(f"no screen: DISPLAY={display} cannot be reached; check it, or {_INSTEAD}")
    # The line is held until the program ends: a server without other clients, as xvfb-run's, resets itself when the
    # last one hangs up, and while it does so it turns Qt away (seen).
