"""The legend of the chart: names, colours, and what is read now."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt5.QtCore import QRectF, QSize, Qt
from PyQt5.QtGui import QColor, QFont, QPainter, QPaintEvent, QPalette
from PyQt5.QtWidgets import QSizePolicy, QWidget

_SWATCH = 10  # pixels


class ChartLegend(QWidget):
    """Rows of a colour, a name and a figure."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[tuple[str, QColor]] = []
        self.figures: list[str] = []
        self.setSizePolicy(QSizePolicy.Fixed, QSizePolicy.Expanding)

    def show_rows(self, rows: Sequence[tuple[str, QColor]]) -> None:
        """Show these names, from above, without figures."""
        self._rows, self.figures = list(rows), []
        self.updateGeometry()
        self.update()

    def show_figures(self, figures: Sequence[str]) -> None:
        """Show figures beside the names; none while nothing is read."""
        if list(figures) != self.figures:
            self.figures = list(figures)
            self.update()

    def sizeHint(self) -> QSize:
        """Room for the longest name and a figure."""
        metrics = self.fontMetrics()
        names = max((metrics.horizontalAdvance(name) for name, _ in self._rows), default=0)
        width = _SWATCH + 8 + names + 12 + metrics.horizontalAdvance("-0.00 %")
        return QSize(width, len(self._rows) * metrics.height() + 2)

    def minimumSizeHint(self) -> QSize:
        """As wide as it wishes; lines may come close."""
        return QSize(self.sizeHint().width(), len(self._rows) * (self.fontMetrics().ascent()))

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Paint the rows."""
        if not self._rows:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.Antialiasing)
        text, dim = self.palette().color(QPalette.WindowText), self.palette().color(QPalette.PlaceholderText)
        step = min(self.height() / len(self._rows), self.fontMetrics().height() * 1.15)
        bold = QFont(self.font())
        bold.setWeight(QFont.DemiBold)
        for place, (name, colour) in enumerate(self._rows):
            line = QRectF(0, place * step, self.width(), step)
            painter.setPen(dim)
            painter.setBrush(colour)
            painter.drawRoundedRect(QRectF(0.5, line.center().y() - _SWATCH / 2, _SWATCH, _SWATCH), 3, 3)
            painter.setPen(text)
            beside = line.adjusted(_SWATCH + 8, 0, 0, 0)
            painter.drawText(beside, int(Qt.AlignmentFlag.AlignVCenter), name)
            if self.figures:
                painter.drawText(
                    beside, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), self.figures[place]
                )
