"""The one place that undoes what OpenCV does to Qt's environment."""

from __future__ import annotations

import os
from pathlib import Path

# On Linux `import cv2` points Qt at the plugins and fonts of the Qt inside OpenCV's wheel, in which PyQt5 finds no
# platform and aborts: Could not load the Qt platform plugin "xcb" (opencv-python#736). OpenCV sets them once, on its
# first import, so it is imported here; nothing that comes later can bring them back.
_SET_BY_OPENCV = ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR")


def free_qt_from_opencv() -> None:
    """Give Qt its own plugins and fonts again; call before the ``QApplication`` is made.

    What the user set stays as it is.
    """
    users = {name: os.environ.get(name) for name in _SET_BY_OPENCV}
    import cv2

    for name in _SET_BY_OPENCV:
        value = users[name]
        if value is not None and not _within(value, cv2.__file__):
            os.environ[name] = value
        else:
            os.environ.pop(name, None)


def _within(path: str, package_file: str) -> bool:
    """Whether ``path`` lies in the package of ``package_file``: set by an earlier import of OpenCV."""
    return Path(package_file).resolve().parent in Path(path).resolve().parents
