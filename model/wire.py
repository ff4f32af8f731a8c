"""Protobuf's wire format, read without trust and without protobuf: https://protobuf.dev/programming-guides/encoding/."""

from __future__ import annotations

from collections.abc import Iterator

#: Wire types: a whole number, eight bytes, a stretch of bytes, four bytes. The two of groups are long out of use.
VARINT, FIXED64, STRETCH, FIXED32 = 0, 1, 2, 5
_MOST_VARINT = 10  # bytes: 64 bits in groups of seven


def fields(data: bytes, begin: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """The fields of the message in ``data[begin:end]``, in their order.

    Yields:
        ``(number, VARINT, value, 0)``, or ``(number, kind, begin, end)`` of the field's bytes within ``data``.

    Raises:
        ValueError: it is no such message, or one that is cut short.
    """
    place = begin
    while place < end:
        tag, place = _varint(data, place, end)
        number, kind = tag >> 3, tag & 7
        if number == 0:
            raise ValueError("a field has the number 0")
        if kind == VARINT:
            value, place = _varint(data, place, end)
            yield number, VARINT, value, 0
            continue
        if kind == STRETCH:
            length, place = _varint(data, place, end)
        elif kind in (FIXED32, FIXED64):
            length = 4 if kind == FIXED32 else 8
        else:
            raise ValueError(f"a field has the wire type {kind}")
        if length > end - place:
            raise ValueError("it is cut short")
        yield number, kind, place, place + length
        place += length


def varints(data: bytes, begin: int, end: int) -> Iterator[int]:
    """The whole numbers of a packed field, without sign.

    Raises:
        ValueError: the last one is cut short, or one is longer than 64 bits.
    """
    place = begin
    while place < end:
        value, place = _varint(data, place, end)
        yield value


def signed(value: int) -> int:
    """A whole number of 64 bits with its sign."""
    return value - (1 << 64) if value >= 1 << 63 else value


def _varint(data: bytes, place: int, end: int) -> tuple[int, int]:
    if place < end and data[place] < 0x80:  # nearly all are of one byte
        return data[place], place + 1
    value = shift = 0
    for here in range(place, min(end, place + _MOST_VARINT)):
        byte = data[here]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            if value >= 1 << 64:
                raise ValueError("a number has more than 64 bits")
            return value, here + 1
        shift += 7
    raise ValueError("a number is cut short or has no end")
