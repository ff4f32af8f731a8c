"""The window's two sets of colours, light and dark, where the system brings no look of its own."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt5.QtGui import QColor, QPalette


@dataclass(frozen=True, slots=True, kw_only=True)
class Colours:
    """A set of colours, each as ``#rrggbb``.

    Whatever can be read stands out at least 4.5:1 from whatever it can stand on, and edges at least 3:1, as WCAG 2.1
    asks; a test holds them to it.
    """

    name: str
    window: str  # behind everything
    base: str  # behind what is written or listed
    raised: str  # buttons
    hover: str  # a button under the pointer
    line: str  # between parts; decoration alone
    edge: str  # around what can be used
    text: str
    dim: str  # text of less weight
    off: str  # what cannot be used now
    accent: str  # what is chosen
    on_accent: str
    link: str  # links, and the ring around what has the focus
    good: str
    warn: str
    bad: str


LIGHT = Colours(
    name="light",
    window="#f4f5f7",
    base="#ffffff",
    raised="#ffffff",
    hover="#e9ecf1",
    line="#dde0e6",
    edge="#868c98",
    text="#1c1f25",
    dim="#5a606b",
    off="#9a9fa9",
    accent="#2563cf",
    on_accent="#ffffff",
    link="#1f5bc4",
    good="#1b7a3d",
    warn="#8a5a00",
    bad="#b3261e",
)
DARK = Colours(
    name="dark",
    window="#1f2126",
    base="#17191d",
    raised="#2b2e36",
    hover="#353943",
    line="#343841",
    edge="#757b88",
    text="#e7e9ed",
    dim="#a9aeb9",
    off="#6d727d",
    accent="#2f6fde",
    on_accent="#ffffff",
    link="#7fb0ff",
    good="#6fcf97",
    warn="#f2c14e",
    bad="#ff8a80",
)


def is_dark(palette: QPalette) -> bool:
    """Whether the text of a palette is lighter than what is behind it."""
    return palette.color(QPalette.WindowText).lightness() > palette.color(QPalette.Window).lightness()


def colours_for(palette: QPalette) -> Colours:
    """The set that suits a palette, native ones too."""
    return DARK if is_dark(palette) else LIGHT


def palette_of(colours: Colours) -> QPalette:
    """A set of colours as Qt's palette."""
    palette = QPalette()
    roles = {
        QPalette.Window: colours.window,
        QPalette.WindowText: colours.text,
        QPalette.Base: colours.base,
        QPalette.AlternateBase: colours.window,
        QPalette.Text: colours.text,
        QPalette.PlaceholderText: colours.dim,
        QPalette.Button: colours.raised,
        QPalette.ButtonText: colours.text,
        QPalette.BrightText: colours.bad,
        QPalette.ToolTipBase: colours.raised,
        QPalette.ToolTipText: colours.text,
        QPalette.Highlight: colours.accent,
        QPalette.HighlightedText: colours.on_accent,
        QPalette.Link: colours.link,
        QPalette.LinkVisited: colours.link,
        QPalette.Light: colours.hover,
        QPalette.Midlight: colours.line,
        QPalette.Mid: colours.line,
        QPalette.Dark: colours.edge,
        QPalette.Shadow: colours.edge,
    }
    for role, colour in roles.items():
        palette.setColor(role, QColor(colour))
    for role in (QPalette.WindowText, QPalette.Text, QPalette.ButtonText):
        palette.setColor(QPalette.Disabled, role, QColor(colours.off))
    palette.setColor(QPalette.Disabled, QPalette.Highlight, QColor(colours.line))
    palette.setColor(QPalette.Disabled, QPalette.HighlightedText, QColor(colours.off))
    return palette
