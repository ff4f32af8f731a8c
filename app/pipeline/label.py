"""The label of a face: on a plate of its emotion's colour, or small and quiet, or three dots for an unsure one."""

from __future__ import annotations

from app.types import Reading

from .canvas import SMALLEST_TEXT, Canvas, fitting
from .lettering import CAPITAL, Colour
from .palette import LIGHT, PALE, readable_on, rim_of
from .shapes import Area, dim, disc, fill

_KEEP = 0.35  # of the picture's brightness behind a quiet label


def draw_plate(canvas: Canvas, box: Area, reading: Reading, size: int, colour: Colour, *, confidence: bool) -> None:
    """Name and score on a plate of the emotion's colour; ``size`` is the text's, in pixels."""
    text, steady = _texts(reading, confidence)
    size = fitting(size, lambda size: _plate(canvas, text, steady, size), (canvas.width, canvas.height))
    if size == 0:
        return
    width, height = _plate(canvas, text, steady, size)
    plate = _place(canvas, box, width, height, size)
    radius = plate.height // 3
    rim = Area(plate.x - 1, plate.y - 1, plate.width + 2, plate.height + 2)
    fill(canvas.pixels, rim, rim_of(colour), radius=radius + 1)
    fill(canvas.pixels, plate, colour, radius=radius)
    canvas.lettering.draw(canvas.pixels, text, (plate.x + size // 2, _baseline(plate, size)), size, readable_on(colour))


def draw_quiet(canvas: Canvas, box: Area, reading: Reading, size: int, colour: Colour, *, confidence: bool) -> None:
    """Name and score in white on a darkened strip, with a dot of the emotion's colour."""
    text, steady = _texts(reading, confidence)
    size = fitting(size, lambda size: _strip(canvas, text, steady, size), (canvas.width, canvas.height))
    if size == 0:
        return
    strip = _place(canvas, box, *_strip(canvas, text, steady, size), size)
    dim(canvas.pixels, strip, keep=_KEEP, radius=strip.height // 2)
    radius = round(0.3 * size)
    middle = (strip.x + strip.height // 2, strip.y + strip.height // 2)
    disc(canvas.pixels, middle, radius + 1, rim_of(colour))
    disc(canvas.pixels, middle, radius, colour)
    baseline = _baseline(strip, size)
    x = middle[0] + radius + max(3, round(0.35 * size))
    canvas.lettering.draw(canvas.pixels, reading.emotion.label, (x, baseline), size, LIGHT)
    if confidence:
        x += canvas.lettering.width(f"{reading.emotion.label} ", size)
        canvas.lettering.draw(canvas.pixels, _per_cent(reading), (x, baseline), size, PALE)


def draw_dots(canvas: Canvas, box: Area, size: int) -> None:
    """Three dots on a darkened strip: a face is seen, and no expression named."""
    width, height = round(2.4 * size), round(1.2 * size)
    if size < SMALLEST_TEXT or width > canvas.width or height > canvas.height:
        return
    strip = _place(canvas, box, width, height, size)
    dim(canvas.pixels, strip, keep=_KEEP, radius=height // 2)
    three_dots(canvas, (strip.x + width // 2, strip.y + height // 2), size)


def three_dots(canvas: Canvas, middle: tuple[int, int], size: int) -> None:
    """An ellipsis as discs, as not every lettering has one."""
    for place in (-1, 0, 1):
        disc(canvas.pixels, (middle[0] + round(0.5 * size) * place, middle[1]), max(1, round(0.13 * size)), PALE)


def _texts(reading: Reading, confidence: bool) -> tuple[str, str]:
    """What is written, and the same as wide as two wide digits: a plate must not tremble with each new number."""
    name = reading.emotion.label
    return (f"{name} {_per_cent(reading)}", f"{name} 88%") if confidence else (name, name)


def _per_cent(reading: Reading) -> str:
    return f"{round(100 * reading.confidence)}%"


def _inside(canvas: Canvas, text: str, steady: str, size: int) -> int:
    return max(canvas.lettering.width(text, size), canvas.lettering.width(steady, size))


def _plate(canvas: Canvas, text: str, steady: str, size: int) -> tuple[int, int]:
    return _inside(canvas, text, steady, size) + size, round(size * 1.5)


def _strip(canvas: Canvas, text: str, steady: str, size: int) -> tuple[int, int]:
    return _inside(canvas, text, steady, size) + round(2.2 * size), round(size * 1.5)


def _place(canvas: Canvas, box: Area, width: int, height: int, size: int) -> Area:
    """Above the face, else below it, else inside; taken from now on."""
    gap = max(2, size // 4)
    place = canvas.best(
        (
            Area(box.x, box.y - gap - height, width, height),
            Area(box.x, box.bottom + gap, width, height),
            Area(box.x + gap, box.y + gap, width, height),
            Area(box.x + gap, box.bottom - gap - height, width, height),
        )
    )
    canvas.taken.append(place)
    return place


def _baseline(plate: Area, size: int) -> int:
    return plate.y + (plate.height + round(size * CAPITAL)) // 2
