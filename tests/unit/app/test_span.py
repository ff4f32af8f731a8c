"""``--clip START-END``: what it means, and what is no clip."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.span import Span, clock
from model.errors import ConfigError

SECONDS = st.integers(0, 30 * 3600 * 1000).map(lambda milliseconds: milliseconds / 1000)


def written(time_s: float, form: str) -> str:
    """A time in one of the forms that a user may choose."""
    milliseconds = round(1000 * time_s)
    if form == "seconds":
        return f"{milliseconds / 1000:.3f}"
    minutes, rest = divmod(milliseconds, 60_000)
    seconds = f"{rest // 1000:02}.{rest % 1000:03}"
    return f"{minutes}:{seconds}" if form == "minutes" else f"{minutes // 60:02}:{minutes % 60:02}:{seconds}"


@pytest.mark.parametrize(
    ("text", "start_s", "end_s"),
    [
        ("12.5-30", 12.5, 30),
        ("1:00-", 60, None),
        ("-30", 0, 30),
        ("-0:30", 0, 30),
        ("00:01:02.500-00:02:00", 62.5, 120),
        ("90:00-1:30:01", 5400, 5401),
        (" 5 - 7. ", 5, 7),
        ("0-", 0, None),
        ("0.0333334-1", 0.033333, 1),
    ],
)
def test_every_form_is_understood(text, start_s, end_s):
    assert Span.parse(text) == Span(start_s=start_s, end_s=end_s)


FORMS = st.sampled_from(["seconds", "minutes", "hours"])


@given(st.tuples(SECONDS, SECONDS).filter(lambda pair: pair[0] != pair[1]), FORMS, FORMS)
def test_all_forms_of_a_time_mean_the_same(pair, form, other):
    start_s, end_s = sorted(pair)
    span = Span.parse(f"{written(start_s, form)}-{written(end_s, other)}")
    assert (span.start_s, span.end_s) == (start_s, end_s)
    assert Span.parse(f"{written(start_s, form)}-") == Span(start_s=start_s)
    assert Span.parse(str(span)) == span


@given(st.text(alphabet="0123456789:.-, abcefinx+\n", max_size=14))
def test_anything_else_is_refused_in_one_line(text):
    try:
        span = Span.parse(text)
    except ConfigError as error:
        message = str(error)
    else:
        assert 0 <= span.start_s < (span.end_s or float("inf"))
        return
    assert "\n" not in message
    assert repr(text) in message


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        " - ",
        "5",
        "1:00",
        "a-b",
        "1-2-3",
        "--5",
        "1:2:3:4-",
        "1:75-",
        "1:60:00-",
        "nan-",
        "inf-",
        "1e3-",
        "+1-2",
    ],
)
def test_nonsense_is_refused(text):
    with pytest.raises(ConfigError, match="--clip is "):
        Span.parse(text)


def test_an_end_that_is_not_behind_the_start_is_refused():
    with pytest.raises(ConfigError, match="'1:00-30', which ends before it begins; give the earlier time first"):
        Span.parse("1:00-30")
    with pytest.raises(ConfigError, match="'30-0:30', which is empty"):
        Span.parse("30-0:30")


def test_times_are_compared_as_a_table_has_them():
    span = Span.parse("0.033333-0.066667")
    assert span.begun(1 / 30)  # 0.0333333…
    assert not span.over(1 / 30)
    assert span.over(2 / 30)  # 0.0666666…
    assert span.leads(1 / 30)
    assert not span.leads(2 / 30)


@given(SECONDS, SECONDS)
def test_a_span_can_be_moved(start_s, by_s):
    moved = Span(start_s=start_s, end_s=start_s + 1).later(by_s)
    assert moved.start_s == pytest.approx(start_s + by_s, abs=1e-6)
    assert moved.end_s == pytest.approx(start_s + by_s + 1, abs=1e-6)


@pytest.mark.parametrize(
    ("time_s", "text"), [(0, "0:00"), (59.5, "0:59.5"), (3600, "1:00:00"), (3723.25, "1:02:03.25"), (75, "1:15")]
)
def test_a_time_in_words(time_s, text):
    assert clock(time_s) == text
