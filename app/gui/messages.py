"""Short messages and questions over a window, which never make the program wait."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QMessageBox, QWidget


def warn(parent: QWidget, title: str, text: str) -> None:
    """Show a message that may hold a path or an error's words."""
    box = _box(parent, QMessageBox.Warning, title, text)
    box.addButton(QMessageBox.Ok)
    box.open()


def ask(parent: QWidget, title: str, text: str, yes: str, act: Callable[[], None]) -> None:
    """Ask whether to do something that cannot be undone; ``act`` is called if the user presses ``yes``."""
    box = _box(parent, QMessageBox.Question, title, text)
    button = box.addButton(yes, QMessageBox.AcceptRole)
    assert button is not None
    button.clicked.connect(lambda: act())
    box.setDefaultButton(box.addButton(QMessageBox.Cancel))
    box.open()


def _box(parent: QWidget, icon: QMessageBox.Icon, title: str, text: str) -> QMessageBox:
    box = QMessageBox(parent)
    box.setIcon(icon)
    box.setWindowTitle(title)
    box.setTextFormat(Qt.TextFormat.PlainText)  # a path may hold what looks like HTML
    box.setText(text)
    box.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return box
