"""Editors for yes or no, and for text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PyQt5.QtWidgets import QCheckBox, QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget

from app.settings.setting import Setting

from .editor import Editor
from .translate import tr

#: Text rows that name a folder, and so get a button that asks for one.
FOLDERS = frozenset({"record_folder"})


class CheckEditor(Editor):
    """Yes or no."""

    def __init__(self, row: Setting) -> None:
        self._box = QCheckBox(tr(row.label))
        super().__init__(row, self._box)
        self._box.clicked.connect(lambda on: self.changed.emit(bool(on)))
        self.set_value(row.default)

    @property
    def value(self) -> bool:
        """Whether it is checked."""
        return self._box.isChecked()

    def set_value(self, value: Any) -> None:
        """Check it or not."""
        self._box.setChecked(bool(value))  # ``clicked`` is for the user alone


class TextEditor(Editor):
    """Free text, told when it is finished; for a folder with a button that asks for one."""

    def __init__(self, row: Setting) -> None:
        self._line = QLineEdit()
        self._told = ""
        super().__init__(row, QWidget() if row.name in FOLDERS else self._line, self._line)
        if self.widget is not self._line:
            layout = QHBoxLayout(self.widget)
            layout.setContentsMargins(0, 0, 0, 0)
            browse = QPushButton(tr("Browse…"))
            browse.setAccessibleName(tr("Browse for a folder"))
            browse.clicked.connect(self._browse)
            layout.addWidget(self._line, 1)
            layout.addWidget(browse)
        self._line.editingFinished.connect(self._tell)
        self.set_value(row.default)

    @property
    def value(self) -> str:
        """The text without spaces around it."""
        return self._line.text().strip()

    def set_value(self, value: Any) -> None:
        """Show a text."""
        self._told = str(value)
        if self.value != value:  # the cursor of somebody who is writing stays where it is
            self._line.setText(self._told)

    def _browse(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self.widget, tr("Choose a folder"), self.value or str(Path.home()))
        if chosen:
            self._line.setText(chosen)
            self._tell()

    def _tell(self) -> None:
        if self.value != self._told:
            self._told = self.value
            self.changed.emit(self._told)
