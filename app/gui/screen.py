"""Whether a window can open here, asked before Qt is: Qt ends the whole program when it cannot reach a screen."""

from __future__ import annotations

import ctypes
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from model.errors import AffectcamError

_INSTEAD = "use `python -m app overlay` or `python -m app classify`, which need none"
_ATTEMPTS, _PAUSE_S = 4, 0.1


@contextmanager
def reached_screen() -> Iterator[None]:
    """Make sure that Qt can open a window; make the ``QApplication`` inside.

    Raises:
        AffectcamError: there is no screen, it cannot be reached, or a system library that Qt needs is missing.
    """
    with ExitStack() as held:
        display = _display()
        if display is not None:
            _load_platform()
            # Held until Qt has a connection of its own: a bare X server (Xvfb) starts over when its last client
            # leaves, and refuses whoever comes at that moment; Qt would then abort.
            held.callback(_connect(display))
        yield


def _display() -> str | None:
    """The X display that Qt will open; None where it takes another kind of screen."""
    if sys.platform in ("win32", "darwin"):
        return None
    platform = os.environ.get("QT_QPA_PLATFORM", "").split(":")[0].split(";")[0]
    if platform not in ("", "xcb"):
        return None  # off screen, Wayland, a frame buffer: asked for by name
    display, wayland = os.environ.get("DISPLAY"), os.environ.get("WAYLAND_DISPLAY")
    if not display and (platform == "xcb" or not wayland):
        raise AffectcamError(f"no screen: DISPLAY is not set; {_INSTEAD}")
    return None if wayland else display


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


def _connect(display: str) -> Callable[[], None]:
    """Connect to the X server, so that address, socket and permission are known to be right.

    Returns:
        What hangs up again.
    """
    try:
        xcb = ctypes.CDLL("libxcb.so.1")  # Qt's platform, loaded before, needs it too
    except OSError:
        return lambda: None
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    for _ in range(_ATTEMPTS):
        connection = xcb.xcb_connect(os.fsencode(display), None)
        if not xcb.xcb_connection_has_error(connection):
            return lambda: xcb.xcb_disconnect(connection)
        xcb.xcb_disconnect(connection)
        time.sleep(_PAUSE_S)  # it may be starting over because its last client has left
    raise AffectcamError(f"no screen: DISPLAY={display} cannot be reached; check it, or {_INSTEAD}")
