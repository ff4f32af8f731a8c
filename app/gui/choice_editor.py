"""The editor for one of a few."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QFileDialog

from app.settings.setting import Setting

from .calm_inputs import CalmComboBox
from .editor import Editor
from .translate import tr

_ASK_FOR_FILE = object()  # the data of the entry that opens the file dialog


class ChoiceEditor(Editor):
    """One of a few; for a model also a file."""

    def __init__(self, row: Setting, choices: Sequence[tuple[str, str]], *, ask_for_file: bool = False) -> None:
        self._combo = CalmComboBox()
        super().__init__(row, self._combo)
        for value, label in choices:
            self._combo.addItem(tr(label), value)
        if ask_for_file:
            self._combo.insertSeparator(self._combo.count())
            self._combo.addItem(tr("Another file…"), _ASK_FOR_FILE)
        self._shown = self._combo.currentIndex()
        self._combo.activated.connect(self._activated)
        self.set_value(row.default)

    @property
    def value(self) -> str:
        """The chosen value, not its label."""
        return str(self._combo.itemData(self._shown))

    def set_value(self, value: Any) -> None:
        """Choose ``value``; one that is not in the list, a model's file, is added."""
        place = self._combo.findData(value)
        if place < 0:
            self._combo.insertItem(0, Path(str(value)).name or str(value), value)
            self._combo.setItemData(0, str(value), Qt.ItemDataRole.ToolTipRole)
            place = 0
        self._shown = place
        self._combo.setCurrentIndex(place)

    def _activated(self, place: int) -> None:
        value = self._combo.itemData(place)
        if value is _ASK_FOR_FILE:
            value, _ = QFileDialog.getOpenFileName(
                self.widget, tr("Choose a model"), str(Path.home()), f"{tr('Models')} (*.onnx)"
            )
        if not value or value == self.value:
            self._combo.setCurrentIndex(self._shown)
            return
        self.set_value(value)
        self.changed.emit(value)
