"""A model file's bytes, checked before anything is made of them: it may come from anywhere.

ONNX Runtime is written for files of one's own. So a file is read once, by a reader that trusts nothing, and only what
affectcam's own exports write is let through; then those very bytes go on.
"""

from __future__ import annotations

import hashlib
import math
from pathlib import Path
from typing import Any

import numpy as np

from .card import METADATA_KEY
from .errors import ModelError
from .onnx_parts import OPERATORS, PARTS, REFUSED, VALUE_BYTES, WRITTEN_IN, Part
from .onnx_types import divides_whole_numbers
from .shipped import shipped_hash
from .wire import FIXED32, STRETCH, VARINT, fields, signed, varints

#: The largest file: sixteen times the largest of the shipped architectures.
MOST_BYTES = 256 * 2**20
MOST_NODES = 10_000
#: Values that a tensor may be declared to have: a gigabyte of floats.
MOST_VALUES = 2**28
MOST_AXES = 8
#: A window's size, step, spread or border, in places: no larger than a picture may be.
MOST_WINDOW = 1024
_WINDOWS = ("kernel_shape", "strides", "dilations", "pads")
_STANDARD = ("", "ai.onnx")

Found = dict[str, Any]


def read_model_file(path: Path) -> bytes:
    """The bytes of an .onnx file that may be given to ONNX Runtime.

    A shipped file must be the very one that was shipped (``assets/SHA256SUMS``); any other must hold nothing but what
    :mod:`model.onnx_parts` names.

    Raises:
        ModelError: it is missing, unreadable, too large, altered, damaged, or holds what affectcam does not run.
    """
    content = _read(path)
    shipped = shipped_hash(path)
    if shipped is not None:
        if hashlib.sha256(content).hexdigest() != shipped:
            raise ModelError(
                f"{path}: not the file that was shipped; install affectcam again, or run scripts/list_hashes.py if the "
                "change is yours"
            )
        return content
    try:
        check(content)
    except ValueError as error:
        raise ModelError(f"{path}: not a readable ONNX model ({error}); export or download it again") from None
    return content


def check(content: bytes) -> None:
    """Look at a whole model file.

    Raises:
        ValueError: it is no ONNX model, or holds what affectcam does not run; the text says what.
    """
    model = _parse(content, 0, len(content), "model")
    if "graph" not in model:
        raise ValueError("it holds no graph")
    for opset in model.get("opset_import", []):
        if opset.get("domain", "") not in _STANDARD:
            raise ValueError(f"it asks for operators of {_shown(opset['domain'])}")
    if sum(note.get("key") == METADATA_KEY for note in model.get("metadata_props", [])) > 1:
        raise ValueError("it holds two model cards")
    graph = model["graph"]
    nodes = graph.get("node", [])
    if len(nodes) > MOST_NODES:
        raise ValueError(f"it has {len(nodes)} operators, at most {MOST_NODES} are run")
    for node in nodes:
        _check_node(content, node)
    if divides_whole_numbers(graph):
        raise ValueError("it divides whole numbers, which by zero would end this program")
    for tensor in graph.get("initializer", []):
        _check_tensor(content, tensor)
    for key in ("input", "output", "value_info"):
        for value in graph.get(key, []):
            _check_value(value)


def _read(path: Path) -> bytes:
    try:
        if not path.is_file():  # a pipe or a device would never end
            raise ModelError(f"{path}: no such model file; `python -m app models` lists the installed ones")
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror or error})") from None
    if len(content) > MOST_BYTES:
        raise ModelError(f"{path}: larger than {MOST_BYTES // 2**20} MB, which no model of affectcam is")
    return content


def _parse(data: bytes, begin: int, end: int, message: str) -> Found:
    """The fields of a message by name: numbers, texts, ``(begin, end)`` of what is large, or such fields again."""
    parts, found = PARTS[message], Found()
    for number, kind, first, last in fields(data, begin, end):
        part = parts.get(number)
        if part is None:
            what = REFUSED.get((message, number), f"a field {number}")
            raise ValueError(f"its {message} holds {what}, which affectcam does not run")
        value = _value(data, kind, first, last, part)
        if part.several:
            found.setdefault(part.name, []).append(value)
        elif part.name in found:
            raise ValueError(f"its {message} says {part.name} twice")
        else:
            found[part.name] = value
    return found


