"""The report's drawings, and its numbers in words."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch", reason="training needs its extra")
pytest.importorskip("jinja2", reason="training needs its extra")

from report_helpers import HOSTILE

from training.report import words
from training.report.charts import Line, line_chart, reliability_chart, strip


def numbers(pattern, drawing):
    return [tuple(map(float, found.groups())) for found in re.finditer(pattern, str(drawing))]


def test_a_line_rises_where_its_values_do_and_labels_do_not_lie_on_each_other():
    lines = [Line(label=name, points=[(1, 0.2), (2, end)], kind=1) for name, end in (("one", 0.5), ("two", 0.505))]
    drawing = line_chart("t", lines, str)
    ((x0, y0, x1, y1), *_) = numbers(r'class="line k1" d="M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)"', drawing)
    assert x1 > x0
    assert y1 < y0  # upwards
    heights = [y for _, y in numbers(r'class="k1" x="([\d.]+)" y="([\d.]+)"', drawing)]
    assert abs(heights[0] - heights[1]) >= 14


@pytest.mark.parametrize("values", [[0.0], [3.0], [-2.0, -2.0], [1e-9, 1e-9], [0.0, 0.0, 0.0]])
def test_flat_and_single_values_are_drawn_inside(values):
    points = [(float(place + 1), value) for place, value in enumerate(values)]
    drawing = line_chart("t", [Line(label="a", points=points, kind=1)], str)
    ((x, y),) = numbers(r'class="dot k1" cx="([\d.]+)" cy="([\d.]+)"', drawing)
    assert 0 < x < 460
    assert 0 < y < 250


def test_bars_of_the_reliability_diagram_are_as_high_as_the_share():
    drawing = reliability_chart([(0.0, 0.5, 0.25, 100), (0.5, 1.0, 1.0, 5), (0.9, 1.0, None, 0)])
    assert [height for (height,) in numbers(r'class="share[^"]*"[^>]*height="([\d.]+)"', drawing)] == [65.0, 260.0]
    assert str(drawing).count("share few") == 1


def test_drawings_escape_what_they_are_told():
    assert "<script" not in str(strip([(1, 0.5, HOSTILE)]))
    assert "<script" not in str(line_chart(HOSTILE, [Line(label=HOSTILE, points=[(1, 1)], kind=1)], lambda _: HOSTILE))


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (words.percent(0.8484), "84.8 %"),
        (words.percent(-0.02), "−2.0 %"),
        (words.percent(float("nan")), "–"),
        (words.percent(True), "–"),
        (words.short(16_404_005_376), "16.4 G"),
        (words.short(999_600), "1,000 k"),
        (words.size(5_100_000), "5.1 MB"),
        (words.size(12), "12 bytes"),
        (words.duration(4321), "1 h 12 min"),
        (words.duration(59.6), "60 s"),
        (words.duration(8.13), "8.1 s"),
        (words.plain(1e-5), "0.00001"),
        (words.plain(0.65), "0.65"),
        (words.plain("sgd"), "sgd"),
        (words.listed(["a", "b", "c"]), "a, b and c"),
    ],
)
def test_numbers_as_a_reader_likes_them(shown, expected):
    assert shown.replace("\N{NARROW NO-BREAK SPACE}", " ") == expected


@given(st.floats(0, 1))
def test_a_percentage_can_be_read_back(share):
    assert float(words.percent(share).split("\N{NARROW NO-BREAK SPACE}")[0]) == pytest.approx(100 * share, abs=0.0501)
