"""No two things in the window answer to the same letter."""

from __future__ import annotations

import re
from collections.abc import Callable

from PyQt5.QtWidgets import QCheckBox, QLabel, QPushButton, QToolButton
from window_helpers import RecordingBridge

from app.gui.main_window import MainWindow

OpenWindow = Callable[..., tuple[MainWindow, RecordingBridge]]


def test_each_letter_leads_to_one_place(open_window: OpenWindow) -> None:
    window, _ = open_window()
    window.panel.camera.help.show()
    texts = [action.text() for action in window.menuBar().actions()]
    for kind in (QCheckBox, QLabel, QPushButton, QToolButton):
        texts += [each.text() for each in window.findChildren(kind) if each.isVisibleTo(window)]
    letters = [found[1].lower() for text in texts if (found := re.search(r"&([^& ])", text))]
    assert len(letters) > 8
    assert sorted(letters) == sorted(set(letters)), [text for text in texts if "&" in text]
