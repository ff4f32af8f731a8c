"""What AffectNet's numbers mean: the same in both of its releases."""

from __future__ import annotations

import math

from model.emotions import Emotion

#: AffectNet's own order, by name.
NAMES = ("neutral", "happiness", "sadness", "surprise", "fear", "disgust", "anger", "contempt")
#: Codes of pictures without an emotion: left out by the data set's own rule.
DROPPED = {8: "labelled none", 9: "labelled uncertain", 10: "labelled no face"}
_NO_VALUE = -2.0
_MOST_PIXELS = 1_000_000  # from side to side; cutting out a face there would take all memory


def read_expression(value: str | float) -> Emotion | str:
    """AffectNet's code -> the emotion, or the reason to drop the picture.

    Raises:
        ValueError: it is no whole number from 0 to 10.
    """
    code = _number("expression", value)
    if code.is_integer() and 0 <= code < len(NAMES):
        return Emotion.from_name(NAMES[int(code)])
    if code in DROPPED:
        return DROPPED[int(code)]
    raise ValueError(f"expression {value!r}, expected a whole number from 0 to 10")


def read_affect(name: str, value: str | float) -> float | None:
    """Valence or arousal, in [-1, 1]; None where -2 says that there is none.

    Raises:
        ValueError: it is neither; the message begins with ``name``.
    """
    number = _number(name, value)
    if number == _NO_VALUE:
        return None
    if not -1 <= number <= 1:
        raise ValueError(f"{name} {number:g}, expected -1 to 1, or -2 for none")
    return number


def join_affect(valence: float | None, arousal: float | None) -> tuple[float, float] | None:
    """Both, or None where one is lacking."""
    return None if valence is None or arousal is None else (valence, arousal)


def read_box(x: str, y: str, width: str, height: str) -> tuple[float, float, float, float]:
    """The face's place -> ``(x_min, y_min, x_max, y_max)``, pixels of the whole picture.

    Raises:
        ValueError: it has no width or height, one is no number, or it lies where no picture is.
    """
    names = ("face_x", "face_y", "face_width", "face_height")
    left, top, across, down = (_number(name, value) for name, value in zip(names, (x, y, width, height), strict=True))
    if across <= 0 or down <= 0 or max(across, down) > _MOST_PIXELS:
        raise ValueError(f"face of {across:g} x {down:g} pixels")
    if max(abs(left), abs(top)) > _MOST_PIXELS:
        raise ValueError(f"face at {left:g}, {top:g}, in no picture")
    return left, top, left + across, top + down


def _number(name: str, value: str | float) -> float:
    try:
        if isinstance(value, str) and "_" in value:  # Python reads 1_0 as ten
            raise ValueError
        number = float(value)
    except ValueError:
        raise ValueError(f"{name} {value!r} is no number") from None
    if not math.isfinite(number):
        raise ValueError(f"{name} {value!r} is no number")
    return number
