"""What is shown in a terminal cannot take it over."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from model.printable import one_line, printable, shortened


@given(st.text())
def test_one_line_is_one_printable_line(text):
    assert one_line(text).isprintable()
    assert one_line(one_line(text)) == one_line(text)


@given(st.text(alphabet=st.characters(exclude_categories=["C", "Z"]) | st.just("\n")))
def test_what_can_be_printed_stays(text):
    assert printable(text) == text


def test_control_signs_are_shown_as_what_cannot_be_printed():
    assert one_line("a\x1b[2J  b\n\tc\x00") == "a\ufffd[2J b c\ufffd"
    assert printable("a\x1b\nb\rc") == "a\ufffd\nb\ufffdc"


def test_a_long_text_keeps_its_beginning_and_its_end():
    assert shortened("short", 9) == "short"
    assert shortened("a" * 50 + "b" * 50, 9) == "aaaaaa…bbb"
