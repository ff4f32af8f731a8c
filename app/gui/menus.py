"""The window's menus, from the table of actions."""

from __future__ import annotations

from PyQt5.QtWidgets import QAction, QMainWindow

from .translate import mark, tr

_MENUS = (
    (mark("&File"), ("start", "", "settings", "", "quit")),
    (mark("&Call"), ("camera", "", "pause", "hide", "freeze", "", "snapshot", "record")),
    (mark("&Help"), ("shortcuts", "card", "diagnose", "camera_help", "", "welcome")),
)


def fill_menus(window: QMainWindow, actions: dict[str, QAction]) -> None:
    """Give the window its menus; an empty name is a line between."""
    bar = window.menuBar()
    assert bar is not None
    for title, names in _MENUS:
        menu = bar.addMenu(tr(title))
        assert menu is not None
        for name in names:
            if name:
                menu.addAction(actions[name])
            else:
                menu.addSeparator()
