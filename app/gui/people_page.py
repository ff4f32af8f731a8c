"""The page of the people who have calibrated: who is kept, and the button that forgets."""

from __future__ import annotations

from typing import Protocol

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QHBoxLayout, QListWidget, QPushButton, QVBoxLayout, QWidget

from model.errors import AffectcamError

from .dialog_parts import MARGIN, paragraph, title
from .messages import ask
from .translate import tr


class People(Protocol):
    """The calibrations that are kept on this machine, as :class:`app.settings.people.People` keeps them."""

    def names(self) -> list[str]:
        """Whose are kept, sorted."""

    def damaged(self) -> list[str]:
        """For each that cannot be used a line that says so."""

    def forget(self, name: str) -> None:
        """Delete one.

        Raises:
            ConfigError: it cannot be deleted.
        """


class PeoplePage(QWidget):
    """Lists the calibrations, and forgets one."""

    forgotten = pyqtSignal(str)  # a name
    failed = pyqtSignal(str)  # one line

    def __init__(self, people: People, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._people = people
        self.list = QListWidget()
        self.list.setAccessibleName(tr("People with a calibration"))
        self.list.itemSelectionChanged.connect(self._show_choice)
        self.forget = QPushButton(tr("&Forget…"))
        self.forget.setAutoDefault(False)
        self.forget.clicked.connect(self._ask)
        self._none = paragraph(tr("Nobody has calibrated yet. The button is in the group Reading of the window."))
        self._damaged = paragraph("")
        buttons = QHBoxLayout()
        buttons.addWidget(self.forget)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN - 4, MARGIN, MARGIN)
        column.setSpacing(12)
        column.addWidget(title(tr("People")))
        column.addWidget(
            paragraph(
                tr(
                    "A calibration is a few numbers that say how a face looks at rest. It is kept on this machine, "
                    "under the name that was given, until it is forgotten here."
                )
            )
        )
        column.addWidget(self._none)
        column.addWidget(self._damaged)
        column.addWidget(self.list, 1)
        column.addLayout(buttons)
        column.addStretch()
        self.refresh()

    def refresh(self) -> None:
        """Show who is kept now."""
        names = self._people.names()
        item = self.list.currentItem()
        chosen = item.text() if item is not None else ""
        self.list.clear()
        self.list.addItems(names)
        if chosen in names:
            self.list.setCurrentRow(names.index(chosen))
        damaged = self._people.damaged()
        self._damaged.setText("\n".join(damaged))
        self._damaged.setVisible(bool(damaged))
        self._none.setVisible(not names and not damaged)
        self.list.setVisible(bool(names))
        self.forget.setVisible(bool(names))
        self._show_choice()

    def _show_choice(self) -> None:
        self.forget.setEnabled(bool(self.list.selectedItems()))

    def _ask(self) -> None:
        chosen = self.list.currentItem()
        if chosen is None:
            return
        name = chosen.text()
        words = tr("Forget the calibration of {name}? It cannot be brought back.").format(name=name)
        ask(self, tr("Forget a calibration"), words, tr("&Forget"), lambda: self._forget(name))

    def _forget(self, name: str) -> None:
        try:
            self._people.forget(name)
        except AffectcamError as error:
            self.failed.emit(" ".join(str(error).split()))
        else:
            self.forgotten.emit(name)
        self.refresh()
