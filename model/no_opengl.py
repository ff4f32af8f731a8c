"""Keep OpenGL out of a process that has no use for it."""

from __future__ import annotations

import ctypes
import os
import sys

# Where glvnd, the dispatcher of OpenGL on Linux, is told which drivers there are.
_DRIVERS = "__EGL_VENDOR_LIBRARY_FILENAMES"
_EGL_EXTENSIONS = 0x3055


def forgo_opengl() -> None:
    """Let MediaPipe find no OpenGL driver: it opens one with every detector, though it detects on the processor.

    A driver takes 60 to 110 MB. glvnd looks for drivers once in a process, so it is made to look now, while it is told
    that there are none; the environment stays as it was, for what this process may start. To be called before the
    first detector and before there are other threads. Not for the window, in which Qt may want OpenGL. Elsewhere than
    on Linux, and where there is no OpenGL, nothing happens.
    """
    if sys.platform != "linux":
        return
    try:
        library = ctypes.CDLL("libEGL.so.1")
    except OSError:
        return
    before = os.environ.get(_DRIVERS)
    os.environ[_DRIVERS] = os.devnull
    try:
        library.eglQueryString(None, _EGL_EXTENSIONS)
    except AttributeError:  # no EGL by that name
        pass
    finally:
        if before is None:
            del os.environ[_DRIVERS]
        else:
            os.environ[_DRIVERS] = before
