"""The window's words in other languages: complete, with the same placeholders, and as they are in the file for Qt."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
from PyQt5.QtCore import QCoreApplication, QLocale, QTranslator
from PyQt5.QtWidgets import QApplication, QMainWindow
from pytestqt.qtbot import QtBot

from app.gui import translate
from app.gui.actions import make_actions
from app.gui.camera_help_page import CameraHelpPage
from app.gui.chart import Chart
from app.gui.diagnose import DiagnosePage
from app.gui.editors import editor_for
from app.gui.model_card_dialog import figure_in_words
from app.gui.settings_dialog import SettingsDialog
from app.gui.shortcuts_dialog import ShortcutsDialog
from app.gui.tray import Tray
from app.gui.welcome import WelcomePage
from app.settings import Settings, Store
from app.settings.setting import Group
from app.sinks.camera_help import camera_help

COMMAND = "python scripts/make_translations.py"


@pytest.fixture(scope="session")
def tool(project_root: Path) -> ModuleType:
    path = project_root / "scripts" / "make_translations.py"
    if not path.exists():
        pytest.skip("not a clone: the scripts are missing")
    spec = importlib.util.spec_from_file_location("make_translations", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_translations"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session", params=["de"])
def translations(tool: ModuleType, request: pytest.FixtureRequest) -> dict[str, str]:
    return tool.read(tool.FOLDER / f"affectcam_{request.param}.ts")


@pytest.fixture
def german(qapp: QApplication) -> Iterator[None]:
    before = QLocale()
    assert translate.install(qapp, "de") == "de"
    yield
    translate.install(qapp, "en")
    QLocale.setDefault(before)


def test_every_text_has_a_translation(tool: ModuleType, translations: dict[str, str]) -> None:
    texts = tool.collect()
    assert len(texts) > 200
    missing = {text: place for text, place in texts.items() if not translations.get(text)}
    assert not missing, f"run `{COMMAND}`, then translate in assets/translations and run it again: {missing}"


def test_placeholders_lines_and_mnemonics_match(translations: dict[str, str]) -> None:
    for text, translation in translations.items():
        assert sorted(re.findall(r"\{\w+\}", text)) == sorted(re.findall(r"\{\w+\}", translation)), text
        assert text.count("\n") == translation.count("\n"), text
        assert len(re.findall(r"&\w", text)) == len(re.findall(r"&\w", translation)), text
        assert text.endswith("…") == translation.endswith("…"), text
        assert text.strip() == text
        assert translation.strip() == translation


@pytest.mark.usefixtures("german")
def test_the_file_that_qt_reads_is_up_to_date(translations: dict[str, str]) -> None:
    old = {text: done for text, done in translations.items() if done and translate.tr(text) != done}
    assert not old, f"run `{COMMAND}`: {old}"


@pytest.mark.usefixtures("german")
def test_the_window_speaks_the_language_and_counts_in_it(qtbot: QtBot) -> None:
    editor = editor_for(Settings.row("smoothing_s"))
    qtbot.addWidget(editor.widget)
    assert editor.make_label().text() == "Glättung"
    assert editor.focus_widget.text() == "0,35 s"
    assert figure_in_words("valid accuracy", 0.8478) == ("Richtig erkannt, in der Validierung", "84,8 %")
    cancel = QCoreApplication.translate("QPlatformTheme", "Cancel")
    assert cancel == "Abbrechen"  # Qt's own words as well


def test_english_comes_back_and_a_language_that_is_missing_is_english(
    qapp: QApplication, caplog: pytest.LogCaptureFixture
) -> None:
    before = QLocale()
    assert translate.install(qapp, "de") == "de"
    assert translate.tr("Settings") == "Einstellungen"
    assert translate.install(qapp, "tlh") == "en"
    assert "'tlh'" in caplog.text
    assert translate.tr("Settings") == "Settings"
    assert translate.languages()[0] == "en"
    QLocale.setDefault(before)


@pytest.mark.parametrize(
    ("spoken", "expected"),
    [(["de-AT", "de"], "de"), (["fr-FR", "de-CH", "en"], "de"), (["en-GB", "de"], "en"), (["fr"], "en"), ([], "en")],
)
def test_the_user_s_own_language_is_taken_as_far_as_there_is_a_translation(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, spoken: list[str], expected: str
) -> None:
    class System:
        def uiLanguages(self) -> list[str]:
            return spoken

    class Locale(QLocale):
        system = staticmethod(System)

    monkeypatch.setattr(translate, "QLocale", Locale)
    assert translate._of_system() == expected


def test_every_language_that_can_be_chosen_is_there() -> None:
    offered = {value for value, _ in Settings.row("language").choices} - {"system"}
    assert offered == set(translate.languages())


class Asked(QTranslator):
    """Keeps what is asked for in our context, and knows nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: set[str] = set()

    def isEmpty(self) -> bool:
        return False

    def translate(self, context: str, text: str, disambiguation: str | None = None, n: int = -1) -> str | None:
        if context == translate.CONTEXT:
            self.texts.add(text)
        return None


def test_the_pages_ask_for_no_text_that_is_not_collected(
    tool: ModuleType, qapp: QApplication, qtbot: QtBot, tmp_path: Path
) -> None:
    asked = Asked()
    qapp.installTranslator(asked)
    try:
        window = QMainWindow()
        actions = make_actions(window)
        for widget in (
            window,
            Chart(),
            DiagnosePage(list),
            SettingsDialog(Settings(), Store(tmp_path)),
            ShortcutsDialog(actions),
            WelcomePage(),
            *(CameraHelpPage(camera_help(system)) for system in ("linux", "win32", "darwin")),
        ):
            qtbot.addWidget(widget)
            if isinstance(widget, Chart):
                widget.show_settings(replace(Settings(), chart="valence-arousal"))
            if isinstance(widget, SettingsDialog):
                for group in Group:
                    if group is not Group.HIDDEN:
                        widget.show_group(group)
        Tray(actions)
    finally:
        qapp.removeTranslator(asked)
    named_by_us = {
        "compact",
        "compact-int8",
        "new-base",
        "new-base-int8",
    }  # models, which have names and no translations
    assert len(asked.texts) > 150
    assert {text for text in asked.texts - set(tool.collect()) if re.search(r"[^\W\d_]", text)} <= named_by_us


def test_a_text_that_cannot_be_collected_is_refused(tool: ModuleType) -> None:
    import ast

    with pytest.raises(SystemExit, match="cannot be an f-string"):
        list(tool._literals(ast.parse("f'{x} faces'", mode="eval").body))


def test_merging_keeps_translations_and_marks_what_is_missing_or_gone(tool: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "affectcam_xx.ts"
    texts = {"Keep <b>": "a.py", "New & shiny\nline": "b.py"}
    tool.write(path, "xx", texts, {"Keep <b>": "Behalten ü", "Gone": "Weg"}, drop=False)
    assert tool.read(path) == {"Keep <b>": "Behalten ü", "New & shiny\nline": "", "Gone": "Weg"}
    raw = path.read_text(encoding="utf-8")
    assert 'type="vanished">Weg' in raw
    assert 'type="unfinished"' in raw
    tool.write(path, "xx", texts, tool.read(path), drop=True)
    assert "Gone" not in tool.read(path)
