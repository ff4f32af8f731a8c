"""The pages beside the window: first page, virtual camera, diagnosis, model card."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QApplication, QDialog, QLabel
from pytestqt.qtbot import QtBot

from app.doctor import Check
from app.gui import background
from app.gui.camera_help_page import CameraHelpPage
from app.gui.diagnose import DiagnosePage
from app.gui.model_card_dialog import ModelCardDialog, figure_in_words
from app.gui.welcome import WelcomePage
from app.gui.welcome_text import INTRODUCTION, PARAGRAPHS
from model.card import ModelCard


def words_of(dialog: QDialog) -> list[str]:
    return [label.text() for label in dialog.findChildren(QLabel) if label.text()]


def test_every_sentence_of_the_first_page_stands_in_the_document(project_root: Path) -> None:
    document = (project_root / "docs" / "responsible-use.md").read_text(encoding="utf-8")
    plain = re.sub(r"\s+", " ", re.sub(r" \((?:[^()]|\([^()]*\))*\)", "", document).replace("*", ""))
    texts = [INTRODUCTION, *(part for paragraph in PARAGRAPHS for part in paragraph)]
    sentences = [sentence for text in texts for sentence in re.split(r"(?<=\.) ", text)]
    assert len(sentences) > 10
    assert [sentence for sentence in sentences if sentence not in plain] == []


def test_the_first_page_says_all_of_it_and_answers_once(qtbot: QtBot) -> None:
    page = WelcomePage()
    qtbot.addWidget(page)
    page.show()
    assert set(words_of(page)) >= {INTRODUCTION, *(part for paragraph in PARAGRAPHS for part in paragraph)}
    answers: list[bool] = []
    page.answered.connect(answers.append)
    qtbot.keyClick(page, Qt.Key.Key_Return)  # the button that starts the camera is the one that Return presses
    assert (answers, page.isVisible()) == ([True], False)


def test_the_camera_need_not_be_started_and_closing_is_no_answer(qtbot: QtBot) -> None:
    page = WelcomePage()
    qtbot.addWidget(page)
    page.show()
    answers: list[bool] = []
    page.answered.connect(answers.append)
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert (answers, page.isVisible()) == ([], False)
    page.show()
    page.without.click()
    assert answers == [False]


def test_read_again_it_only_closes(qtbot: QtBot) -> None:
    page = WelcomePage(again=True)
    qtbot.addWidget(page)
    page.show()
    assert [button.isVisible() for button in (page.start, page.without, page.close_button)] == [False, False, True]
    page.close_button.click()
    assert not page.isVisible()


@dataclass(frozen=True)
class Step:
    text: str
    command: str = ""


@dataclass(frozen=True)
class Help:
    title: str
    why: str
    steps: tuple[Step, ...]


HELP = Help(
    "Get one", "There is none.", (Step("Load it.", "sudo modprobe it name='a b'"), Step("Restart <b>Zoom</b>."))
)


def test_each_command_can_be_copied_and_steps_are_numbered(qtbot: QtBot) -> None:
    page = CameraHelpPage(HELP)
    qtbot.addWidget(page)
    page.show()
    assert {"Get one", "There is none.", "1.", "Load it.", "2.", "Restart <b>Zoom</b>."} <= set(words_of(page))
    (field,) = page.commands
    field.copy.click()
    assert QApplication.clipboard().text() == "sudo modprobe it name='a b'"
    assert (field.copy.text(), field.words.text()) == ("Copied", "sudo modprobe it name='a b'")
    assert field.words.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByKeyboard
    qtbot.waitUntil(lambda: field.copy.text() == "Copy", timeout=3000)


def test_checking_again_asks_once_until_there_is_an_answer(qtbot: QtBot) -> None:
    page = CameraHelpPage(HELP)
    qtbot.addWidget(page)
    page.show()
    asked: list[None] = []
    page.check_again.connect(lambda: asked.append(None))
    page.again.click()
    page.again.click()
    assert (len(asked), page.again.isEnabled()) == (1, False)
    page.show_help(Help("Nearly", "One step is left.", (Step("Say it.", "true"),)))
    page.show_state("Still none")
    assert page.again.isEnabled()
    assert "Still none" in words_of(page)
    qtbot.waitUntil(lambda: "There is none." not in words_of(page))
    assert [field.words.text() for field in page.commands] == ["true"]


CHECKS = [
    Check(name="Python", state="ok", detail="3.11 in /home/anna/.venv"),
    Check(name="Models", state="fail", detail="none", cure="install affectcam again"),
    Check(name="Cameras", state="warn", detail="none found", cure="plug one in"),
]


def test_the_checks_run_beside_the_window_and_are_listed(qtbot: QtBot) -> None:
    may_end, threads = threading.Event(), []

    def look() -> list[Check]:
        threads.append(threading.current_thread())
        assert may_end.wait(5)
        return CHECKS

    page = DiagnosePage(look)
    qtbot.addWidget(page)
    page.show()
    page.check()
    page.check()  # nothing happens while it looks
    assert page.summary.text() == "Looking at this machine…"
    assert not page.again.isEnabled()
    may_end.set()
    qtbot.waitUntil(lambda: page.checks == tuple(CHECKS))
    assert len(threads) == 1
    assert threads[0] is not threading.main_thread()
    assert page.summary.text() == "1 thing does not work"
    for check in CHECKS:
        assert check.name in words_of(page)
        assert check.detail in words_of(page)
    assert "To do: install affectcam again" in words_of(page)
    page.copy.click()
    report = QApplication.clipboard().text()
    assert "FAIL  Models: none" in report
    assert "anna" not in report


@pytest.mark.parametrize(
    ("states", "words"),
    [
        (["ok", "ok"], "Everything works"),
        (["ok", "warn"], "1 thing is worth a look"),
        (["warn", "warn"], "2 things are worth a look"),
        (["fail", "warn", "fail"], "2 things do not work"),
    ],
)
def test_the_worst_of_it_is_the_title(qtbot: QtBot, states: list, words: str) -> None:
    page = DiagnosePage(list)
    qtbot.addWidget(page)
    page.show_checks([Check(name=str(place), state=state, detail="x") for place, state in enumerate(states)])
    assert page.summary.text() == words


def test_a_look_that_breaks_is_said_and_can_be_repeated(qtbot: QtBot) -> None:
    def look() -> list[Check]:
        raise RuntimeError("libGL.so.1\nis missing")

    page = DiagnosePage(look)
    qtbot.addWidget(page)
    page.check()
    qtbot.waitUntil(lambda: page.again.isEnabled())
    assert page.checks[0].detail == "libGL.so.1 is missing"


@pytest.mark.parametrize("breaks", [False, True])
def test_a_page_that_goes_while_it_looks_leaves_no_thread_and_no_error(qtbot: QtBot, breaks: bool) -> None:
    may_end = threading.Event()

    def look() -> list[Check]:
        assert may_end.wait(5)
        if breaks:
            raise RuntimeError("nobody wants to know")
        return CHECKS

    page = DiagnosePage(look)
    page.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    page.show()
    page.check()
    with qtbot.waitSignal(page.destroyed):
        page.close()
    assert not background.wait(0)  # the program's end would wait
    may_end.set()
    assert background.wait(5)


CARD = ModelCard(
    name="wide",
    architecture="compact",
    input_size=48,
    colour="gray",
    mean=(0.5,),
    std=(0.25,),
    data="FER+ <training> split",
    licence="GPL-3.0-or-later",
    figures={"valid accuracy": 0.8478, "test mean_recall": 0.5, "valid lost": -0.03},
    commands={"valid accuracy": "python -m training.run evaluate"},
)


def test_the_card_says_data_figures_licence_labels_and_sizes(qtbot: QtBot) -> None:
    dialog = ModelCardDialog(CARD, provider="CPUExecutionProvider", file_bytes=5_130_937)
    qtbot.addWidget(dialog)
    words = words_of(dialog)
    assert {"wide", "FER+ <training> split", "GPL-3.0-or-later", "84.8 %", "50.0 %", "-0.03"} <= set(words)
    assert "neutral, happiness, sadness, surprise, fear, disgust, anger, contempt" in words
    assert "compact  ·  grey pictures of 48 × 48  ·  fp32  ·  5.1 MB  ·  runs on CPU" in words
    assert "Measured with: python -m training.run evaluate" in words
    assert "Notes" not in words  # the card has none


def test_figures_that_nobody_foresaw_keep_their_names() -> None:
    assert figure_in_words("valid accuracy", 0.8478) == ("Read right, in validation", "84.8 %")
    assert figure_in_words("seconds", 12.5) == ("seconds", "12.5")


def test_a_card_without_figures_says_so(qtbot: QtBot) -> None:
    dialog = ModelCardDialog(ModelCard(name="x", architecture="x", input_size=48, colour="gray", mean=(0.5,), std=(1,)))
    qtbot.addWidget(dialog)
    assert "The card gives no figures." in words_of(dialog)
