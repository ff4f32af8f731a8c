"""Every control of the window does what it says, seen in the pictures and files that come out."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import av
import cv2
import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from window_helpers import RecordingBridge, RecordingCamera, dialogs, labelled, run_threads

from app.gui.main_window import MainWindow, State
from app.gui.pages import Pages
from app.pipeline.calibrate import Calibration, CalibrationRun
from app.settings.people import People

OpenWindow = Callable[..., tuple[MainWindow, RecordingBridge]]
LONG_MS = 20_000


@pytest.fixture
def running(open_window: OpenWindow, qtbot: QtBot, recorder: list[RecordingCamera], tmp_path: Path):
    """Opens a window on the demo that feeds a virtual camera: (window, bridge, camera)."""

    def start(**chosen: object) -> tuple[MainWindow, RecordingBridge, RecordingCamera]:
        window, bridge = open_window(record_folder=str(tmp_path), **chosen)
        window.start_on("demo")
        window.actions_["camera"].trigger()
        qtbot.waitUntil(lambda: any(camera.frames for camera in recorder), timeout=LONG_MS)
        qtbot.waitUntil(lambda: bool(labelled(bridge)), timeout=LONG_MS)
        return window, bridge, recorder[-1]

    return start


def wait_new(qtbot: QtBot, bridge: RecordingBridge, count: int = 4) -> None:
    """Wait until ``count`` pictures have come that were sent after this call."""
    bridge.results = []
    qtbot.waitUntil(lambda: len(bridge.results) >= count, timeout=LONG_MS)


def test_paused_reading_sends_plain_pictures_without_a_badge(running, qtbot: QtBot) -> None:
    window, bridge, camera = running()
    window.actions_["pause"].trigger()
    qtbot.waitUntil(lambda: bridge.results[-1].readings == (), timeout=LONG_MS)
    wait_new(qtbot, bridge)
    result = bridge.results[-1]
    assert result.readings == ()
    assert np.array_equal(result.drawn, result.frame.pixels)
    qtbot.waitUntil(
        lambda: any(np.array_equal(camera.frames[-1], kept.frame.pixels[:, :, ::-1]) for kept in bridge.results)
    )
    window.actions_["pause"].trigger()
    qtbot.waitUntil(lambda: bool(bridge.results[-1].readings), timeout=LONG_MS)


def test_a_hidden_overlay_leaves_the_badge_for_the_others(running, qtbot: QtBot) -> None:
    window, bridge, camera = running()
    window.actions_["hide"].trigger()
    qtbot.waitUntil(lambda: np.array_equal(bridge.results[-1].drawn, bridge.results[-1].frame.pixels), timeout=LONG_MS)
    wait_new(qtbot, bridge, 6)
    assert bridge.results[-1].readings  # faces are still read
    plain = [kept.frame.pixels[:, :, ::-1] for kept in bridge.results]
    sent = camera.frames[-3]
    different = min(((sent != picture).any(axis=2) for picture in plain), key=np.count_nonzero)
    rows, columns = np.nonzero(different)
    assert 300 < len(rows) < 0.05 * different.size  # the badge alone
    assert np.ptp(rows) < 60
    assert np.ptp(columns) < 320


def test_frozen_calls_see_one_moment_until_it_goes_on(running, qtbot: QtBot) -> None:
    window, bridge, camera = running()
    window.actions_["freeze"].trigger()
    qtbot.waitUntil(lambda: len({id(kept.frame.pixels) for kept in bridge.results[-3:]}) == 1, timeout=LONG_MS)
    wait_new(qtbot, bridge, 10)
    assert all(np.array_equal(kept.drawn, bridge.results[0].drawn) for kept in bridge.results)
    assert np.array_equal(camera.frames[-1], camera.frames[-5])
    window.actions_["freeze"].trigger()
    qtbot.waitUntil(lambda: not np.array_equal(camera.frames[-1], camera.frames[-5]), timeout=LONG_MS)


def test_mirrors_of_the_preview_and_of_the_output_are_two(running, qtbot: QtBot) -> None:
    window, bridge, camera = running(mirror_preview=True, style="none", badge=False)
    wait_new(qtbot, bridge)
    result = bridge.results[-1]
    assert np.array_equal(result.drawn, result.frame.pixels[:, ::-1])
    plain = [kept.frame.pixels[:, :, ::-1] for kept in bridge.results]
    assert any(np.array_equal(frame, picture) for frame in camera.frames for picture in plain)
    window.panel.camera.editors["mirror_output"].widget.click()
    qtbot.waitUntil(
        lambda: any(np.array_equal(camera.frames[-1], kept.frame.pixels[:, ::-1, ::-1]) for kept in bridge.results),
        timeout=LONG_MS,
    )
    window.panel.source.editors["mirror_preview"].widget.click()
    qtbot.waitUntil(lambda: np.array_equal(bridge.results[-1].drawn, bridge.results[-1].frame.pixels), timeout=LONG_MS)


def test_the_overlay_of_choice_reaches_both_pictures(running, qtbot: QtBot) -> None:
    window, bridge, _ = running()

    def drawn() -> int:
        wait_new(qtbot, bridge)
        result = labelled(bridge)[-1]
        return int((result.drawn != result.frame.pixels).any(axis=2).sum())

    style = window.panel.overlay.editors["style"].widget
    areas = {}
    for name in ("Nothing", "Label only", "Box and label", "All eight scores"):
        style.setCurrentText(name)
        style.activated.emit(style.currentIndex())
        areas[name] = drawn()
    assert list(areas.values()) == sorted(areas.values())
    assert areas["Nothing"] == 0
    assert window.keeper.settings.style == "bars"


def test_a_snapshot_is_what_others_see(running, qtbot: QtBot, tmp_path: Path) -> None:
    window, _bridge, camera = running()
    window.actions_["snapshot"].trigger()
    qtbot.waitUntil(lambda: bool(list(tmp_path.glob("*.png"))), timeout=LONG_MS)
    (file,) = tmp_path.glob("*.png")
    qtbot.waitUntil(lambda: str(file) in window.statusBar().currentMessage(), timeout=LONG_MS)
    picture = cv2.imread(str(file))
    assert picture.shape == (480, 640, 3)
    assert any(np.array_equal(picture[:, :, ::-1], frame) for frame in camera.frames)


def test_a_recording_has_video_and_table_and_is_only_made_when_pressed(running, qtbot: QtBot, tmp_path: Path) -> None:
    window, _bridge, _ = running()
    assert not list(tmp_path.iterdir())
    window.actions_["record"].trigger()
    qtbot.waitUntil(
        lambda: "● Recording 0:0" in window.status_text and "GB left" in window.status_text, timeout=LONG_MS
    )
    qtbot.waitUntil(lambda: "Recording 0:01" in window.status_text, timeout=LONG_MS)
    window.actions_["record"].trigger()
    qtbot.waitUntil(lambda: "Recorded 0:01" in window.statusBar().currentMessage(), timeout=LONG_MS)
    assert "●" not in window.status_text
    (video,), (table,) = tmp_path.glob("*.mp4"), tmp_path.glob("*.csv")
    with av.open(str(video)) as container:
        frames = [frame.time for frame in container.decode(video=0)]
    assert 20 < len(frames) < 90
    assert 0.8 < frames[-1] - frames[0] < 3.5
    with table.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert {row["label"] for row in rows} <= {"happiness", "surprise", "neutral", "fear", "anger"}
    assert len(rows) > 15
    assert window.state is State.RUNNING


def test_stopping_finishes_the_recording(running, qtbot: QtBot, tmp_path: Path) -> None:
    window, bridge, _ = running()
    window.actions_["record"].trigger()
    qtbot.waitUntil(lambda: "● Recording" in window.status_text, timeout=LONG_MS)
    wait_new(qtbot, bridge, 8)
    window.stop()
    qtbot.waitUntil(lambda: not window.actions_["record"].isChecked(), timeout=LONG_MS)
    (video,) = tmp_path.glob("*.mp4")
    with av.open(str(video)) as container:
        assert sum(1 for _ in container.decode(video=0)) > 0


def test_a_disk_that_fills_up_ends_the_recording_with_words_and_the_call_goes_on(
    running, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = [10**12]
    monkeypatch.setattr("app.sinks.disk_space.shutil.disk_usage", lambda _: SimpleNamespace(free=room[0]))
    window, bridge, camera = running()
    window.actions_["record"].trigger()
    qtbot.waitUntil(lambda: "● Recording" in window.status_text, timeout=LONG_MS)
    wait_new(qtbot, bridge, 8)
    room[0] = 10_000_000
    qtbot.waitUntil(lambda: not window.actions_["record"].isChecked(), timeout=LONG_MS)
    message = window.statusBar().currentMessage()
    assert "MB" in message
    assert "Recorded 0:0" in message
    (video,) = tmp_path.glob("*.mp4")
    with av.open(str(video)) as container:
        assert sum(1 for _ in container.decode(video=0)) > 0
    sent = camera.sent
    qtbot.waitUntil(lambda: camera.sent > sent + 5, timeout=LONG_MS)


def test_a_model_swapped_for_a_broken_file_is_told_and_the_one_before_goes_on(
    running, qtbot: QtBot, tmp_path: Path
) -> None:
    window, bridge, _ = running()
    before = window.keeper.settings.model
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"no model")
    window.keeper.set("model", str(broken))
    qtbot.waitUntil(lambda: bool(dialogs(window)), timeout=LONG_MS)
    (dialog,) = dialogs(window)
    assert "the one before goes on" in dialog.text()
    assert window.keeper.settings.model == before
    assert window.panel.reading.editors["model"].value == before
    dialog.accept()
    wait_new(qtbot, bridge)
    assert labelled(bridge)


def test_another_model_reads_on_without_a_stop(running, qtbot: QtBot) -> None:
    window, bridge, _ = running()
    index = bridge.results[-1].frame.index
    window.keeper.set("model", "new-base-int8")
    qtbot.waitUntil(lambda: "new-base" in window.status_text, timeout=LONG_MS)
    wait_new(qtbot, bridge)
    assert labelled(bridge)
    assert bridge.results[-1].frame.index > index  # the same run


def test_an_expression_that_is_not_sure_enough_is_not_named(running, qtbot: QtBot) -> None:
    window, bridge, _ = running()
    window.keeper.set("min_confidence", 0.95)
    bridge.results = []
    qtbot.waitUntil(
        lambda: any(not reading.sure for kept in bridge.results for reading in kept.readings), timeout=LONG_MS
    )


def test_calibration_measures_keeps_and_applies(
    running, qtbot: QtBot, own_settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, _, _ = running()
    monkeypatch.setattr("PyQt5.QtWidgets.QInputDialog.getText", lambda *_: ("Ada", True))
    states = []
    window.bridge.calibration.connect(states.append)
    window.panel.reading.calibrate.click()
    qtbot.waitUntil(lambda: bool(states) and states[-1].done, timeout=LONG_MS)
    assert [state.progress for state in states] == sorted(state.progress for state in states)
    # The demo smiles: that is no neutral face, and the words say so.
    assert "neutral" in states[-1].words
    assert window.panel.reading.words.text() == states[-1].words
    assert window.keeper.settings.person == ""


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A calibration that looks for half as long, where what comes of it is under test."""
    monkeypatch.setitem(CalibrationRun.__init__.__kwdefaults__, "seconds", 1.5)


