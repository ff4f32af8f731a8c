"""The dialog of settings: made from the table, at work at once, with profiles and people."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from PyQt5.QtWidgets import QAbstractButton, QLabel, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot
from window_helpers import dialogs

from app.gui.settings_dialog import SettingsDialog
from app.settings import Settings, Store
from app.settings.setting import Group
from model.errors import ConfigError


class KeptPeople:
    """Calibrations in a list."""

    def __init__(self, *names: str, stuck: bool = False, damaged: tuple[str, ...] = ()) -> None:
        self._names, self.stuck, self._damaged = list(names), stuck, list(damaged)

    def names(self) -> list[str]:
        return list(self._names)

    def damaged(self) -> list[str]:
        return self._damaged

    def forget(self, name: str) -> None:
        if self.stuck:
            raise ConfigError(f"cannot forget {name}: the folder is read-only")
        self._names.remove(name)


def made(
    qtbot: QtBot, folder: Path, settings: Settings | None = None, people: KeptPeople | None = None
) -> tuple[SettingsDialog, list[Settings]]:
    dialog = SettingsDialog(settings or Settings(), Store(folder), people=people)
    qtbot.addWidget(dialog)
    told: list[Settings] = []
    dialog.changed.connect(told.append)
    dialog.show()
    return dialog, told


def press(box: QMessageBox, words: str) -> None:
    buttons = [button for button in box.findChildren(QAbstractButton) if button.text().replace("&", "") == words]
    assert len(buttons) == 1
    buttons[0].click()


def test_every_setting_that_is_shown_stands_on_exactly_one_page(qtbot: QtBot, tmp_path: Path) -> None:
    dialog, _ = made(qtbot, tmp_path)
    groups = [group for group in Group if group is not Group.HIDDEN]
    shown = [name for group in groups for name in dialog.show_group(group).editors]
    assert sorted(shown) == sorted(row.name for row in Settings.rows() if row.group is not Group.HIDDEN)
    listed = [dialog.list.item(place).text() for place in range(dialog.list.count())]
    assert listed == ["Source", "Reading", "Overlay", "Virtual camera", "Recording", "Window"]


def test_it_shows_what_is_chosen_and_tells_a_change_at_once(qtbot: QtBot, tmp_path: Path) -> None:
    dialog, told = made(qtbot, tmp_path, replace(Settings(), palette="white", smoothing_s=1.5))
    assert dialog.show_group(Group.OVERLAY).editors["palette"].value == "white"
    assert dialog.show_group(Group.READING).editors["smoothing_s"].value == 1.5
    assert told == []
    dialog.show_group(Group.OVERLAY).editors["badge"].widget.click()
    assert told == [replace(Settings(), palette="white", smoothing_s=1.5, badge=False)]


def test_what_changes_elsewhere_is_shown_and_not_told_back(qtbot: QtBot, tmp_path: Path) -> None:
    dialog, told = made(qtbot, tmp_path)
    dialog.show_settings(replace(Settings(), style="emoji", source="2"))
    assert dialog.show_group(Group.OVERLAY).editors["style"].value == "emoji"
    assert told == []
    dialog.show_group(Group.OVERLAY).editors["badge"].widget.click()
    assert told[-1] == replace(Settings(), style="emoji", source="2", badge=False)  # nothing of it is lost


def test_defaults_come_back_when_asked_twice_and_what_is_not_shown_stays(qtbot: QtBot, tmp_path: Path) -> None:
    dialog, told = made(qtbot, tmp_path, replace(Settings(), theme="dark", person="Anna", welcomed=True))
    button = next(each for each in dialog.findChildren(QPushButton) if each.text() == "Restore &defaults")
    button.click()
    (question,) = dialogs(dialog)
    press(question, "Cancel")
    assert told == []
    button.click()
    (question,) = dialogs(dialog)
    press(question, "Restore")
    assert told == [replace(Settings(), person="Anna", welcomed=True)]
    assert dialog.show_group(Group.WINDOW).editors["theme"].value == "system"


def test_a_profile_goes_out_and_comes_in_again(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    profile = str(tmp_path / "mine.json")
    monkeypatch.setattr("PyQt5.QtWidgets.QFileDialog.getSaveFileName", lambda *_: (profile, ""))
    monkeypatch.setattr("PyQt5.QtWidgets.QFileDialog.getOpenFileName", lambda *_: (profile, ""))
    buttons = {"&Export profile…", "&Import profile…"}
    dialog, _ = made(qtbot, tmp_path, replace(Settings(), style="bars", person="Anna"))
    out, into = sorted(
        (each for each in dialog.findChildren(QPushButton) if each.text() in buttons), key=lambda each: each.text()
    )
    out.click()
    assert "Anna" not in Path(profile).read_text()
    dialog.show_settings(replace(Settings(), person="Jörg"))
    told: list[Settings] = []
    dialog.changed.connect(told.append)
    into.click()
    assert told == [replace(Settings(), style="bars", person="Jörg")]
    assert not dialogs(dialog)


def test_what_of_a_profile_was_set_aside_is_said(qtbot: QtBot, tmp_path: Path) -> None:
    profile = tmp_path / "odd.json"
    profile.write_text(json.dumps({"style": "bars", "smoothing_s": 99, "colour of <b>hair</b>": "red"}))
    dialog, told = made(qtbot, tmp_path)
    dialog.import_from(profile)
    assert told == [replace(Settings(), style="bars")]
    (message,) = dialogs(dialog)
    assert "smoothing_s is 99, expected 0 to 3" in message.text()
    assert "'colour of <b>hair</b>' is not known" in message.text()


def test_a_file_that_is_no_profile_changes_nothing(qtbot: QtBot, tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    dialog, told = made(qtbot, tmp_path)
    dialog.import_from(broken)
    (message,) = dialogs(dialog)
    assert "broken.json is damaged or holds no settings" in message.text()
    assert told == []


def test_a_profile_that_cannot_be_written_is_a_message(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    dialog, _ = made(qtbot, tmp_path)
    dialog.export_to(tmp_path / "file" / "mine.json")
    (message,) = dialogs(dialog)
    assert "cannot write" in message.text()


def test_a_person_is_forgotten_after_a_question_and_no_longer_applied(qtbot: QtBot, tmp_path: Path) -> None:
    people = KeptPeople("Anna", "Jörg")
    dialog, told = made(qtbot, tmp_path, replace(Settings(), person="Anna"), people)
    page = dialog.people
    assert page is not None
    assert not page.forget.isEnabled()
    page.list.setCurrentRow(0)
    page.forget.click()
    (question,) = dialogs(dialog)
    assert "Anna" in question.text()
    press(question, "Cancel")
    assert people.names() == ["Anna", "Jörg"]
    page.forget.click()
    press(dialogs(dialog)[-1], "Forget")
    assert people.names() == ["Jörg"]
    assert told == [Settings()]
    assert [page.list.item(place).text() for place in range(page.list.count())] == ["Jörg"]


def test_a_person_who_cannot_be_forgotten_stays_and_the_reason_is_said(qtbot: QtBot, tmp_path: Path) -> None:
    dialog, told = made(qtbot, tmp_path, people=KeptPeople("Anna", stuck=True))
    assert dialog.people is not None
    dialog.people.list.setCurrentRow(0)
    dialog.people.forget.click()
    press(dialogs(dialog)[-1], "Forget")
    assert any("the folder is read-only" in box.text() for box in dialogs(dialog))
    assert told == []
    assert dialog.people.list.count() == 1


def test_a_calibration_that_is_damaged_is_named(qtbot: QtBot, tmp_path: Path) -> None:
    line = "calibration: me.json is damaged; calibrate again"
    dialog, _ = made(qtbot, tmp_path, people=KeptPeople(damaged=(line,)))
    assert dialog.people is not None
    assert line in [label.text() for label in dialog.people.findChildren(QLabel)]
