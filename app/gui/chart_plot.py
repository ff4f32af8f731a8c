"""The plot of the chart: sixty seconds, newest on the right."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from PyQt5.QtCore import QEvent, QRect, Qt
from PyQt5.QtGui import QColor, QFont, QImage, QPainter, QPaintEvent, QPalette, QResizeEvent
from PyQt5.QtWidgets import QSizePolicy, QWidget
from PyQt5.sip import voidptr

from .history import SPAN_S, Moment
from .strip import Strip, Values, lines, stacked
from .translate import tr

_EVERY_S = 10  # a line in the grid
_RADIUS = 4


class Plot(QWidget):
    """Paints what it is told of as columns of pixels, and a grid and an axis around them."""

    def __init__(self, entries: Iterable[tuple[float, Moment | None]], parent: QWidget | None = None) -> None:
        """``entries`` are all that can be shown, times in seconds; they are read again when the size changes."""
        super().__init__(parent)
        self._entries = entries
        self._strip: Strip | None = None
        self._lines = False
        self._colours: Values = np.zeros((0, 3), np.float32)
        self.setSizePolicy(QSizePolicy.Expanding, QSizePolicy.Expanding)
        self.setMinimumSize(200, 90)

    def show_kind(self, *, valence_arousal: bool, colours: Values) -> None:
        """Show lines of valence and arousal, or stacked scores; ``colours`` are BGR, float (2, 3) or (8, 3)."""
        self._lines, self._colours = valence_arousal, colours
        self.begin_anew()

    def begin_anew(self) -> None:
        """Paint everything anew when it is next shown."""
        self._strip = None
        self.update()

    def push(self, time_s: float, moment: Moment | None) -> None:
        """Add a moment or a gap; the caller asks for the repaint."""
        if self._strip is not None:
            self._add(self._strip, time_s, moment)

    @property
    def room(self) -> QRect:
        """Where the columns are, in Qt's pixels."""
        return self.rect().adjusted(0, 0, 0, -self.fontMetrics().height() - 2)

    def image(self) -> QImage | None:
        """The columns in the order of time, in the screen's own pixels; None while there is nothing to show."""
        strip = self._strip = self._strip or self._built()
        if strip is None or strip.newest is None:
            return None
        height, width = strip.pixels.shape[:2]
        data = voidptr(strip.pixels.ctypes.data)
        ring = QImage(data, width, height, 4 * width, QImage.Format.Format_RGB32)
        seam = (strip.newest + 1) % width
        ordered = QImage(width, height, QImage.Format.Format_RGB32)
        painter = QPainter(ordered)
        painter.drawImage(0, 0, ring, seam, 0, width - seam, height)
        painter.drawImage(width - seam, 0, ring, 0, 0, seam, height)
        painter.end()
        ordered.setDevicePixelRatio(self.devicePixelRatioF())
        return ordered

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Paint the columns, the grid and the axis."""
        painter, room = QPainter(self), self.room
        image = self.image()
        if image is not None:
            painter.drawImage(room.topLeft(), image)
        else:
            painter.fillRect(room, self._ground())
            painter.setPen(self.palette().color(QPalette.PlaceholderText))
            painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter), tr("The last sixty seconds appear here"))
        self._paint_grid(painter, room)
        self._paint_axis(painter, room)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """The columns are as many as there are pixels."""
        super().resizeEvent(event)
        self.begin_anew()

    def changeEvent(self, event: QEvent | None) -> None:
        """Take over another look."""
        super().changeEvent(event)
        if event is not None and event.type() in (
            QEvent.Type.PaletteChange,
            QEvent.Type.StyleChange,
            QEvent.Type.FontChange,
        ):
            self.begin_anew()

    def _built(self) -> Strip | None:
        scale = self.devicePixelRatioF()
        width, height = round(self.room.width() * scale), round(self.room.height() * scale)
        if width < 1 or height < 1 or not len(self._colours):
            return None
        ground = self._ground()
        strip = Strip(
            width,
            height,
            bands=lines if self._lines else stacked,
            colours=self._colours,
            ground=np.array([ground.blue(), ground.green(), ground.red()], np.float32),
        )
        for time_s, moment in self._entries:
            self._add(strip, time_s, moment)
        return strip

    def _add(self, strip: Strip, time_s: float, moment: Moment | None) -> None:
        values = None if moment is None else moment.valence_arousal if self._lines else moment.scores
        strip.push(int(time_s * strip.width / SPAN_S), values)

    def _ground(self) -> QColor:
        return self.palette().color(QPalette.Base)

    def _paint_grid(self, painter: QPainter, room: QRect) -> None:
        faint = QColor(self.palette().color(QPalette.Window))
        faint.setAlphaF(0.45)
        painter.setPen(faint)
        for second in range(_EVERY_S, int(SPAN_S), _EVERY_S):
            x = room.right() - round(room.width() * second / SPAN_S)
            painter.drawLine(x, room.top(), x, room.bottom())
        painter.setPen(self.palette().color(QPalette.Mid))
        if self._lines:
            painter.drawLine(room.left(), room.center().y(), room.right(), room.center().y())
        painter.drawRect(room.adjusted(0, 0, -1, -1))

    def _paint_axis(self, painter: QPainter, room: QRect) -> None:
        painter.setPen(self.palette().color(QPalette.PlaceholderText))
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 0.85)
        painter.setFont(font)
        if self._lines:
            inside = room.adjusted(4, 1, -4, -1)
            painter.drawText(inside, int(Qt.AlignmentFlag.AlignTop), "+1")
            painter.drawText(inside, int(Qt.AlignmentFlag.AlignBottom), "−1")
        below = QRect(room.left(), room.bottom() + 2, room.width(), self.height() - room.bottom() - 2)
        for flag, words in (
            (Qt.AlignmentFlag.AlignLeft, tr("60 s ago")),
            (Qt.AlignmentFlag.AlignHCenter, tr("30 s ago")),
            (Qt.AlignmentFlag.AlignRight, tr("now")),
        ):
            painter.drawText(below, int(flag), words)