def _value(data: bytes, kind: int, first: int, last: int, part: Part) -> Any:
    if part.kind == "part" and kind == STRETCH:
        return _parse(data, first, last, part.of)
    if part.kind == "bytes" and kind == STRETCH:
        return (first, last) if part.name == "raw_data" else _text(data[first:last], part)
    if part.kind in ("int", "ints") and kind == VARINT:
        return signed(first) if part.kind == "int" else first
    if part.kind in ("ints", "floats", "doubles") and kind == STRETCH:  # packed
        return (first, last)
    if part.kind in ("float", "floats") and kind == FIXED32:
        return (first, last)
    raise ValueError(f"its {part.name} is written in a wrong way")


def _text(content: bytes, part: Part) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError(f"its {part.name} is no text") from None


def _check_node(data: bytes, node: Found) -> None:
    name, domain = node.get("op_type", ""), node.get("domain", "")
    if domain not in _STANDARD:
        raise ValueError(f"its operator {_shown(name)} is one of {_shown(domain)}, which affectcam does not run")
    if name not in OPERATORS:
        raise ValueError(f"its operator {_shown(name)} is none that affectcam runs")
    for attribute in node.get("attribute", []):
        if "t" in attribute:
            _check_tensor(data, attribute["t"])
        if attribute.get("name") in _WINDOWS:
            sizes = [signed(size) for size in _numbers(data, attribute.get("ints", []))]
            if any(not 0 <= size <= MOST_WINDOW for size in sizes):
                raise ValueError(f"its operator {_shown(name)} has {attribute['name']} of {sizes!s:.60}")


def _check_tensor(data: bytes, tensor: Found) -> None:
    """That a tensor holds as many values as its shape says: no more room is made than the file has bytes."""
    name = _shown(tensor.get("name", ""))
    if tensor.get("data_location", 0) != 0:
        raise ValueError(f"its weights {name} lie in another file")
    kind = tensor.get("data_type", 0)
    if kind not in VALUE_BYTES:
        raise ValueError(f"its weights {name} are of the type {kind}")
    values = _room([signed(side) for side in _numbers(data, tensor.get("dims", []))], f"weights {name}")
    held = [key for key in WRITTEN_IN if key in tensor]
    if len(held) > 1 or any(kind not in WRITTEN_IN[key] for key in held):
        raise ValueError(f"its weights {name} are written as {' and '.join(held)}")
    if (_held(data, tensor, held[0]) if held else 0) != values:
        raise ValueError(f"its weights {name} hold another number of values than their shape says, {values}")


def _held(data: bytes, tensor: Found, key: str) -> float:
    if key in ("int32_data", "int64_data"):
        return sum(_count(data, entry) for entry in tensor[key])
    size = VALUE_BYTES[tensor["data_type"]]
    stretches = [tensor[key]] if key == "raw_data" else tensor[key]
    return float(sum(last - first for first, last in stretches) / size)


def _count(data: bytes, entry: int | tuple[int, int]) -> int:
    """How many whole numbers one entry of a repeated field is."""
    if isinstance(entry, int):
        return 1
    stretch = np.frombuffer(data, np.uint8, entry[1] - entry[0], entry[0])
    if len(stretch) and stretch[-1] >= 0x80:
        raise ValueError("a number is cut short or has no end")
    return int(np.count_nonzero(stretch < 0x80))


def _numbers(data: bytes, entries: list[int | tuple[int, int]]) -> list[int]:
    numbers: list[int] = []
    for entry in entries:
        if isinstance(entry, int):
            numbers.append(entry)
        elif entry[1] - entry[0] > 10 * MOST_VALUES.bit_length():
            raise ValueError("a list of sizes is too long")
        else:
            numbers.extend(varints(data, *entry))
    return numbers


def _check_value(value: Found) -> None:
    kind = value.get("type", {}).get("tensor_type", {})
    sides = [signed(dim["dim_value"]) for dim in kind.get("shape", {}).get("dim", []) if "dim_value" in dim]
    _room(sides, f"value {_shown(value.get('name', ''))}")


def _room(sides: list[int], what: str) -> int:
    """How many values a shape has; refuses what no model of a face needs."""
    values = math.prod(sides)
    if len(sides) > MOST_AXES or any(side < 0 for side in sides) or values > MOST_VALUES:
        raise ValueError(f"its {what} has the shape {sides!s:.60}")
    return values


def _shown(name: str) -> str:
    return repr(name[:40])
