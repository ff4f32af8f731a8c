"""The program's own picture, for windows and the tray."""

from __future__ import annotations

from PyQt5.QtCore import QRectF, QSize, Qt
from PyQt5.QtGui import QColor, QIcon, QPainter, QPen, QPixmap

from model.paths import assets_folder

_SIZES = (16, 22, 24, 32, 48, 64, 128)  # pixels; trays are picky
_RED = QColor("#e5383b")


def application_icon() -> QIcon:
    """The icon of the program."""
    return QIcon(str(assets_folder() / "icons" / "affectcam.svg"))


def recording_icon() -> QIcon:
    """The same with a red dot: something is being recorded."""
    plain, dotted = application_icon(), QIcon()
    for size in _SIZES:
        dotted.addPixmap(_with_dot(plain.pixmap(QSize(size, size))))
    return dotted


def _with_dot(pixmap: QPixmap) -> QPixmap:
    picture = QPixmap(pixmap)
    side = picture.width()
    dot = QRectF(0.5 * side, 0.5 * side, 0.47 * side, 0.47 * side)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.Antialiasing)
    painter.setPen(QPen(Qt.GlobalColor.white, max(1.0, side / 18)))
    painter.setBrush(_RED)
    painter.drawEllipse(dot)
    painter.end()
    return picture
