"""The list of shortcuts."""

from __future__ import annotations

from PyQt5.QtCore import Qt
from PyQt5.QtGui import QKeySequence
from PyQt5.QtWidgets import QAction, QDialog, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from .dialog_parts import MARGIN, close_button, heading, scrolled, secondary, title
from .translate import tr


class ShortcutsDialog(QDialog):
    """Shows what each shortcut does, as the actions have them."""

    def __init__(self, actions: dict[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Shortcuts"))
        self.resize(560, 540)
        page = QWidget()
        grid = QGridLayout(page)
        grid.setContentsMargins(0, 0, 8, 0)
        grid.setColumnStretch(1, 1)
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(0)
        for action in actions.values():
            if action.shortcut().isEmpty():
                continue
            place = grid.rowCount()
            grid.addWidget(_key(action.shortcut()), place, 0, 2, 1, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(heading(action.text().replace("&", "").rstrip("…")), place, 1)
            grid.addWidget(secondary(action.statusTip()), place + 1, 1)
            grid.setRowMinimumHeight(place + 2, 6)
        grid.setRowStretch(grid.rowCount(), 1)
        buttons = QHBoxLayout()
        buttons.addWidget(secondary(tr("They work while the window has the focus; the tray has the same.")), 1)
        buttons.addWidget(close_button(self, default=True))
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN - 4, MARGIN, 14)
        column.setSpacing(12)
        column.addWidget(title(tr("Shortcuts")))
        column.addWidget(scrolled(page), 1)
        column.addLayout(buttons)


def _key(shortcut: QKeySequence) -> QLabel:
    label = QLabel(shortcut.toString(QKeySequence.NativeText))
    label.setObjectName("key")
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return label
