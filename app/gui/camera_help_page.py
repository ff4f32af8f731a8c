"""How to get a virtual camera on this system, step by step, with the commands to copy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from .dialog_parts import MARGIN, CommandField, close_button, heading, paragraph, scrolled, secondary, title
from .translate import tr


class Step(Protocol):
    """One thing to do."""

    @property
    def text(self) -> str:
        """In words."""

    @property
    def command(self) -> str:
        """What to type into a terminal; empty where there is nothing to type."""


class CameraHelp(Protocol):
    """How to get a virtual camera, as :func:`app.sinks.camera_help.camera_help` says."""

    @property
    def title(self) -> str:
        """What is to be got."""

    @property
    def why(self) -> str:
        """Why there is none yet."""

    @property
    def steps(self) -> Sequence[Step]:
        """In their order."""


class CameraHelpPage(QDialog):
    """Numbered steps, and a button that looks again."""

    check_again = pyqtSignal()

    def __init__(self, help: CameraHelp, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Virtual camera"))
        self.resize(660, 480)
        self.commands: list[CommandField] = []
        self._state = secondary("")
        self._state.setAccessibleName(tr("State of the virtual camera"))
        self.again = QPushButton(tr("Check &again"))
        self.again.setDefault(True)
        self.again.clicked.connect(self._check)
        buttons = QHBoxLayout()
        buttons.addWidget(self._state, 1)
        buttons.addWidget(close_button(self))
        buttons.addWidget(self.again)
        self._room = QVBoxLayout()
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, 14)
        column.setSpacing(12)
        column.addLayout(self._room, 1)
        column.addLayout(buttons)
        self.show_help(help)

    def show_help(self, help: CameraHelp) -> None:
        """Show what is to be done now, which may differ after a step has been done."""
        while (item := self._room.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        self.commands = []
        self._room.addWidget(scrolled(self._page(help)))

    def show_state(self, words: str) -> None:
        """Show how the look came out."""
        self._state.setText(words)
        self.again.setEnabled(True)

    def _page(self, help: CameraHelp) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(6)
        column.addWidget(title(tr(help.title)))
        column.addWidget(paragraph(tr(help.why)))
        column.addSpacing(10)
        for number, step in enumerate(help.steps, start=1):
            line = QHBoxLayout()
            place = QLabel(f"{number}.")
            place.setFont(heading("").font())
            line.addWidget(place, 0, Qt.AlignmentFlag.AlignTop)
            line.addWidget(paragraph(tr(step.text)), 1)
            column.addLayout(line)
            if step.command:
                field = CommandField(step.command)
                field.words.setAccessibleName(tr("Command of step {number}").format(number=number))
                self.commands.append(field)
                column.addWidget(field)
            column.addSpacing(8)
        column.addStretch(1)
        return page

    def _check(self) -> None:
        self.again.setEnabled(False)
        self._state.setText(tr("Looking…"))
        self.check_again.emit()
