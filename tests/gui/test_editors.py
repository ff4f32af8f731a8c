"""Editors: each row of the table gets one that shows, takes and tells what the row allows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PyQt5.QtCore import QPoint, QPointF, Qt
from PyQt5.QtGui import QWheelEvent
from PyQt5.QtWidgets import QApplication, QCheckBox, QComboBox, QLineEdit, QPushButton, QSlider, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from app.gui.editors import Editor, editor_for
from app.settings import Settings
from app.settings.setting import Setting

ROWS = [row for row in Settings.rows() if row.group.value]


def made(qtbot: QtBot, row: Setting | str) -> tuple[Editor, list[Any]]:
    editor = editor_for(Settings.row(row) if isinstance(row, str) else row)
    qtbot.addWidget(editor.widget)
    told: list[Any] = []
    editor.changed.connect(told.append)
    return editor, told


def values_of(row: Setting) -> list[Any]:
    if row.kind is bool:
        return [True, False]
    if row.choices:
        return [value for value, _ in row.choices]
    if row.kind is str:
        return ["", "/somewhere/else"]
    assert row.least is not None
    assert row.most is not None
    return [row.kind(row.least), row.kind(row.most), row.default]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_an_editor_shows_every_value_of_its_row_and_tells_none_of_them(qtbot: QtBot, row: Setting) -> None:
    editor, told = made(qtbot, row)
    assert editor.value == row.default
    for value in values_of(row):
        editor.set_value(value)
        assert editor.value == value
        assert type(editor.value) is row.kind
        assert row.problem(editor.value) is None
    assert told == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_an_editor_says_what_it_is_to_everybody(qtbot: QtBot, row: Setting) -> None:
    editor, _ = made(qtbot, row)
    name = row.label.replace("&", "")
    assert (editor.widget.toolTip(), editor.focus_widget.accessibleName()) == (row.help, name)
    parts = [] if isinstance(editor.widget, QComboBox) else editor.widget.findChildren(QWidget)  # its list is its own
    reached = [each for each in [editor.widget, *parts] if _takes_tab(each)]
    assert reached
    assert all(each.accessibleName() for each in reached)
    if not isinstance(editor.widget, QCheckBox):
        label = editor.make_label()
        qtbot.addWidget(label)
        assert (label.text(), label.buddy()) == (row.label, editor.focus_widget)


def _takes_tab(widget: QWidget) -> bool:
    inside = isinstance(widget.parentWidget(), QSpinBox) or widget.objectName() == "qt_spinbox_lineedit"
    return not inside and bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)


def test_a_box_tells_when_it_is_clicked(qtbot: QtBot) -> None:
    editor, told = made(qtbot, "badge")
    editor.widget.show()
    assert isinstance(editor.widget, QCheckBox)
    editor.widget.click()
    assert told == [False]


def test_a_choice_tells_its_value_not_its_label(qtbot: QtBot) -> None:
    editor, told = made(qtbot, "style")
    combo = editor.widget
    assert isinstance(combo, QComboBox)
    qtbot.keyClick(combo, Qt.Key.Key_Down)
    assert told == ["bars"]
    assert combo.currentText() == "All eight scores"
    combo.activated.emit(combo.currentIndex())  # the same once more is no news
    assert told == ["bars"]


def test_a_share_is_shown_in_per_cent_by_slider_and_field_alike(qtbot: QtBot) -> None:
    editor, told = made(qtbot, "min_confidence")
    slider, spin = editor.widget.findChild(QSlider), editor.focus_widget
    assert isinstance(spin, QSpinBox)
    assert spin.text() == "35 %"
    slider.setValue(slider.maximum())
    assert (told[-1], spin.value()) == (0.95, 95)
    qtbot.keyClick(spin, Qt.Key.Key_Down)
    assert told[-1] == pytest.approx(0.90)
    assert slider.value() == pytest.approx(0.90 / 0.95 * slider.maximum(), abs=1)


def test_a_number_of_seconds_keeps_its_decimals(qtbot: QtBot) -> None:
    editor, told = made(qtbot, "smoothing_s")
    spin = editor.focus_widget
    spin.selectAll()
    qtbot.keyClicks(spin, "1.25")
    assert told == []  # not while it is being written
    qtbot.keyClick(spin, Qt.Key.Key_Return)
    assert told == [1.25]
    assert spin.text() == "1.25 s"


def test_a_whole_number_has_a_field_alone(qtbot: QtBot) -> None:
    editor, told = made(qtbot, "capture_fps")
    assert isinstance(editor.widget, QSpinBox)
    assert editor.widget.text() == "30 frames/s"
    qtbot.keyClick(editor.widget, Qt.Key.Key_Up)
    assert told == [31]


def test_a_text_is_told_when_it_is_finished_and_only_if_it_is_another(qtbot: QtBot) -> None:
    editor, told = made(qtbot, "camera_device")
    qtbot.keyClicks(editor.focus_widget, " /dev/video10 ")
    assert told == []
    qtbot.keyClick(editor.focus_widget, Qt.Key.Key_Return)
    qtbot.keyClick(editor.focus_widget, Qt.Key.Key_Return)
    assert told == ["/dev/video10"]


def test_a_folder_is_chosen_in_a_dialog(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    answers = ["", str(tmp_path)]
    monkeypatch.setattr("PyQt5.QtWidgets.QFileDialog.getExistingDirectory", lambda *_: answers.pop(0))
    editor, told = made(qtbot, "record_folder")
    browse = editor.widget.findChild(QPushButton)
    browse.click()  # given up
    assert told == []
    browse.click()
    assert told == [str(tmp_path)]
    assert editor.widget.findChild(QLineEdit).text() == str(tmp_path)


def test_a_model_is_an_installed_one_or_a_file(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "compact.onnx").touch()
    (tmp_path / "wide.onnx").touch()
    monkeypatch.setattr("model.paths.models_folder", lambda: tmp_path)
    mine = str(tmp_path / "mine" / "my.onnx")
    answers = ["", mine]
    monkeypatch.setattr("PyQt5.QtWidgets.QFileDialog.getOpenFileName", lambda *_: (answers.pop(0), ""))
    editor, told = made(qtbot, "model")
    combo = editor.widget
    assert isinstance(combo, QComboBox)
    assert [combo.itemText(place) for place in range(combo.count())] == ["compact", "wide", "", "Another file…"]
    ask = combo.count() - 1
    combo.setCurrentIndex(ask)
    combo.activated.emit(ask)  # given up
    assert (told, editor.value, combo.currentText()) == ([], "compact", "compact")
    combo.setCurrentIndex(ask)
    combo.activated.emit(ask)
    assert (told, editor.value, combo.currentText()) == ([mine], mine, "my.onnx")


@pytest.mark.parametrize("name", ["style", "min_confidence", "smoothing_s", "capture_fps"])
def test_the_wheel_changes_nothing_in_passing(qtbot: QtBot, name: str) -> None:
    editor, told = made(qtbot, name)
    editor.widget.show()
    for widget in {editor.focus_widget, *editor.widget.findChildren(QSlider)}:
        widget.clearFocus()
        turn = QWheelEvent(
            QPointF(5, 5), QPointF(5, 5), QPoint(0, 0), QPoint(0, 240), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(widget, turn)
        assert not turn.isAccepted()
    assert told == []


def test_each_installed_network_is_offered_once_whichever_of_its_files_is_run(qtbot: QtBot) -> None:
    editor, _ = made(qtbot, "model")
    assert isinstance(editor.focus_widget, QComboBox)
    offered = [editor.focus_widget.itemText(place) for place in range(editor.focus_widget.count())]
    assert [name for name in offered if name] == ["compact", "new-base", "Another file…"]
    editor.set_value("compact-int8")  # from a settings file: shown as it is
    assert editor.value == "compact-int8"
