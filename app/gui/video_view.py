"""The preview: a picture that keeps its shape, or a few calm words."""

from __future__ import annotations

from PyQt5.QtCore import QPoint, QRect, QSize, Qt
from PyQt5.QtGui import QColor, QImage, QPainter, QPaintEvent, QPalette
from PyQt5.QtWidgets import QSizePolicy, QWidget

# Around a picture, in light and dark palettes alike: as every video player has it.
_SURROUND = QColor(18, 18, 20)
_SHADE = 106  # per cent: what is behind the words, against the window around it
_MARGIN = 24  # pixels around the words


class VideoView(QWidget):
    """Shows the newest picture as large as fits, centred."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture: QImage | None = None
        self._words, self._banner = "", ""
        self.setSizePolicy(QSizePolicy.Expanding, QSizePolicy.Expanding)
        self.setMinimumSize(320, 240)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Preview")

    @property
    def picture(self) -> QImage | None:
        """What is shown; None while there are words instead."""
        return self._picture

    @property
    def words(self) -> str:
        """The words shown while there is no picture."""
        return self._words

    @property
    def banner(self) -> str:
        """The words over the lower edge of the picture."""
        return self._banner

    def show_picture(self, picture: QImage) -> None:
        """Show a picture until the next."""
        self._picture = picture
        self.update()

    def show_words(self, text: str) -> None:
        """Show words instead of a picture."""
        self._picture, self._words, self._banner = None, text, ""
        self.setAccessibleDescription(text)
        self.update()

    def show_banner(self, text: str) -> None:
        """Lay words over the lower edge of the picture, until they are empty again."""
        self._banner = text
        self.setAccessibleDescription(text)
        self.update()

    def sizeHint(self) -> QSize:
        """Room for a picture of 16:9."""
        return QSize(720, 405)

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Paint the picture or the words."""
        painter = QPainter(self)
        if self._picture is None:
            painter.fillRect(self.rect(), self.palette().color(QPalette.Window).darker(_SHADE))
            colour = self.palette().color(QPalette.WindowText)
            colour.setAlphaF(0.75)
            painter.setPen(colour)
            room = self.rect().adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
            painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self._words)
            return
        painter.fillRect(self.rect(), _SURROUND)
        painter.setRenderHint(QPainter.SmoothPixmapTransform)
        painter.drawImage(self._place(self._picture.size()), self._picture)
        if self._banner:
            self._paint_banner(painter)

    def _paint_banner(self, painter: QPainter) -> None:
        flags = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
        room = self.rect().adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        text = painter.boundingRect(room, flags, self._banner)
        strip = QRect(0, self.height() - round(text.height()) - _MARGIN, self.width(), round(text.height()) + _MARGIN)
        painter.fillRect(strip, QColor(18, 18, 20, 200))
        painter.setPen(QColor(255, 255, 255))
        painter.drawText(strip, flags, self._banner)

    def _place(self, size: QSize) -> QRect:
        fitted = size.scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        corner = QPoint((self.width() - fitted.width()) // 2, (self.height() - fitted.height()) // 2)
        return QRect(corner, fitted)
