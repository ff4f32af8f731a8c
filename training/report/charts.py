"""Drawings in SVG for a page that is light or dark: colours come from the page's style, numbers from here.

matplotlib's SVG has its colours and font sizes built in, so that it fits neither a dark page nor a phone.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape
from matplotlib.ticker import MaxNLocator

WIDTH, HEIGHT = 460, 250
_LEFT, _TOP, _BOTTOM = 52, 14, 48
_LETTER, _MOST_LETTERS = 6.6, 20  # pixels of a label's letter; longer labels are cut
_APART = 15  # between two labels


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line with its label at its end."""

    label: str
    points: Sequence[tuple[float, float]]
    kind: int  # 1, 2, ...: which of the page's line colours


def line_chart(
    title: str,
    lines: Sequence[Line],
    show: Callable[[float], str],
    *,
    marked: tuple[float, str] | None = None,
    low: float | None = None,
    across: str = "epoch",
) -> Markup:
    """Lines over a common axis of whole numbers.

    Args:
        title: for who cannot see it.
        lines: at least one of them with a point.
        show: a value of the upward axis as text.
        marked: a place on the axis across, and what it is.
        low: what the upward axis must reach down to.
        across: what the axis across counts.
    """
    right = _margin([line.label for line in lines if line.points])
    xs = [x for line in lines for x, _ in line.points]
    ys = [y for line in lines for _, y in line.points]
    first, last = min(xs), max(xs)
    bottom, top = (min(ys) if low is None else low), max(ys)
    if top - bottom < 1e-12:
        top, bottom = top + (abs(top) or 1) * 0.1, bottom - (abs(bottom) or 1) * 0.1 * (low is None)
    ticks = [float(value) for value in MaxNLocator(nbins=4, steps=[1, 2, 2.5, 5, 10]).tick_values(bottom, top)]
    bottom, top = (min(ticks[0], bottom) if low is None else low), max(ticks[-1], top)

    def at_x(x: float) -> float:
        return _LEFT + (x - first) / ((last - first) or 1) * (WIDTH - _LEFT - right)

    def at_y(y: float) -> float:
        return HEIGHT - _BOTTOM - (y - bottom) / (top - bottom) * (HEIGHT - _TOP - _BOTTOM)

    parts = [_grid(at_y(y), show(y), right) for y in ticks if bottom <= y <= top]
    places = [x for x in MaxNLocator(nbins=6, integer=True).tick_values(first, last) if first <= x <= last]
    for x in places or [first]:
        parts.append(_text(at_x(x), HEIGHT - _BOTTOM + 18, f"{x:g}", "middle"))
    parts.append(_text((_LEFT + WIDTH - right) / 2, HEIGHT - 8, across, "middle", "soft"))
    if marked is not None:
        x = at_x(marked[0])
        parts.append(Markup('<path class="mark" d="M{0:.1f} {1}V{2}"/>').format(x, _TOP, HEIGHT - _BOTTOM))
        side = "end" if x > WIDTH / 2 else "start"
        parts.append(_text(x + (-5 if side == "end" else 5), HEIGHT - _BOTTOM - 6, marked[1], side, "soft"))
    drawn = [line for line in lines if line.points]
    for line in drawn:
        if len(line.points) > 1:
            path = "L".join(f"{at_x(x):.1f} {at_y(y):.1f}" for x, y in line.points)
            parts.append(Markup('<path class="line k{}" d="M{}"/>').format(line.kind, path))
        x, y = line.points[-1]
        parts.append(
            Markup('<circle class="dot k{}" cx="{:.1f}" cy="{:.1f}" r="3"/>').format(line.kind, at_x(x), at_y(y))
        )
    heights = _spread([at_y(line.points[-1][1]) for line in drawn])
    for line, y in zip(drawn, heights, strict=True):
        parts.append(_text(WIDTH - right + 8, y + 4, _cut(line.label), "start", f"k{line.kind}"))
    return _svg(title, WIDTH, HEIGHT, parts)


def dot_chart(title: str, labels: Sequence[str], series: Sequence[tuple[str, int, Sequence[float | None]]]) -> Markup:
    """Shares of 1 for each of a few named values: ``series`` are (label, kind, a value or None for each name)."""
    values = [value for _, _, each in series for value in each if value is not None]
    ticks = [
        float(value) for value in MaxNLocator(nbins=4, steps=[1, 2, 2.5, 5, 10]).tick_values(min(values), max(values))
    ]
    bottom, top = ticks[0], ticks[-1]
    margin = _margin([label for label, _, _ in series])
    step = (WIDTH - _LEFT - margin) / len(labels)

    def at_x(place: int) -> float:
        return _LEFT + (place + 0.5) * step

    def at_y(y: float) -> float:
        return HEIGHT - _BOTTOM - (y - bottom) / ((top - bottom) or 1) * (HEIGHT - _TOP - _BOTTOM)

    parts = [_grid(at_y(y), f"{100 * y:g}\N{NARROW NO-BREAK SPACE}%", margin) for y in ticks]
    parts += [_text(at_x(place), HEIGHT - _BOTTOM + 18, label, "middle") for place, label in enumerate(labels)]
    ends = []
    for label, kind, each in series:
        known = [(at_x(place), at_y(value)) for place, value in enumerate(each) if value is not None]
        if not known:
            continue
        if len(known) > 1:
            path = "L".join(f"{x:.1f} {y:.1f}" for x, y in known)
            parts.append(Markup('<path class="line thin k{}" d="M{}"/>').format(kind, path))
        parts += [
            Markup('<circle class="dot k{}" cx="{:.1f}" cy="{:.1f}" r="4"/>').format(kind, x, y) for x, y in known
        ]
        ends.append((label, kind, known[-1][1]))
    for (label, kind, _), y in zip(ends, _spread([end[2] for end in ends]), strict=True):
        parts.append(_text(WIDTH - margin + 8, y + 4, _cut(label), "start", f"k{kind}"))
    return _svg(title, WIDTH, HEIGHT, parts)


