"""Takes the README's pictures of the window, on the demo: ``docs/pictures/window-*.png``.

    PYTHONPATH=. xvfb-run -a -s "-screen 0 1600x1200x24" python scripts/make_screenshots.py

No device is needed: a stand-in takes the place of the virtual camera, so that the pictures show what is seen where one
is set up; the page about getting one is shown as Linux shows it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from app.gui.qt_environment import free_qt_from_opencv

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "pictures"
_SIZE = (1160, 800)
_LONG_MS = 21_000  # of the demo, so that the chart has something to show


class StandIn:
    """A virtual camera that nobody sees."""

    def __init__(self, **_: object) -> None:
        pass

    def send(self, frame: np.ndarray) -> None:
        """Take it."""

    def close(self) -> None:
        """End."""

    def device(self) -> str:
        """As v4l2loopback's label would be."""
        return "affectcam"

    def native_fourcc(self) -> int | None:
        """RGB as it is."""
        return None


def main() -> None:
    """Open the window twice, light and dark, and its pages; save what is seen."""
    os.environ["AFFECTCAM_HOME"] = tempfile.mkdtemp()
    free_qt_from_opencv()
    import pyvirtualcam.camera
    from PyQt5.QtCore import QEventLoop, QTimer
    from PyQt5.QtWidgets import QWidget

    from app.gui.application import make_application
    from app.gui.bridge import Bridge
    from app.gui.keeper import Keeper
    from app.gui.main_window import MainWindow
    from app.gui.pages import Pages
    from app.gui.theme import apply_theme
    from app.settings import Settings
    from app.settings.people import People
    from app.settings.setting import Group

    pyvirtualcam.camera.BACKENDS.clear()
    pyvirtualcam.register_backend("stand-in", StandIn)
    application = make_application()

    def wait(milliseconds: int) -> None:
        loop = QEventLoop()
        QTimer.singleShot(milliseconds, loop.quit)
        loop.exec_()

    def save(widget: QWidget, name: str) -> None:
        widget.grab().save(str(FOLDER / f"window-{name}.png"))
        print(f"docs/pictures/window-{name}.png")

    def on_demo(settings: Settings, then: Callable[[MainWindow, Pages], None], *, run_ms: int) -> None:
        apply_theme(application, settings.theme)
        bridge = Bridge(settings)
        window = MainWindow(bridge, Keeper(settings, None))
        pages = Pages(window, People())
        window.resize(*_SIZE)
        window.show()
        if run_ms:
            window.start_on("demo")
            bridge.switch_camera(True)
        wait(run_ms or 800)
        then(window, pages)
        window.leaving = True
        window.close()
        bridge.join(10)

    def light(window: MainWindow, pages: Pages) -> None:
        save(window, "light")
        page = pages.settings()
        page.show_group(Group.OVERLAY)
        wait(300)
        save(page, "settings")
        page.close()
        page = pages.camera_help()
        wait(300)
        save(page, "no-camera")

    def first(_: MainWindow, pages: Pages) -> None:
        page = pages.welcome()
        wait(300)
        save(page, "welcome")

    on_demo(replace(Settings(), theme="light"), light, run_ms=_LONG_MS)
    on_demo(replace(Settings(), theme="dark", style="bars"), lambda window, _: save(window, "dark"), run_ms=_LONG_MS)
    on_demo(replace(Settings(), theme="light"), first, run_ms=0)


if __name__ == "__main__":
    main()
