"""A model's card as a page: what it learned from, how well it reads, and under which licence."""

from __future__ import annotations

from PyQt5.QtCore import Qt
from PyQt5.QtGui import QPalette
from PyQt5.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from model.card import LOST_TO_INT8, ModelCard

from .dialog_parts import MARGIN, close_button, heading, paragraph, scrolled, secondary, title
from .translate import mark, number, tr

#: Measures that people ask about, in words; others are shown by the name that the card gives them.
_MEASURES = {
    "accuracy": mark("Read right"),
    "mean_recall": mark("Read right, each expression counting alike"),
    "macro_f1": mark("F1, each expression counting alike"),
    "calibration_error": mark("Its confidence is off by"),
}
_SPLITS = {"valid": mark("in validation"), "test": mark("in the test"), "train": mark("in training")}
_CHANNELS = {"gray": mark("grey"), "bgr": mark("colour"), "rgb": mark("colour")}


class ModelCardDialog(QDialog):
    """Shows one card."""

    def __init__(
        self, card: ModelCard, parent: QWidget | None = None, *, provider: str = "", file_bytes: int | None = None
    ) -> None:
        """Make the page.

        Args:
            card: what the model says of itself.
            parent: the window.
            provider: what it really runs on, if it runs.
            file_bytes: how large its file is.
        """
        super().__init__(parent)
        self.setWindowTitle(tr("Model card"))
        self.resize(620, 600)
        page = QWidget()
        self._column = QVBoxLayout(page)
        self._column.setContentsMargins(0, 0, 8, 0)
        self._column.setSpacing(4)
        self._column.addWidget(title(card.name))
        self._column.addWidget(secondary(_facts(card, provider, file_bytes)))
        self._section(tr("How well it reads"))
        self._figures(card)
        self._section(tr("What it learned from"), card.data)
        self._section(tr("Labels"), ", ".join(tr(label) for label in card.labels))
        origin = tr("learned by the network") if card.valence_arousal == "learned" else tr("derived from the scores")
        self._section(tr("Valence and arousal"), origin)
        self._section(tr("Licence"), card.licence)
        self._section(tr("Notes"), card.notes)
        self._section(tr("Made with"), card.made_with)
        self._column.addStretch(1)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(close_button(self, default=True))
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, 14)
        column.addWidget(scrolled(page), 1)
        column.addLayout(buttons)

    def _section(self, name: str, text: str | None = None) -> None:
        if text == "":
            return  # the card does not say
        self._column.addSpacing(12)
        self._column.addWidget(heading(name))
        if text is not None:
            self._column.addWidget(paragraph(text))

    def _figures(self, card: ModelCard) -> None:
        if not card.figures:
            self._column.addWidget(paragraph(tr("The card gives no figures.")))
            return
        grid = QGridLayout()
        grid.setColumnStretch(0, 1)
        grid.setVerticalSpacing(4)
        shown = {key: value for key, value in card.figures.items() if not key.endswith(LOST_TO_INT8)}
        for place, (key, value) in enumerate(shown.items()):
            name, figure = figure_in_words(key, value)
            number = QLabel(figure)
            number.setAlignment(Qt.AlignmentFlag.AlignRight)
            words = paragraph(name)
            words.setToolTip(card.commands.get(key, ""))
            grid.addWidget(words, place, 0)
            grid.addWidget(number, place, 1)
        self._column.addLayout(grid)
        commands = sorted(set(card.commands.values()))
        if commands:
            measured = paragraph(tr("Measured with: {command}").format(command="\n".join(commands)))
            measured.setForegroundRole(QPalette.PlaceholderText)
            self._column.addSpacing(4)
            self._column.addWidget(measured)


def figure_in_words(key: str, value: float) -> tuple[str, str]:
    """A figure's name and value for people: ``("valid accuracy", 0.85)`` -> ``("… in validation", "85.0 %")``."""
    split, _, measure = key.partition(" ")
    if split not in _SPLITS or measure not in _MEASURES:
        return key, f"{value:g}"
    return f"{tr(_MEASURES[measure])}, {tr(_SPLITS[split])}", f"{number(100 * value, 1)} %"


def _facts(card: ModelCard, provider: str, file_bytes: int | None) -> str:
    side = card.input_size
    facts = [tr("{kind} pictures of {side} × {side}").format(kind=tr(_CHANNELS[card.colour]), side=side)]
    if card.architecture != card.name:
        facts.insert(0, card.architecture)
    facts.append(card.precision)
    if file_bytes is not None:
        facts.append(f"{number(file_bytes / 1e6, 1)} MB")
    if provider:
        facts.append(tr("runs on {provider}").format(provider=provider.removesuffix("ExecutionProvider")))
    if card.created:
        facts.append(card.created)
    return "  ·  ".join(facts)
