"""What the pages beside the window are put together from."""

from __future__ import annotations

from PyQt5.QtCore import Qt, QTimer
from PyQt5.QtGui import QFont, QFontDatabase, QGuiApplication, QPalette
from PyQt5.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QWidget,
)

from .translate import tr

MARGIN = 20  # pixels around a page
_COPIED_MS = 1500


def title(text: str) -> QLabel:
    """The title of a page."""
    label = _words(text)
    font = QFont(label.font())
    font.setPointSizeF(font.pointSizeF() * 1.45)
    font.setWeight(QFont.DemiBold)
    label.setFont(font)
    return label


def heading(text: str) -> QLabel:
    """The heading of a paragraph."""
    label = _words(text)
    font = QFont(label.font())
    font.setWeight(QFont.DemiBold)
    label.setFont(font)
    return label


def paragraph(text: str) -> QLabel:
    """A paragraph; plain text, which can be selected with the mouse."""
    label = _words(text)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def secondary(text: str) -> QLabel:
    """Words of less weight: a help below what it is about."""
    label = _words(text)
    label.setForegroundRole(QPalette.PlaceholderText)
    font = QFont(label.font())
    font.setPointSizeF(font.pointSizeF() * 0.92)
    label.setFont(font)
    return label


def scrolled(widget: QWidget) -> QScrollArea:
    """A widget with a vertical scroll bar where there is too little room."""
    area = QScrollArea()
    area.setWidget(widget)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    viewport = area.viewport()
    assert viewport is not None
    viewport.setAutoFillBackground(False)
    widget.setAutoFillBackground(False)
    return area


def close_button(dialog: QDialog, *, default: bool = False) -> QPushButton:
    """The button that closes a dialog."""
    button = QPushButton(tr("&Close"))
    button.setAutoDefault(False)
    button.setDefault(default)
    button.clicked.connect(dialog.reject)
    return button


class CopyButton(QPushButton):
    """Puts a text on the clipboard, and says so for a moment."""

    def __init__(self, label: str, text: str = "", parent: QWidget | None = None) -> None:
        """``label`` is already in the user's language; ``text`` may be given later."""
        super().__init__(label, parent)
        self.text_to_copy, self._label = text, label
        self._back = QTimer(self)
        self._back.setSingleShot(True)
        self._back.setInterval(_COPIED_MS)
        self._back.timeout.connect(lambda: self.setText(self._label))
        self.setSizePolicy(QSizePolicy.Fixed, QSizePolicy.Fixed)
        self.setAutoDefault(False)
        self.clicked.connect(self._copy)

    def _copy(self) -> None:
        clipboard = QGuiApplication.clipboard()
        assert clipboard is not None
        clipboard.setText(self.text_to_copy)
        self.setText(tr("Copied"))
        self._back.start()


class CommandField(QWidget):
    """A command in letters of equal width, to be selected or copied."""

    def __init__(self, command: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = _words(command)
        self.words.setObjectName("command")
        self.words.setTextInteractionFlags(
            Qt.TextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.words.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        font = QFontDatabase.systemFont(QFontDatabase.FixedFont)
        font.setPointSizeF(self.font().pointSizeF())
        self.words.setFont(font)
        self.words.setAccessibleName(tr("Command"))
        self.copy = CopyButton(tr("Copy"), command)
        self.copy.setAccessibleName(tr("Copy the command"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.words, 1)
        row.addWidget(self.copy, 0, Qt.AlignmentFlag.AlignTop)


def _words(text: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label
