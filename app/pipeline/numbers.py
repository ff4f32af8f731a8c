"""The figures of the main face, in a corner of the picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.types import Reading
from model.emotions import Emotion
from model.main_face import prominence

from .canvas import Canvas, fitting
from .label import three_dots
from .lettering import CAPITAL, Colour
from .palette import LIGHT, PALE, rim_of
from .shapes import Area, dim, disc

_KEEP = 0.35  # of the picture's brightness behind them
_ROWS = 3


class Numbers:
    """Draws them; stays with a face while it is there."""

    def __init__(self) -> None:
        self._track: int | None = None

    def draw(
        self, canvas: Canvas, readings: Sequence[Reading], corner: str, size: int, colours: Mapping[Emotion, Colour]
    ) -> None:
        """Draw label, confidence, valence and arousal, if there is a face; ``size`` is the text's, in pixels."""
        main = self._main(readings, (canvas.width, canvas.height))
        size = fitting(size, lambda size: _panel(canvas, size), (canvas.width, canvas.height))
        if main is None or size == 0:
            return
        panel = canvas.corner(corner, *_panel(canvas, size))
        canvas.taken.append(panel)
        dim(canvas.pixels, panel, keep=_KEEP, radius=_pad(size))
        self._draw_label(canvas, panel, main, size, colours[main.emotion])
        for row, (name, figure) in enumerate((("valence", main.valence), ("arousal", main.arousal)), start=1):
            _write(canvas, panel, row, size, name, PALE)
            _write(canvas, panel, row, size, f"{figure:+.2f}" if main.sure else "-", LIGHT, right=True)

    def _draw_label(self, canvas: Canvas, panel: Area, main: Reading, size: int, colour: Colour) -> None:
        middle = (panel.x + _pad(size) + round(0.3 * size), panel.y + _middle(0, size))
        if not main.sure:
            three_dots(canvas, (middle[0] + round(0.3 * size), middle[1]), size)
            return
        disc(canvas.pixels, middle, round(0.3 * size) + 1, rim_of(colour))
        disc(canvas.pixels, middle, round(0.3 * size), colour)
        _write(canvas, panel, 0, size, main.emotion.label, LIGHT, indent=_indent(size))
        _write(canvas, panel, 0, size, f"{round(100 * main.confidence)}%", LIGHT, right=True)

    def _main(self, readings: Sequence[Reading], size: tuple[int, int]) -> Reading | None:
        for reading in readings:
            if reading.track == self._track:
                return reading
        main = max(readings, key=lambda reading: prominence(reading.face.box, size), default=None)
        self._track = None if main is None else main.track
        return main


def _write(
    canvas: Canvas, panel: Area, row: int, size: int, text: str, colour: Colour, *, indent: int = 0, right: bool = False
) -> None:
    pad = _pad(size)
    x = panel.right - pad - canvas.lettering.width(text, size) if right else panel.x + pad + indent
    baseline = panel.y + _middle(row, size) + round(size * CAPITAL) // 2
    canvas.lettering.draw(canvas.pixels, text, (x, baseline), size, colour)


def _panel(canvas: Canvas, size: int) -> tuple[int, int]:
    """Wide enough for every name and figure, so that the panel does not tremble."""
    names = max(canvas.lettering.width(emotion.label, size) for emotion in Emotion)
    figures = max(canvas.lettering.width(text, size) for text in ("100%", "+0.88"))
    return 3 * _pad(size) + _indent(size) + names + figures, _ROWS * _row(size) + _pad(size)


def _middle(row: int, size: int) -> int:
    """The height of a row's middle below the panel's top."""
    return (_pad(size) + _row(size)) // 2 + row * _row(size)


def _indent(size: int) -> int:
    """How far the name begins behind the dot."""
    return 2 * round(0.3 * size) + max(4, round(0.4 * size))


def _row(size: int) -> int:
    return round(size * 1.5)


def _pad(size: int) -> int:
    return round(size * 0.75)
