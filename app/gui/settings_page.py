"""One page of the settings dialog: a group of the table, each setting with its help."""

from __future__ import annotations

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from app.settings import Settings
from app.settings.setting import Group

from .dialog_parts import MARGIN, secondary, title
from .editors import CheckEditor, Editor, editor_for
from .translate import tr


class SettingsPage(QWidget):
    """The editors of one group, below each other."""

    changed = pyqtSignal(str, object)  # a setting's name and its new value, by the user

    def __init__(self, group: Group, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editors: dict[str, Editor] = {}
        grid = self._grid = QGridLayout()
        grid.setColumnStretch(1, 1)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN - 4, MARGIN, MARGIN)
        column.setSpacing(14)
        column.addWidget(title(tr(group.value)))
        column.addLayout(grid)
        column.addStretch(1)
        for row in Settings.rows():
            if row.group is group:
                self._add(row.name)

    def show_settings(self, settings: Settings) -> None:
        """Show what is chosen, without telling it back."""
        for name, editor in self.editors.items():
            editor.set_value(getattr(settings, name))

    def _add(self, name: str) -> None:
        editor = editor_for(Settings.row(name))
        self.editors[name] = editor
        editor.changed.connect(lambda value: self.changed.emit(name, value))
        place = self._grid.rowCount()
        help_line = secondary(tr(editor.row.help))
        if isinstance(editor, CheckEditor):
            help_line.setIndent(26)  # below the text, not below the box
            self._grid.addWidget(editor.widget, place, 0, 1, 2)
            self._grid.addWidget(help_line, place + 1, 0, 1, 2)
        else:
            label = editor.make_label()
            self._grid.addWidget(label, place, 0, Qt.AlignmentFlag.AlignVCenter)
            self._grid.addWidget(editor.widget, place, 1)
            self._grid.addWidget(help_line, place + 1, 1)
        self._grid.setRowMinimumHeight(place + 2, 8)  # apart from the next