@pytest.mark.usefixtures("soon")
def test_a_calibration_is_kept_chosen_and_forgotten(
    running, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, own_settings: Path
) -> None:
    bias = np.zeros(8, np.float32)
    result = Calibration(bias=bias, model="compact", samples=90)
    monkeypatch.setattr("app.pipeline.calibrate.CalibrationRun.result", lambda _: result)  # the demo is not neutral
    window, _, _ = running()
    people = People()
    pages = Pages(window, people)
    reading = window.panel.reading
    assert not reading.people.isVisible()
    reading.calibration_wanted.emit("Ada")
    qtbot.waitUntil(lambda: window.keeper.settings.person == "Ada", timeout=LONG_MS)
    assert people.names() == ["Ada"]
    assert (reading.people.isVisible(), reading.people.currentText()) == (True, "Calibrated to Ada")
    runner = window.bridge._session._runner
    assert runner.pipeline.calibration is result
    reading.people.activated.emit(0)
    qtbot.waitUntil(lambda: runner.pipeline.calibration is None, timeout=LONG_MS)
    reading.people.activated.emit(1)
    qtbot.waitUntil(lambda: runner.pipeline.calibration is not None, timeout=LONG_MS)
    page = pages.settings()
    assert page.people is not None
    page.people._forget("Ada")
    page.close()
    assert people.names() == []
    assert window.keeper.settings.person == ""
    qtbot.waitUntil(lambda: runner.pipeline.calibration is None and not reading.people.isVisible(), timeout=LONG_MS)


