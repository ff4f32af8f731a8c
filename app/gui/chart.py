"""The chart of the last sixty seconds: the eight expressions on each other, or valence and arousal."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PyQt5.QtCore import QEvent, QSize, QTimer
from PyQt5.QtGui import QColor
from PyQt5.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from app.pipeline.draw_style import palette_of
from app.pipeline.palette import colours
from app.settings import Settings
from model.emotions import Emotion

from .chart_legend import ChartLegend
from .chart_plot import Plot
from .colours import is_dark
from .history import History, Moment
from .translate import number, tr

_REPAINT_MS = 100
_FIGURES_EVERY = 5  # repaints: figures that change with each cannot be read
#: BGR of valence and of arousal on a light and on a dark ground; they stay apart for the colour-blind.
_PAIR = {False: ((196, 104, 0), (0, 94, 213)), True: ((255, 190, 110), (80, 170, 250))}


class Chart(QWidget):
    """Shows what :meth:`add` is told, newest on the right; repaints at most ten times a second."""

    _valence_arousal = False  # which of the two is shown

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._history = History()
        self._palette = palette_of("standard")
        self._repaints = 0
        self._plot, self._legend = Plot(self._history.entries), ChartLegend()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_REPAINT_MS)
        self._soon.timeout.connect(self._refresh)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(14)
        row.addWidget(self._plot, 1)
        row.addWidget(self._legend)
        self.setSizePolicy(QSizePolicy.Expanding, QSizePolicy.Fixed)
        self.setAccessibleName(tr("The last sixty seconds"))
        self._show_kind()

    @property
    def plot(self) -> Plot:
        """The part with the columns."""
        return self._plot

    @property
    def figures(self) -> list[str]:
        """What the legend says now, from above; empty while nothing is read."""
        return self._legend.figures

    def sizeHint(self) -> QSize:
        """As high as the legend's eight lines."""
        return QSize(720, max(140, 8 * self.fontMetrics().height() + 4))

    def show_settings(self, settings: Settings) -> None:
        """Show expressions, or valence and arousal, in the overlay's colours; or nothing at all."""
        # Eight whites would tell nothing apart.
        palette = palette_of("standard" if settings.palette == "white" else settings.palette)
        kind = settings.chart == "valence-arousal"
        self.setVisible(settings.chart != "off")
        if (kind, palette) != (self._valence_arousal, self._palette):
            self._valence_arousal, self._palette = kind, palette
            self._show_kind()

    def add(self, time_s: float, scores: NDArray[np.float32], valence: float, arousal: float) -> None:
        """Take a reading; ten a second are enough.

        Args:
            time_s: seconds on the source's clock; when they go back, the chart begins anew.
            scores: float (8,), which add up to 1.
            valence: -1 to 1.
            arousal: -1 to 1.
        """
        pair = np.array([valence, arousal], np.float32)
        self._take(time_s, Moment(scores=np.array(scores, np.float32), valence_arousal=pair))

    def add_gap(self, time_s: float) -> None:
        """Take that at this time nobody is read."""
        self._take(time_s, None)

    def clear(self) -> None:
        """Forget everything: another source begins."""
        self._history.clear()
        self._plot.begin_anew()
        self._show_figures()

    def changeEvent(self, event: QEvent | None) -> None:
        """Take over another look; Qt may tell of one before this widget is ready."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.PaletteChange and self._valence_arousal:
            self._show_kind()

    def _take(self, time_s: float, moment: Moment | None) -> None:
        if self._history.goes_back(time_s):
            self.clear()
        for when, each in self._history.add(time_s, moment):
            self._plot.push(when, each)
        if not self._soon.isActive():
            self._soon.start()

    def _refresh(self) -> None:
        self._plot.update()
        if self._repaints % _FIGURES_EVERY == 0:
            self._show_figures()
        self._repaints += 1

    def _show_kind(self) -> None:
        if self._valence_arousal:
            pair = _PAIR[is_dark(self.palette())]
            self._plot.show_kind(valence_arousal=True, colours=np.array(pair, np.float32))
            self._legend.show_rows([(tr("Valence"), _colour(pair[0])), (tr("Arousal"), _colour(pair[1]))])
        else:
            chosen = colours(self._palette)
            eight = np.array([chosen[emotion] for emotion in Emotion], np.float32)
            self._plot.show_kind(valence_arousal=False, colours=eight)
            # Upside down: as the areas lie on each other.
            self._legend.show_rows([(tr(each.label), _colour(chosen[each])) for each in reversed(Emotion)])
        self._show_figures()

    def _show_figures(self) -> None:
        newest = self._history.newest
        self.setAccessibleDescription(in_words(newest))
        if newest is None:
            self._legend.show_figures([])
        elif self._valence_arousal:
            self._legend.show_figures([_signed(value) for value in newest.valence_arousal])
        else:
            self._legend.show_figures([_per_cent(value) for value in reversed(newest.scores)])


def in_words(moment: Moment | None) -> str:
    """What is read now, for who cannot see the chart."""
    if moment is None:
        return tr("Nobody is read now")
    best = Emotion(int(np.argmax(moment.scores)))
    valence, arousal = moment.valence_arousal
    return tr("{expression} {share}, valence {valence}, arousal {arousal}").format(
        expression=tr(best.label),
        share=_per_cent(moment.scores[best]),
        valence=_signed(valence),
        arousal=_signed(arousal),
    )


def _per_cent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _signed(value: float) -> str:
    text = number(abs(value), 2)
    return f"−{text}" if round(float(value), 2) < 0 else f"+{text}"


def _colour(bgr: tuple[int, int, int]) -> QColor:
    blue, green, red = bgr
    return QColor(red, green, blue)
