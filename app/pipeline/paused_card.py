"""The card that a call sees while nothing is read or sent: dark and calm, so that nobody takes it for a frozen face."""

from __future__ import annotations

import cv2
import numpy as np

from .canvas import Canvas, fitting
from .lettering import CAPITAL, Colour, Pixels, best_lettering
from .palette import LIGHT
from .shapes import Area, fill

NAME = "affectcam"

_GROUND: Colour = (44, 38, 34)
_QUIET: Colour = (170, 166, 162)
_CELLS = 10  # the height of the last picture after it was made coarse: a face is two or three cells
_KEEP = 0.3  # of its brightness
_WORDS_OF_PICTURE, _NAME_OF_PICTURE = 0.07, 0.032


def paused_card(last: Pixels | None, size: tuple[int, int], words: str) -> Pixels:
    """A card with ``words``, for example "paused", over what is left of the last picture.

    Args:
        last: uint8 BGR ``(height, width, 3)``; it is blurred until no face can be recognised. None: a plain ground.
        size: (width, height) of the card in pixels, at least 1 each.
        words: one line; made smaller if it is long, and left out where there is no room.

    Returns:
        uint8 BGR ``(size[1], size[0], 3)``, C-contiguous.
    """
    width, height = size
    canvas = Canvas(_ground(last, width, height), best_lettering())
    middle = height // 2
    _draw_sign(canvas, middle - round(0.12 * height))
    _write(canvas, words, middle + round(0.05 * height), round(_WORDS_OF_PICTURE * height), LIGHT)
    _write(canvas, NAME, height - round(0.07 * height), round(_NAME_OF_PICTURE * height), _QUIET)
    return canvas.pixels


def _ground(last: Pixels | None, width: int, height: int) -> Pixels:
    plain = np.full((height, width, 3), _GROUND, np.uint8)
    if last is None or last.size == 0:
        return plain
    # Through a few cells and not by a wide blur: what is averaged away cannot be brought back.
    cells = (max(1, round(_CELLS * last.shape[1] / last.shape[0])), _CELLS)
    coarse = cv2.GaussianBlur(cv2.resize(last, cells, interpolation=cv2.INTER_AREA), (3, 3), 0)
    soft = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(cv2.addWeighted(soft, _KEEP, plain, 1 - _KEEP, 0), np.uint8)


def _draw_sign(canvas: Canvas, middle: int) -> None:
    """Two upright bars, as on a player's button."""
    tall, wide = round(0.09 * canvas.height), round(0.026 * canvas.height)
    if wide < 2:
        return
    for left in (canvas.width // 2 - round(1.6 * wide), canvas.width // 2 + round(0.6 * wide)):
        fill(canvas.pixels, Area(left, middle - tall // 2, wide, tall), LIGHT, radius=wide // 3)


def _write(canvas: Canvas, text: str, middle: int, size: int, colour: Colour) -> None:
    """One line around the height ``middle``, centred."""
    size = fitting(
        max(1, size),
        lambda size: (max(1, canvas.lettering.width(text, size)), size),
        (round(0.9 * canvas.width), canvas.height),
    )
    if size > 0:
        place = ((canvas.width - canvas.lettering.width(text, size)) // 2, middle + round(size * CAPITAL) // 2)
        canvas.lettering.draw(canvas.pixels, text, place, size, colour)