@pytest.mark.usefixtures("soon")
def test_a_calibration_that_does_not_come_off_leaves_the_one_before(running, qtbot: QtBot, own_settings: Path) -> None:
    People().save("Ada", Calibration(bias=np.zeros(8, np.float32), model="compact", samples=90))
    window, _, _ = running(person="Ada")
    runner = window.bridge._session._runner
    before = runner.pipeline.calibration
    assert before is not None
    states = []
    window.bridge.calibration.connect(states.append)
    window.panel.reading.calibration_wanted.emit("Ada")
    qtbot.waitUntil(lambda: bool(states) and states[-1].done, timeout=LONG_MS)
    assert "neutral" in states[-1].words  # the demo smiles
    assert runner.pipeline.calibration is before


def test_a_window_that_is_closed_in_the_middle_of_everything_leaves_no_thread(
    running, qtbot: QtBot, tmp_path: Path
) -> None:
    window, bridge, camera = running()
    window.actions_["record"].trigger()
    window.panel.reading.calibration_wanted.emit("Ada")
    qtbot.waitUntil(lambda: "● Recording" in window.status_text, timeout=LONG_MS)
    wait_new(qtbot, bridge, 8)
    window.close()
    assert bridge.join(10)
    assert camera.closed
    assert not run_threads()
    (video,) = tmp_path.glob("*.mp4")
    with av.open(str(video)) as container:
        assert sum(1 for _ in container.decode(video=0)) > 0
