"""The first start, and what is remembered for the next."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PyQt5.QtCore import QTimer
from PyQt5.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from window_helpers import dialogs

from app.gui.application import run_window
from app.gui.main_window import MainWindow, State
from app.gui.welcome import WelcomePage
from app.settings import Settings, Store


def with_window(qapp: QApplication, steps: list[Callable[[MainWindow], bool]]) -> None:
    """While the window runs, do the steps one after the other, each again until it is done; then quit."""
    waiting = list(steps)

    def look() -> None:
        windows = [each for each in qapp.topLevelWidgets() if isinstance(each, MainWindow) and not each._ended]
        if not windows:
            return
        if waiting and waiting[0](windows[0]):
            waiting.pop(0)
        if not waiting:
            timer.stop()
            windows[0].actions_["quit"].trigger()

    timer = QTimer(qapp)
    timer.timeout.connect(look)
    timer.start(30)
    QTimer.singleShot(60_000, qapp.quit)
    run_window(demo=True) if not steps else run_window()
    timer.stop()
    assert not waiting, "it did not come so far"


@pytest.fixture(autouse=True)
def one_camera_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.capture.cameras.list_cameras", list)


def page(window: MainWindow) -> WelcomePage | None:
    return next((each for each in window.findChildren(WelcomePage) if each.isVisible()), None)


def test_the_first_start_shows_its_page_and_touches_no_camera_before_the_answer(
    qtbot: QtBot, qapp: QApplication, own_settings: Path
) -> None:
    seen: list[State] = []

    def read(window: MainWindow) -> bool:
        welcome = page(window)
        if welcome is None:
            return False
        seen.append(window.state)
        if len(seen) < 10:
            return False
        assert "No camera was found" not in window.view.words
        welcome.start.click()
        return True

    with_window(qapp, [read, lambda window: "No camera was found" in window.view.words])
    assert set(seen) == {State.STOPPED}
    assert Store(own_settings).load() == (Settings(welcomed=True), [])


def test_the_second_start_shows_no_page_and_has_what_was_chosen(
    qtbot: QtBot, qapp: QApplication, own_settings: Path
) -> None:
    Store(own_settings).save(Settings(welcomed=True, style="emoji", theme="dark"))

    def look(window: MainWindow) -> bool:
        assert page(window) is None
        assert window.panel.overlay.editors["style"].value == "emoji"
        window.keeper.set("faces", "all")
        return "No camera was found" in window.view.words

    with_window(qapp, [look])
    assert Store(own_settings).load()[0] == Settings(welcomed=True, style="emoji", theme="dark", faces="all")


def test_damaged_settings_are_set_aside_with_a_message(qtbot: QtBot, qapp: QApplication, own_settings: Path) -> None:
    values = {**replace(Settings(), welcomed=True).to_dict(), "style": "loud", "colour": "red"}
    (own_settings / "settings.json").write_text(json.dumps(values), encoding="utf-8")
    told: list[str] = []

    def look(window: MainWindow) -> bool:
        told.extend(box.text() for box in dialogs(window))
        return bool(told)

    with_window(qapp, [look])
    assert "style is 'loud'" in told[0]
    assert "'colour' is not known" in told[0]
    assert json.loads((own_settings / "settings.1.aside.json").read_text())["colour"] == "red"


def test_what_a_start_was_told_holds_for_it_alone(qtbot: QtBot, qapp: QApplication, own_settings: Path) -> None:
    store = Store(own_settings)
    store.save(Settings(welcomed=True))
    steps = iter(range(2))

    def look(window: MainWindow) -> bool:
        assert window.keeper.settings.smoothing_s == 1.5
        window.keeper.set("text_scale", 1.5)
        return next(steps) == 1

    timer = QTimer(qapp)

    def tick() -> None:
        windows = [each for each in qapp.topLevelWidgets() if isinstance(each, MainWindow) and not each._ended]
        if windows and look(windows[0]):
            timer.stop()
            windows[0].actions_["quit"].trigger()

    timer.timeout.connect(tick)
    timer.start(50)
    run_window(chosen={"smoothing_s": 1.5})
    assert store.load()[0] == Settings(welcomed=True, text_scale=1.5)


def test_the_settings_can_be_reset_from_the_command_line(project_root: Path, own_settings: Path) -> None:
    Store(own_settings).save(Settings(welcomed=True, style="emoji"))
    done = subprocess.run(
        [sys.executable, "-m", "app", "--reset-settings", "--demo", "--seconds", "0.2"],
        cwd=project_root,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert f"back to the defaults; the file is kept as {own_settings / 'settings.1.aside.json'}" in done.stderr
    assert Store(own_settings).load()[0] == Settings()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--faces", "mine"], "error: --faces is 'mine', expected one of main, all"),
        (["--smoothing", "nan"], "error: --smoothing is nan, expected a number"),
        (["--camera-backend", "zoom"], "error: --camera-backend is 'zoom', expected one of"),
    ],
)
def test_wrong_words_are_one_line(project_root: Path, words: list[str], message: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app", *words], cwd=project_root, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2
    assert done.stderr.startswith(message)
    assert done.stderr.count("\n") == 1
