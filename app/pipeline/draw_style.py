"""DrawStyle: what is drawn over a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from model.errors import ConfigError

Kind = Literal["label", "box", "bars", "emoji", "none"]
Palette = Literal["standard", "okabe-ito", "tol-bright", "white"]
Numbers = Literal["off", "top-left", "top-right", "bottom-left", "bottom-right"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawStyle:
    """What is drawn."""

    kind: Kind = "box"  # the label alone; a box with it; all eight scores as well; a drawn face instead; nothing
    text_scale: float = 1.0  # of the usual size of text and signs
    palette: Palette = "standard"
    badge: bool = False  # "expression reading on", in a corner
    attention: bool = False  # colours what of the face speaks for the label, where a reading tells
    numbers: Numbers = "off"  # the corner for the figures of the main face
    confidence: bool = True  # the label's score in per cent, behind its name


def kind_of(word: str) -> Kind:
    """The kind of drawing that is called so.

    Raises:
        ConfigError: none is.
    """
    for kind in get_args(Kind):
        if word == kind:
            return kind  # type: ignore[no-any-return]
    raise ConfigError(f"--style is {word!r}, expected one of {', '.join(get_args(Kind))}")


def palette_of(word: str) -> Palette:
    """The set of colours that is called so.

    Raises:
        ConfigError: none is.
    """
    for palette in get_args(Palette):
        if word == palette:
            return palette  # type: ignore[no-any-return]
    raise ConfigError(f"--palette is {word!r}, expected one of {', '.join(get_args(Palette))}")
