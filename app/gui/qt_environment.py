"""The one place that undoes what OpenCV does to Qt's environment."""

from __future__ import annotations

import os


def free_qt_from_opencv() -> None:
    """Give Qt its own plugins and fonts again; call before the ``QApplication`` is made."""
    # On Linux `import cv2` points Qt at the plugins and fonts of the Qt inside OpenCV's wheel, in which PyQt5 finds no
    # platform and aborts: Could not load the Qt platform plugin "xcb" (opencv-python#736). It does so on its first
    # import only, which is therefore made sure of here: nothing that comes later can bring them back.
    import cv2  # noqa: F401

    for name in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):
        os.environ.pop(name, None)
