"""Which of a graph's values are whole numbers: dividing those by zero, or the lowest by -1, ends the process.

ONNX Runtime divides them as the processor does, which is a trap that no exception comes from.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: ONNX's numbers of the types with a fraction.
FRACTIONS = frozenset({1, 10, 11, 16})
_FLOAT, _UINT8, _INT64 = 1, 2, 7
#: What has a type of its own, whatever it is given; of all others the first input's is taken.
_ALWAYS = {"ArgMax": _INT64, "Shape": _INT64, "DequantizeLinear": _FLOAT}
_BY_INPUT = {"CastLike": 1, "QuantizeLinear": 2}


def divides_whole_numbers(graph: Mapping[str, Any]) -> bool:
    """Whether a graph, as :mod:`model.model_file` parses it, divides what is not known to have a fraction."""
    nodes = graph.get("node", [])
    types = {tensor.get("name", ""): tensor.get("data_type", 0) for tensor in graph.get("initializer", [])}
    for value in graph.get("input", []):
        types[value.get("name", "")] = value.get("type", {}).get("tensor_type", {}).get("elem_type", 0)
    for node in nodes:  # they stand in an order in which they can run
        found = _type_of(node, types)
        if node.get("op_type") == "Div" and found not in FRACTIONS:
            return True
        types.update(dict.fromkeys(node.get("output", []), found))
    return False


def _type_of(node: Mapping[str, Any], types: Mapping[str, int]) -> int:
    """The type of what a node gives; 0 where that cannot be told."""
    kind, given = node.get("op_type", ""), node.get("input", [])
    attributes = {each.get("name"): each for each in node.get("attribute", [])}
    if kind in _ALWAYS:
        return _ALWAYS[kind]
    if kind == "Cast":
        return int(attributes.get("to", {}).get("i", 0))
    if kind == "Constant":
        tensor = attributes.get("value", {}).get("t")
        if tensor is not None:
            return int(tensor.get("data_type", 0))
        return _FLOAT if attributes.keys() & {"value_float", "value_floats"} else _INT64
    place = _BY_INPUT.get(kind, 0)
    if kind == "QuantizeLinear" and len(given) < 3:
        return _UINT8
    return types.get(given[place], 0) if len(given) > place else 0
