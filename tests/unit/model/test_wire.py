"""Protobuf's wire format: what is written comes back, and no bytes give anything but fields or a reason."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutants import varint

from model.wire import FIXED32, FIXED64, STRETCH, VARINT, fields, signed, varints

numbers = st.integers(0, 2**64 - 1)


def written(number, kind, value):
    tag = varint(number << 3 | kind)
    if kind == VARINT:
        return tag + varint(value)
    return tag + (varint(len(value)) if kind == STRETCH else b"") + value


field = st.one_of(
    st.tuples(st.integers(1, 2**29 - 1), st.just(VARINT), numbers),
    st.tuples(st.integers(1, 2**29 - 1), st.just(STRETCH), st.binary(max_size=300)),
    st.tuples(st.integers(1, 2**29 - 1), st.just(FIXED32), st.binary(min_size=4, max_size=4)),
    st.tuples(st.integers(1, 2**29 - 1), st.just(FIXED64), st.binary(min_size=8, max_size=8)),
)


@given(st.lists(field, max_size=20), st.binary(max_size=5))
def test_what_is_written_comes_back(message, before):
    data = before + b"".join(written(*one) for one in message)
    read = list(fields(data, len(before), len(data)))
    assert [
        (number, kind, first if kind == VARINT else data[first:last]) for number, kind, first, last in read
    ] == message


@given(st.binary(max_size=200))
def test_no_bytes_give_anything_but_fields_within_them_or_an_error(data):
    with contextlib.suppress(ValueError):
        for number, kind, first, last in fields(data, 0, len(data)):
            assert number > 0
            assert kind == VARINT or 0 <= first <= last <= len(data)


@given(st.lists(numbers, max_size=20))
def test_packed_numbers_come_back(values):
    data = b"".join(map(varint, values))
    assert list(varints(data, 0, len(data))) == values


@given(st.integers(-(2**63), 2**63 - 1))
def test_a_number_keeps_its_sign(value):
    assert signed(value % 2**64) == value


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x08", "cut short"),
        (b"\x08\xff", "cut short"),
        (b"\x08" + b"\xff" * 11, "has no end"),
        (b"\x08" + b"\xff" * 9 + b"\x7f", "more than 64 bits"),
        (b"\x0a\x05abcd", "cut short"),
        (b"\x0a" + varint(2**63), "cut short"),
        (b"\x0d\x00\x00", "cut short"),
        (b"\x00\x00", "the number 0"),
        (b"\x0b", "wire type 3"),
    ],
)
def test_what_is_no_message_is_told(data, reason):
    with pytest.raises(ValueError, match=reason):
        list(fields(data, 0, len(data)))
