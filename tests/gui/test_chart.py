"""The chart: what its columns show, what its legend says, and how often it paints."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from PyQt5.QtGui import QPaintEvent
from pytestqt.qtbot import QtBot
from window_helpers import rgb_of

from app.gui.chart import Chart
from app.gui.chart_plot import Plot
from app.gui.strip import Strip, lines, stacked
from app.settings import Settings
from model.emotions import Emotion


def scores(**shares: float) -> np.ndarray:
    values = np.zeros(8, np.float32)
    for name, share in shares.items():
        values[Emotion.from_name(name)] = share
    return values


def shown(chart: Chart) -> np.ndarray:
    image = chart.plot.image()
    assert image is not None
    return rgb_of(image)


@pytest.fixture
def chart(qtbot: QtBot) -> Chart:
    chart = Chart()
    qtbot.addWidget(chart)
    chart.resize(760, 160)
    with qtbot.waitExposed(chart):
        chart.show()
    return chart


def test_the_areas_have_the_emotions_colours_and_the_heights_of_their_scores(chart: Chart) -> None:
    for step in range(700):
        chart.add(0.1 * step, scores(neutral=0.25, happiness=0.75), 0.6, 0.2)
    picture = shown(chart)
    happy, neutral = (np.array(emotion.colour[::-1]) for emotion in (Emotion.HAPPINESS, Emotion.NEUTRAL))
    yellow = (np.abs(picture.astype(int) - happy).max(axis=2) < 3).mean()
    grey = (np.abs(picture.astype(int) - neutral).max(axis=2) < 3).mean()
    assert yellow == pytest.approx(0.75, abs=0.015)
    assert grey == pytest.approx(0.25, abs=0.015)
    assert (np.abs(picture[-1].astype(int) - neutral).max(axis=1) < 3).all()  # the first lies lowest


def test_the_newest_is_on_the_right_and_after_sixty_seconds_it_has_left(chart: Chart) -> None:
    for step in range(300):
        chart.add(0.1 * step, scores(anger=1), -0.6, 0.7)
    picture, anger = shown(chart), np.array(Emotion.ANGER.colour[::-1])
    there = (np.abs(picture.astype(int) - anger).max(axis=2) < 3).all(axis=0)
    half = len(there) // 2
    assert there[half + 3 :].all()
    assert not there[: half - 3].any()
    for step in range(300, 900):
        chart.add(0.1 * step, scores(fear=1), -0.6, 0.7)
    assert not (np.abs(shown(chart).astype(int) - anger).max(axis=2) < 3).any()


def test_a_gap_and_a_silence_stay_empty(chart: Chart) -> None:
    for step in range(100):
        chart.add(0.1 * step, scores(neutral=1), 0, 0)
    for step in range(100, 200):
        chart.add_gap(0.1 * step)
    for step in range(200, 300):
        chart.add(0.1 * step, scores(neutral=1), 0, 0)
    chart.add(40.0, scores(neutral=1), 0, 0)  # nothing came for ten seconds
    neutral = np.array(Emotion.NEUTRAL.colour[::-1])
    filled = (np.abs(shown(chart).astype(int) - neutral).max(axis=2) < 3).all(axis=0)
    seconds = (np.arange(len(filled)) - len(filled)) * 60 / len(filled) + 40.0
    assert filled[(seconds > 0.5) & (seconds < 9.5)].all()
    assert not filled[(seconds > 10.5) & (seconds < 19.5)].any()
    assert filled[(seconds > 20.5) & (seconds < 29.5)].all()
    assert not filled[(seconds > 30.5) & (seconds < 39.5)].any()


def test_a_clip_that_begins_again_begins_the_chart_again(chart: Chart) -> None:
    for step in range(200):
        chart.add(0.1 * step, scores(anger=1), 0, 0)
    chart.add(0.0, scores(neutral=1), 0, 0)
    anger = np.array(Emotion.ANGER.colour[::-1])
    assert not (np.abs(shown(chart).astype(int) - anger).max(axis=2) < 3).any()


def test_valence_lies_above_the_middle_when_it_is_positive(chart: Chart) -> None:
    chart.show_settings(replace(Settings(), chart="valence-arousal"))
    for step in range(700):
        chart.add(0.1 * step, scores(neutral=1), 0.5, -0.5)
    picture = shown(chart)
    ground = picture[0, 0].astype(int)
    rows = np.flatnonzero((np.abs(picture[:, -1].astype(int) - ground) > 40).any(axis=1)) / len(picture)
    assert rows.min() == pytest.approx(0.25, abs=0.03)
    assert rows.max() == pytest.approx(0.75, abs=0.03)


def test_another_size_and_another_palette_show_the_same_seconds(chart: Chart, qtbot: QtBot) -> None:
    for step in range(700):
        chart.add(0.1 * step, scores(happiness=0.5, surprise=0.5), 0, 0)
    shown(chart)
    chart.resize(1100, 220)
    qtbot.wait(1)
    chart.show_settings(replace(Settings(), palette="tol-bright"))
    picture = shown(chart)
    assert picture.shape[1] > 800
    happy = np.array([204, 187, 68])  # of that palette, RGB
    assert (np.abs(picture.astype(int) - happy).max(axis=2) < 3).mean() == pytest.approx(0.5, abs=0.02)


def test_off_is_away_and_white_only_still_tells_the_areas_apart(chart: Chart) -> None:
    chart.show_settings(replace(Settings(), palette="white"))
    chart.add(0.0, scores(happiness=0.5, fear=0.5), 0, 0)
    chart.add(1.0, scores(happiness=0.5, fear=0.5), 0, 0)
    assert len(np.unique(shown(chart)[:, -1], axis=0)) >= 2
    chart.show_settings(replace(Settings(), chart="off"))
    assert not chart.isVisible()


def test_what_is_read_is_said_in_figures_and_in_words(chart: Chart, qtbot: QtBot) -> None:
    chart.add(0.0, scores(happiness=0.82, neutral=0.18), 0.61, -0.2)
    qtbot.waitUntil(lambda: chart.figures != [])
    assert chart.figures[-2:] == ["82 %", "18 %"]
    assert chart.accessibleDescription() == "happiness 82 %, valence +0.61, arousal −0.20"
    for step in range(6):
        chart.add_gap(0.1 + 0.1 * step)
        qtbot.wait(110)
    qtbot.waitUntil(lambda: chart.figures == [])
    assert chart.accessibleDescription() == "Nobody is read now"


def test_it_paints_at_most_ten_times_a_second(chart: Chart, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    painted = []
    before = Plot.paintEvent

    def counting(plot: Plot, event: QPaintEvent | None) -> None:
        painted.append(time.monotonic())
        before(plot, event)

    monkeypatch.setattr(Plot, "paintEvent", counting)
    for step in range(100):  # a source of a hundred frames per second
        chart.add(0.01 * step, scores(neutral=1), 0, 0)
        qtbot.wait(10)
    assert 3 <= len(painted) <= 1 + 10 * 1.3 * (painted[-1] - painted[0])


def test_a_column_shares_the_pixel_on_an_edge() -> None:
    strip = Strip(
        4, 10, bands=stacked, colours=np.array([[0, 0, 0], [200, 200, 200]], np.float32), ground=np.zeros(3, np.float32)
    )
    strip.push(0, np.array([0.25, 0.75], np.float32))
    assert strip.pixels[:, 0, 0].tolist() == [200] * 7 + [100, 0, 0]


def test_columns_between_two_moments_go_straight_and_the_ring_turns() -> None:
    strip = Strip(5, 100, bands=lines, colours=np.array([[255, 255, 255]], np.float32), ground=np.zeros(3, np.float32))
    strip.push(3, np.array([1.0], np.float32))
    strip.push(7, np.array([-1.0], np.float32))
    middles = [float(np.flatnonzero(strip.pixels[:, c % 5, 0] > 128).mean()) for c in range(3, 8)]
    assert middles == sorted(middles)
    assert np.diff(middles[1:]) == pytest.approx([24.6] * 3, abs=1.5)
    strip.push(50, None)  # far ahead: no more columns than there are
    assert not strip.pixels[:, :, :3].any()
