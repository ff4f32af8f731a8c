"""The order in which the Tab key goes through a window: as it is seen, not as it was made."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QFormLayout, QLayout, QScrollArea, QWidget


def follow_layouts(*roots: QWidget) -> None:
    """Let Tab go through all that takes the keyboard in ``roots``, one after the other, as their layouts have it."""
    stops = [stop for root in roots for stop in _stops(root)]
    for first, second in pairwise(stops):
        QWidget.setTabOrder(first, second)


def _stops(widget: QWidget) -> Iterator[QWidget]:
    inner = widget.widget() if isinstance(widget, QScrollArea) else None
    layout = widget.layout() if inner is None else None
    if inner is not None:
        yield from _stops(inner)
    elif layout is not None:
        yield from _in(layout)
    elif widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
        yield widget


def _in(layout: QLayout) -> Iterator[QWidget]:
    for place in _places(layout):
        item = layout.itemAt(place)
        widget = None if item is None else item.widget()
        inner = None if item is None else item.layout()
        if widget is not None:
            yield from _stops(widget)
        elif inner is not None:
            yield from _in(inner)


def _places(layout: QLayout) -> list[int]:
    """The places of a layout's items, a form's by rows: it keeps them in the order in which they came."""
    places = list(range(layout.count()))
    return (
        sorted(places, key=lambda place: layout.getItemPosition(place)[0] or 0)
        if isinstance(layout, QFormLayout)
        else places
    )
