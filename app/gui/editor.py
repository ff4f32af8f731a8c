"""Editor: what all editors of settings have in common."""

from __future__ import annotations

from typing import Any

from PyQt5.QtCore import QObject, pyqtSignal
from PyQt5.QtWidgets import QLabel, QWidget

from app.settings.setting import Setting

from .translate import tr


class Editor(QObject):
    """Edits one setting.

    ``widget`` goes into a layout; ``label`` is the text beside it, with its mnemonic (of a check box it is its own);
    ``focus_widget`` takes the keyboard, and is the label's buddy.
    """

    changed = pyqtSignal(object)  # the new value, by the user only

    def __init__(self, row: Setting, widget: QWidget, focus_widget: QWidget | None = None) -> None:
        super().__init__(widget)
        self.row, self.widget, self.focus_widget = row, widget, focus_widget or widget
        self.label = tr(row.label)
        for each in {widget, self.focus_widget}:
            each.setToolTip(tr(row.help))
        self.focus_widget.setAccessibleName(self.label.replace("&", ""))
        self.focus_widget.setAccessibleDescription(tr(row.help))

    @property
    def value(self) -> Any:
        """What is chosen now."""
        raise NotImplementedError

    def set_value(self, value: Any) -> None:
        """Show a value, without telling it back."""
        raise NotImplementedError

    def make_label(self) -> QLabel:
        """The label for beside it, whose mnemonic leads here."""
        label = QLabel(self.label)
        label.setBuddy(self.focus_widget)
        label.setToolTip(self.widget.toolTip())
        return label
