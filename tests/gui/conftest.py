"""What the window's tests share."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import pyvirtualcam.camera
from pytestqt.qtbot import QtBot
from video_makers import counting_frames, write_video
from window_helpers import RecordingBridge, RecordingCamera

from app.gui.keeper import Keeper
from app.gui.main_window import MainWindow
from app.gui.qt_environment import free_qt_from_opencv
from app.settings import Settings
from model.classifier import DEFAULT_MODEL, installed_models

PATIENCE_S = 3.0
free_qt_from_opencv()  # other tests import OpenCV before the first QApplication


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Windows draw thirty pictures a second: beside other tests they are late, and so is what they wait for."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.alone)


@pytest.fixture(autouse=True)
def no_thread_left_behind() -> Iterator[None]:
    """Fails a test after which a thread still runs that did not run before: a window must end what it started."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + PATIENCE_S
    while (left := _new_threads(before)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not left, f"threads still running after the test: {', '.join(thread.name for thread in left)}"


def _new_threads(before: set[threading.Thread]) -> list[threading.Thread]:
    # A dummy thread is one that Qt or a native library made and Python only met: it cannot be joined.
    dummy = threading._DummyThread  # type: ignore[attr-defined]
    return [thread for thread in threading.enumerate() if thread not in before and not isinstance(thread, dummy)]


@pytest.fixture(scope="session")
def model_file() -> Path:
    """The model that ships; skips the test where there is none yet."""
    installed = installed_models()
    if DEFAULT_MODEL not in installed:
        pytest.skip(f"no model {DEFAULT_MODEL} is installed: train and export it first")
    return installed[DEFAULT_MODEL]


@pytest.fixture
def open_window(qtbot: QtBot, model_file: Path) -> Iterator[Callable[..., tuple[MainWindow, RecordingBridge]]]:
    """Opens windows, with settings by name, and closes them after the test."""
    opened: list[tuple[MainWindow, RecordingBridge]] = []

    def open_one(**chosen: object) -> tuple[MainWindow, RecordingBridge]:
        settings = Settings(**{"model": str(model_file), "mirror_preview": False, **chosen})
        bridge = RecordingBridge(settings)
        window = MainWindow(bridge, Keeper(settings, None))
        opened.append((window, bridge))
        qtbot.addWidget(window)
        window.show()
        return window, bridge

    yield open_one
    for window, bridge in opened:
        window.leaving = True
        window.close()
        assert bridge.join(PATIENCE_S)


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[RecordingCamera]]:
    """The virtual cameras that are opened, with what they were sent; there is no other back end."""
    monkeypatch.setattr(pyvirtualcam.camera, "BACKENDS", {})
    pyvirtualcam.register_backend("recorder", RecordingCamera)
    RecordingCamera.opened = []
    yield RecordingCamera.opened
    RecordingCamera.opened = []


@pytest.fixture(scope="session")
def short_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip of a third of a second, without a face."""
    return write_video(tmp_path_factory.mktemp("clips") / "short.mp4", counting_frames(10))
