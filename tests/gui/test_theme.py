"""Light and dark: what can be read stands out, what has the focus is seen, and the system's wish is heard."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtGui import QColor, QPalette
from PyQt5.QtWidgets import QApplication, QCheckBox, QComboBox, QLineEdit, QPushButton, QSlider, QSpinBox, QWidget
from pytestqt.qtbot import QtBot
from window_helpers import rgb_of

from app.gui import theme
from app.gui.colours import DARK, LIGHT, Colours, is_dark, palette_of
from app.pipeline.palette import contrast

SETS = pytest.mark.parametrize("colours", [LIGHT, DARK], ids=lambda each: each.name)


def bgr(name: str) -> tuple[int, int, int]:
    colour = QColor(name)
    return colour.blue(), colour.green(), colour.red()


@SETS
def test_whatever_can_be_read_stands_out_from_whatever_it_stands_on(colours: Colours) -> None:
    grounds = (colours.window, colours.base, colours.raised, colours.hover)
    words = (colours.text, colours.dim, colours.link, colours.good, colours.warn, colours.bad)
    poor = {pair: contrast(*map(bgr, pair)) for pair in itertools.product(words, grounds)}
    assert {pair: ratio for pair, ratio in poor.items() if ratio < 4.5} == {}
    assert contrast(bgr(colours.on_accent), bgr(colours.accent)) >= 4.5


@SETS
def test_edges_and_rings_stand_out_from_the_window(colours: Colours) -> None:
    for edge, ground in itertools.product((colours.edge, colours.link), (colours.window, colours.base)):
        assert contrast(bgr(edge), bgr(ground)) >= 3
    assert contrast(bgr(colours.accent), bgr(colours.window)) >= 3


@SETS
def test_a_palette_knows_whether_it_is_dark(colours: Colours) -> None:
    assert is_dark(palette_of(colours)) == (colours is DARK)


@pytest.fixture
def application(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setattr(theme, "_native", None)
    style, palette = qapp.style().objectName(), QPalette(qapp.palette())
    yield qapp
    qapp.setStyleSheet("")
    qapp.setStyle(style)
    qapp.setPalette(palette)


@pytest.mark.parametrize(("wish", "dark"), [("light", False), ("dark", True)])
def test_a_wish_is_followed_and_can_be_changed_while_windows_are_open(
    application: QApplication, qtbot: QtBot, wish: str, dark: bool
) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()
    for each in ("dark", "light", wish):
        theme.apply_theme(application, each)
    corner = rgb_of(widget.grab().toImage())[0, 0]
    assert corner.tolist() == [QColor((DARK if dark else LIGHT).window).getRgb()[part] for part in range(3)]
    assert is_dark(widget.palette()) == dark


@pytest.mark.parametrize("answer", [True, False])
def test_the_desktop_s_answer_counts_more_than_its_palette(
    application: QApplication, monkeypatch: pytest.MonkeyPatch, answer: bool
) -> None:
    monkeypatch.setattr(theme.sys, "platform", "linux")
    monkeypatch.setattr(theme, "_portal_is_dark", lambda: answer)
    assert theme.apply_theme(application, "system") == answer
    assert is_dark(application.palette()) == answer


def test_without_an_answer_the_palette_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(theme.sys, "platform", "linux")
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    assert theme.system_is_dark(palette_of(DARK))
    assert not theme.system_is_dark(palette_of(LIGHT))


def test_a_bus_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus")
    assert theme._portal_is_dark() is None


def test_a_look_of_the_system_s_own_stays_where_it_is_as_dark_as_wished(
    application: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Fusion stands in for the style of a desktop, which no test machine has for certain.
    monkeypatch.setattr(theme, "_PLAIN", ())
    application.setStyle("Fusion")
    own = palette_of(LIGHT)
    own.setColor(QPalette.Window, QColor("#fafafa"))
    application.setPalette(own)
    theme.apply_theme(application, "light")
    assert (application.palette().color(QPalette.Window).name(), application.styleSheet()) == ("#fafafa", "")
    theme.apply_theme(application, "dark")
    assert application.palette().color(QPalette.Window).name() == DARK.window
    theme.apply_theme(application, "light")
    assert (application.palette().color(QPalette.Window).name(), application.styleSheet()) == ("#fafafa", "")


@SETS
@pytest.mark.parametrize("kind", [QPushButton, QCheckBox, QComboBox, QLineEdit, QSpinBox, QSlider])
def test_what_has_the_focus_wears_a_ring(
    application: QApplication, qtbot: QtBot, colours: Colours, kind: type[QWidget]
) -> None:
    theme.apply_theme(application, colours.name)
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(300, 120)
    widget, other = kind(window), QPushButton(window)
    if isinstance(widget, QSlider):
        widget.setOrientation(Qt.Orientation.Horizontal)
    widget.setGeometry(20, 20, 200, 34)
    other.setGeometry(20, 70, 200, 34)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    ring = np.array(QColor(colours.link).getRgb()[:3])

    def ringed() -> int:
        picture = rgb_of(window.grab().toImage())[10:64].astype(int)
        return int((np.abs(picture - ring).max(axis=2) < 12).sum())

    other.setFocus()
    assert ringed() < 60  # a mark of the same colour may be somewhere
    widget.setFocus(Qt.FocusReason.TabFocusReason)
    assert ringed() > 300
