"""Makers of damaged and crafted files: bytes changed at random, and protobuf's fields repeated, dropped and resized."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from model.onnx_parts import PARTS
from model.wire import STRETCH, VARINT, fields

#: Numbers at which programs tend to err.
_EDGES = (b"\x00", b"\xff", b"\x7f", b"\x80", b"\x00" * 4, b"\xff" * 4, b"\x7f\xff\xff\xff", b"\xff" * 8, b"\x80" * 9)


def mutant(content: bytes, seed: int, places: list[tuple[int, int]] | None = None) -> bytes:
    """``content`` changed in one to eight ways, the same for the same seed; within ``places`` if they are given."""
    chance = random.Random(seed)
    whole = bytearray(content)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        if not whole:
            break
        at = _place(chance, len(whole), places)
        chance.choice(_CHANGES)(whole, at, chance)
    return bytes(whole)


def _place(chance: random.Random, length: int, places: list[tuple[int, int]] | None) -> int:
    if places and chance.random() < 0.8:
        first, last = chance.choice(places)
        return min(chance.randrange(first, max(first + 1, last)), length - 1)
    return chance.randrange(length)


def _flip(whole: bytearray, at: int, chance: random.Random) -> None:
    whole[at] ^= 1 << chance.randrange(8)


def _write(whole: bytearray, at: int, chance: random.Random) -> None:
    edge = chance.choice(_EDGES)
    whole[at : at + len(edge)] = edge


def _noise(whole: bytearray, at: int, chance: random.Random) -> None:
    whole[at : at + chance.randrange(1, 64)] = chance.randbytes(chance.randrange(1, 64))


def _cut(whole: bytearray, at: int, chance: random.Random) -> None:
    del whole[at:]


def _drop(whole: bytearray, at: int, chance: random.Random) -> None:
    del whole[at : at + chance.randrange(1, 1000)]


def _repeat(whole: bytearray, at: int, chance: random.Random) -> None:
    whole[at:at] = whole[at : at + chance.randrange(1, 1000)] * chance.choice((1, 1, 2, 50))


def _move(whole: bytearray, at: int, chance: random.Random) -> None:
    to, length = chance.randrange(len(whole)), chance.randrange(1, 200)
    whole[to : to + length] = whole[at : at + length]


def _zero(whole: bytearray, at: int, chance: random.Random) -> None:
    length = min(chance.randrange(1, 500), len(whole) - at)
    whole[at : at + length] = bytes(length)


_CHANGES: tuple[Callable[[bytearray, int, random.Random], None], ...] = (
    *(_flip,) * 3,
    _write,
    _noise,
    _cut,
    _drop,
    _repeat,
    _move,
    _zero,
)


Field = list  # [number, wire type, value]; the value is a number, bytes, or for a message its fields


def model_mutant(content: bytes, seed: int) -> bytes:
    """A model file changed where its structure is: half of them stay protobuf, with fields changed or exchanged."""
    chance = random.Random(seed)
    tree = _tree(content, 0, len(content), "model")
    if chance.random() < 0.4:
        return mutant(content, seed, _stretches(tree))
    parts = list(_parts(tree, "model"))
    for _ in range(chance.choice((1, 1, 2, 4))):
        _change(parts, chance)
    return _written(tree)


def _tree(content: bytes, begin: int, end: int, message: str) -> list[Field]:
    tree = []
    for number, kind, first, last in fields(content, begin, end):
        part = PARTS[message].get(number)
        if kind == VARINT:
            tree.append([number, kind, first])
        elif kind == STRETCH and part is not None and part.kind == "part":
            tree.append([number, kind, _tree(content, first, last, part.of)])
        else:
            tree.append([number, kind, content[first:last]])
    return tree


def _parts(tree: list[Field], message: str) -> Iterator[tuple[list[Field], Field, tuple[str, int]]]:
    """Every field with the message that it is in, and what kind of field it is."""
    for field in tree:
        yield tree, field, (message, field[0])
        if isinstance(field[2], list):
            yield from _parts(field[2], PARTS[message][field[0]].of)


def _written(tree: list[Field]) -> bytes:
    pieces = []
    for number, kind, value in tree:
        pieces.append(varint(number << 3 | kind))
        if isinstance(value, int):
            pieces.append(varint(value))
            continue
        held = _written(value) if isinstance(value, list) else value
        pieces += [varint(len(held)), held] if kind == STRETCH else [held]
    return b"".join(pieces)


def _stretches(tree: list[Field]) -> list[tuple[int, int]]:
    """Where in the written tree something other than the values of weights is."""
    found, at = [], 0
    for number, kind, value in tree:
        size = len(_written([[number, kind, value]]))
        if isinstance(value, list):
            inner = size - len(_written(value))
            found += [(at, at + inner), *((at + inner + a, at + inner + b) for a, b in _stretches(value))]
        elif size < 1000:
            found.append((at, at + size))
        at += size
    return found


def _change(parts: list[tuple[list[Field], Field, tuple[str, int]]], chance: random.Random) -> None:
    tree, field, what = chance.choice(parts)
    way = chance.choice(("drop", "repeat", "renumber", "exchange", "exchange", "exchange", "value", "value", "value"))
    if way == "drop" and field in tree:
        tree.remove(field)
    elif way == "repeat":
        tree += [list(field)] * chance.choice((1, 2, 1000 if len(_written([field])) < 100 else 2))
    elif way == "renumber":
        field[0] = chance.choice((field[0] + 1, chance.randrange(1, 40), 2**20))
    elif way == "exchange":
        other = chance.choice([other for _, other, kind in parts if kind == what])
        field[2], other[2] = other[2], field[2]
    elif isinstance(field[2], int):
        field[2] = chance.choice((0, 1, 2, 7, 2**16, 2**31 - 1, 2**31, 2**40, 2**63, 2**64 - 1, chance.randrange(64)))
    elif isinstance(field[2], bytes):
        value = bytearray(field[2] or b"?")
        chance.choice((_flip, _write, _cut, _repeat, _zero))(value, chance.randrange(len(value)), chance)
        field[2] = bytes(value)


def varint(value: int) -> bytes:
    """A whole number as protobuf writes it."""
    written = bytearray()
    while value >= 0x80:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)