def reliability_chart(bins: Sequence[tuple[float, float, float | None, int]]) -> Markup:
    """How often the model is right when it is so sure: ``bins`` are (from, to, share right, pictures)."""
    side, left, top, under = 260, 46, 12, 54
    width, height = left + side + 14, top + side + under + 58
    most = max((number for *_, number in bins), default=1) or 1
    base = top + side

    def at(value: float) -> tuple[float, float]:
        return left + value * side, base - value * side

    parts = []
    for value in (0, 0.25, 0.5, 0.75, 1):
        x, y = at(value)
        parts.append(Markup('<path class="grid" d="M{} {:.1f}H{}"/>').format(left, y, left + side))
        parts.append(_text(left - 8, y + 4, f"{100 * value:g}", "end"))
        parts.append(_text(x, base + under + 32, f"{100 * value:g}", "middle"))
    for start, end, right, number in bins:
        if number == 0 or right is None:
            continue
        x, bar = left + start * side + 1, (end - start) * side - 2
        # A bin of a few pictures is chance: it is drawn, but pale.
        few = " few" if number < 20 else ""
        parts.append(
            Markup(
                '<rect class="share{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"><title>{}</title></rect>'
            ).format(few, x, base - right * side, bar, right * side, f"{100 * right:.0f} % right of {number}")
        )
        high = number / most * (under - 12)
        parts.append(
            Markup('<rect class="count" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
                x, base + 10, bar, max(high, 0.5)
            )
        )
    parts.append(Markup('<path class="ideal" d="M{} {}L{} {}"/>').format(left, base, left + side, top))
    parts.append(
        _text(left + side / 2, base + under + 52, "confidence, % (below the line: how many pictures)", "middle", "soft")
    )
    parts.append(
        Markup('<text class="soft" text-anchor="middle" transform="translate(12 {})rotate(-90)">{}</text>').format(
            top + side / 2, "right, %"
        )
    )
    return _svg("How often the model is right, by its confidence", width, height, parts)


def strip(readings: Sequence[tuple[int, float, str]]) -> Markup:
    """A picture's readings over the validations: (class, confidence, what a pointer is told), a bar each."""
    width, height = 6 * max(1, len(readings)), 28
    parts = []
    for place, (kind, confidence, told) in enumerate(readings):
        high = max(1.0, confidence * height)
        parts.append(
            Markup('<rect class="e{}" x="{}" y="{:.1f}" width="5.4" height="{:.1f}"><title>{}</title></rect>').format(
                kind, place * 6, height - high, high, told
            )
        )
    return Markup(
        '<svg class="strip" viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true">{}</svg>'
    ).format(width, height, Markup("").join(parts))


def flow(*, breadth: float, kind: str, first: bool, last: bool) -> Markup:
    """A block of a network's graph: a box as broad as its channels on a line from top to bottom.

    Args:
        breadth: of the box, 0 to 1.
        kind: ``conv``, ``pool``, ``linear`` or ``residual``, which has its shortcut drawn beside it.
        first: nothing comes before it.
        last: nothing follows.
    """
    width, height, middle = 120, 44, 60
    half = 12 + breadth * 34
    parts = []
    if not first:
        parts.append(
            Markup('<path class="wire" d="M{0} 0V9"/><path class="tip" d="M{1} 6L{0} 11L{2} 6Z"/>').format(
                middle, middle - 4, middle + 4
            )
        )
    if not last:
        parts.append(Markup('<path class="wire" d="M{} 33V44"/>').format(middle))
    if kind == "residual":
        edge = middle + half + 9
        parts.append(Markup('<path class="wire" d="M{0} 3H{1}V39H{0}"/>').format(middle, f"{edge:.1f}"))
    parts.append(
        Markup('<rect class="box {}" x="{:.1f}" y="11" width="{:.1f}" height="22" rx="3"/>').format(
            kind, middle - half, 2 * half
        )
    )
    return Markup('<svg class="flow" viewBox="0 0 {} {}" aria-hidden="true">{}</svg>').format(
        width, height, Markup("").join(parts)
    )


def _svg(title: str, width: float, height: float, parts: Sequence[Markup]) -> Markup:
    return Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        f"{width:g}", f"{height:g}", title, Markup("").join(parts)
    )


def _margin(labels: Sequence[str]) -> float:
    """Room on the right for the labels at the lines' ends."""
    return 20 + _LETTER * max(6, *(len(_cut(label)) for label in labels), 0)


def _cut(label: str) -> str:
    return label if len(label) <= _MOST_LETTERS else f"{label[: _MOST_LETTERS - 1]}…"


def _grid(y: float, label: str, right: float) -> Markup:
    path = Markup('<path class="grid" d="M{} {:.1f}H{}"/>').format(_LEFT, y, f"{WIDTH - right:.1f}")
    return path + _text(_LEFT - 8, y + 4, label, "end")


def _text(x: float, y: float, words: str, anchor: str, kind: str = "") -> Markup:
    named = Markup(' class="{}"').format(kind) if kind else ""
    return Markup('<text{} x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(named, x, y, anchor, escape(words))


def _spread(heights: Sequence[float]) -> list[float]:
    """Move labels apart that would lie on each other, in their order."""
    order = sorted(range(len(heights)), key=lambda place: heights[place])
    out = list(heights)
    for before, place in itertools.pairwise(order):
        out[place] = max(out[place], out[before] + _APART)
    over = max([0.0, *(value - (HEIGHT - _BOTTOM) for value in out)])
    return [value - over for value in out]
