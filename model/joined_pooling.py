"""A mean over squares and the 1x1 convolution behind it, joined into one convolution. Needs onnx (extra ``train``).

In int8 the mean costs more than the convolution, and rounds once more: ONNX Runtime has no quick kernel for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper, shape_inference


def join_pooling(model: onnx.ModelProto) -> int:
    """Join what can be joined exactly, in place: squares that fill the map, and a mean that nothing else reads.

    Returns:
        How many were joined.
    """
    graph = shape_inference.infer_shapes(model).graph
    sides = {value.name: _sides(value) for value in (*graph.input, *graph.value_info)}
    nodes, weights = model.graph.node, {each.name: each for each in model.graph.initializer}
    wanted = [name for node in nodes for name in node.input] + [output.name for output in model.graph.output]
    joined = 0
    for pool in [node for node in nodes if node.op_type == "AveragePool"]:
        side = _square_of(pool)
        conv = next((node for node in nodes if node.op_type == "Conv" and node.input[0] == pool.output[0]), None)
        if conv is None or side is None or wanted.count(pool.output[0]) != 1 or conv.input[1] not in weights:
            continue
        lengths = sides.get(pool.input[0])
        if not _is_pointwise(conv, weights[conv.input[1]]) or not lengths or any(each % side for each in lengths):
            continue
        weight = numpy_helper.to_array(weights[conv.input[1]])
        name = f"{conv.input[1]}_joined"
        wide = (np.broadcast_to(weight, (*weight.shape[:2], side, side)) / side**2).astype(weight.dtype)
        model.graph.initializer.append(numpy_helper.from_array(wide, name))
        conv.input[0], conv.input[1] = pool.input[0], name
        del conv.attribute[:]
        conv.attribute.extend(helper.make_attribute(each, [side, side]) for each in ("kernel_shape", "strides"))
        nodes.remove(pool)
        joined += 1
    still = {name for node in nodes for name in node.input}
    for name, weight in weights.items():
        if joined and name not in still:
            model.graph.initializer.remove(weight)
    return joined


def _attributes(node: onnx.NodeProto) -> dict[str, Any]:
    return {each.name: helper.get_attribute_value(each) for each in node.attribute}


def _sides(value: onnx.ValueInfoProto) -> Sequence[int]:
    """Height and width of a map, where they are known."""
    lengths = [each.dim_value for each in value.type.tensor_type.shape.dim][2:]
    return lengths if len(lengths) == 2 and all(lengths) else ()


def _square_of(pool: onnx.NodeProto) -> int | None:
    """The side of the squares that a mean is over, if they lie side by side and nothing is put around the map."""
    said = _attributes(pool)
    kernel = said["kernel_shape"]
    plain = not any(said.get("pads", ())) and said.get("auto_pad", b"NOTSET") in (b"NOTSET", b"VALID")
    plain = plain and not any(each != 1 for each in said.get("dilations", ()))
    square = kernel == said.get("strides") and len(set(kernel)) == 1 and len(kernel) == 2
    return int(kernel[0]) if plain and square else None


def _is_pointwise(conv: onnx.NodeProto, weight: onnx.TensorProto) -> bool:
    said = _attributes(conv)
    return (
        list(weight.dims[2:]) == [1, 1]
        and said.get("group", 1) == 1
        and not any(said.get("pads", ()))
        and all(each == 1 for each in said.get("strides", ()))
    )
