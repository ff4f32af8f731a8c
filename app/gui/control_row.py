"""The row of buttons below the preview, for what is done in the middle of a call."""

from __future__ import annotations

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QAction, QHBoxLayout, QToolButton, QWidget

#: From the left; after the empty name come those at the right end.
_SHOWN = ("pause", "hide", "freeze", "snapshot", "record", "", "camera")


class ControlRow(QWidget):
    """A button for each of a few actions."""

    def __init__(self, actions: dict[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self.buttons: dict[str, QToolButton] = {}
        for name in _SHOWN:
            if not name:
                row.addStretch(1)
                continue
            button = QToolButton()
            button.setDefaultAction(actions[name])
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.setAccessibleName(actions[name].text().replace("&", ""))
            button.setMinimumHeight(30)
            row.addWidget(button)
            self.buttons[name] = button
