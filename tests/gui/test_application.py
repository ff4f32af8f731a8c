"""How the program around the window begins and ends: screens, OpenCV's Qt, signals, the time to close."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt5.QtCore import QTimer
from PyQt5.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from window_helpers import dialogs

from app.gui.application import run_window
from app.gui.main_window import MainWindow
from app.gui.screen import reached_screen
from model.errors import AffectcamError

UNREACHABLE = ":4321"


@pytest.fixture
def x_server() -> str:
    """The address of an X server; pytest-xvfb starts one where Xvfb is installed."""
    display = os.environ.get("DISPLAY")
    if sys.platform != "linux" or not display:
        pytest.skip("needs an X server: install xvfb")
    return display


def python(program: str, project_root: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=project_root,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_window_opens_on_a_real_screen_although_opencv_came_first(project_root: Path, x_server: str) -> None:
    program = """
import cv2, os
assert "cv2" in os.environ["QT_QPA_PLATFORM_PLUGIN_PATH"]
from app.gui.qt_environment import free_qt_from_opencv
free_qt_from_opencv()
assert not {"QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"} & set(os.environ)
from PyQt5.QtWidgets import QApplication, QLabel
application = QApplication([])
label = QLabel("hello")
label.show()
application.processEvents()
print(application.platformName(), label.isVisible())
"""
    done = python(program, project_root, QT_QPA_PLATFORM="xcb")
    assert done.stdout.split() == ["xcb", "True"], done.stderr


def test_the_whole_program_shows_the_demo_on_a_real_screen(project_root: Path, x_server: str, model_file: Path) -> None:
    words = ["--demo", "--seconds", "1", "--model", str(model_file)]
    done = subprocess.run(
        [sys.executable, "-m", "app", *words],
        cwd=project_root,
        env={**os.environ, "QT_QPA_PLATFORM": "xcb"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert "Traceback" not in done.stderr


def with_screen() -> None:
    with reached_screen():
        pass


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a screen")
class TestScreen:
    def test_none_at_all_is_an_error_that_names_the_commands_without_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
            monkeypatch.delenv(name, raising=False)
        with pytest.raises(AffectcamError, match=r"no screen: DISPLAY is not set; use `python -m app overlay`"):
            with_screen()

    def test_one_that_cannot_be_reached_is_an_error_and_no_abort(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
        monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
        monkeypatch.setenv("DISPLAY", UNREACHABLE)
        with pytest.raises(AffectcamError, match=f"DISPLAY={UNREACHABLE} cannot be reached"):
            with_screen()

    def test_a_missing_system_library_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def missing(path: str) -> None:
            raise OSError("libxcb-icccm.so.4: cannot open shared object file")

        monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
        monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
        monkeypatch.setenv("DISPLAY", ":0")
        monkeypatch.setattr("ctypes.CDLL", missing)
        with pytest.raises(AffectcamError, match=r"needs a system library \(libxcb-icccm"):
            with_screen()

    def test_off_screen_needs_none(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("DISPLAY", raising=False)
        monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
        with_screen()

    def test_the_x_server_of_the_tests_is_reached(self, monkeypatch: pytest.MonkeyPatch, x_server: str) -> None:
        monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
        with_screen()


def run(model_file: Path, *, source: str | None = None, demo: bool = False, seconds: float | None = None) -> int:
    return run_window(source=source, demo=demo, chosen={"model": str(model_file)}, seconds=seconds)


def our_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("affectcam")]


def test_it_closes_by_itself_and_leaves_nothing(qtbot: QtBot, qapp: QApplication, model_file: Path) -> None:
    assert run(model_file, demo=True, seconds=0.5) == 0
    assert our_threads() == []
    assert not [widget for widget in qapp.topLevelWidgets() if widget.isVisible()]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_a_kill_close_it(qtbot: QtBot, model_file: Path, number: signal.Signals) -> None:
    before = signal.getsignal(number)
    QTimer.singleShot(300, lambda: os.kill(os.getpid(), number))
    assert run(model_file, demo=True, seconds=30) == 0
    assert our_threads() == []
    assert signal.getsignal(number) is before


@pytest.fixture
def closes_on_a_dialog(qtbot: QtBot, qapp: QApplication) -> Iterator[None]:
    """The window is closed as soon as it shows a dialog, in place of waiting for its time."""

    def look() -> None:
        for window in qapp.topLevelWidgets():
            if isinstance(window, MainWindow) and dialogs(window):
                window.close()

    timer = QTimer()
    timer.timeout.connect(look)
    timer.start(20)
    yield
    timer.stop()


def test_a_failure_that_nobody_could_read_in_the_dialog_reaches_the_terminal(
    closes_on_a_dialog: None, model_file: Path
) -> None:
    with pytest.raises(AffectcamError, match=r"^no such file: no-such\.mp4; check the path$"):
        run(model_file, source="no-such.mp4", seconds=60)
    assert our_threads() == []


def test_a_model_that_does_not_exist_is_told_as_well(closes_on_a_dialog: None) -> None:
    with pytest.raises(AffectcamError, match=r"^no-such-model: no such model; installed: "):
        run(Path("no-such-model"), demo=True, seconds=60)


def test_a_mistake_of_ours_is_a_dialog_and_not_the_end(
    qtbot: QtBot, model_file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    shown: list[str] = []
    monkeypatch.setattr("app.gui.main_window.MainWindow.show_error", lambda _window, message: shown.append(message))

    def mistake() -> None:
        error = KeyError("colour")
        sys.excepthook(KeyError, error, None)  # as PyQt does for an exception in a slot

    QTimer.singleShot(100, mistake)
    assert run(model_file, demo=True, seconds=0.5) == 0
    assert shown == ["'colour'"]


def test_a_window_that_fails_to_start_leaves_neither_threads_nor_signal_handlers(
    qtbot: QtBot, model_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise AffectcamError("cannot show")

    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr("app.gui.main_window.MainWindow.start_on", fail)
    with pytest.raises(AffectcamError, match="cannot show"):
        run(model_file, demo=True, seconds=0.5)
    assert signal.getsignal(signal.SIGINT) is before
    assert our_threads() == []
