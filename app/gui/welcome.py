"""The first page: what affectcam does and does not, before a camera is opened."""

from __future__ import annotations

from PyQt5.QtCore import QSize, Qt, pyqtSignal
from PyQt5.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from .dialog_parts import MARGIN, close_button, heading, paragraph, title
from .icon import application_icon
from .translate import tr
from .welcome_text import INTRODUCTION, PARAGRAPHS, TITLE

_ICON = 56  # pixels
_WIDTH = 560


class WelcomePage(QDialog):
    """One page and two buttons; closed otherwise it answers nothing, and may come again."""

    answered = pyqtSignal(bool)  # it has been read: True starts the camera, False does not

    def __init__(self, parent: QWidget | None = None, *, again: bool = False) -> None:
        """Make the page.

        Args:
            parent: the window.
            again: it is read once more: one button, which only closes.
        """
        super().__init__(parent)
        self.setWindowTitle("affectcam")
        self.start = QPushButton(tr("I &understand, start the camera"))
        self.start.clicked.connect(lambda: self._answer(True))
        self.without = QPushButton(tr("Start &without the camera"))
        self.without.clicked.connect(lambda: self._answer(False))
        self.close_button = close_button(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN + 8, MARGIN + 4, MARGIN + 8, MARGIN)
        column.setSpacing(4)
        column.addLayout(self._head())
        column.addSpacing(12)
        for words, text in PARAGRAPHS:
            column.addWidget(heading(tr(words)))
            column.addWidget(paragraph(tr(text)))
            column.addSpacing(10)
        column.addSpacing(8)
        column.addStretch(1)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        shown = [self.close_button] if again else [self.without, self.start]
        for button in (self.without, self.start, self.close_button):
            button.setAutoDefault(False)
            button.setVisible(False)
        for button in shown:
            button.setVisible(True)
            button.setMinimumHeight(34)
            buttons.addWidget(button)
        shown[-1].setDefault(True)
        column.addLayout(buttons)
        shown[-1].setFocus()
        self.setMinimumWidth(_WIDTH)
        self.resize(_WIDTH + 40, column.totalHeightForWidth(_WIDTH + 40))

    def _head(self) -> QHBoxLayout:
        picture = QLabel()
        picture.setPixmap(application_icon().pixmap(QSize(_ICON, _ICON)))
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(title(tr(TITLE)))
        words.addWidget(paragraph(tr(INTRODUCTION)))
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        return head

    def _answer(self, camera: bool) -> None:
        self.answered.emit(camera)
        self.accept()
