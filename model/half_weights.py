"""A model file whose large weights lie in 16 bits and are widened when it is loaded: half the size, as quick a run."""

from __future__ import annotations

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

_LARGE = 1000  # values; norms and biases stay as they are


def round_weights(network: nn.Module) -> None:
    """Round the large weights of ``network`` in place to what 16 bits hold, so that the file gives what it gives."""
    with torch.no_grad():
        for value in network.parameters():
            if value.numel() > _LARGE:
                value.copy_(value.half().to(value.dtype))


def halve(model: onnx.ModelProto) -> None:
    """Store the large weights in place as float16, each behind a node that widens it; they keep their names.

    ONNX Runtime computes such nodes once, when it loads the file.

    Raises:
        ValueError: a weight is beyond 65504.
    """
    graph, widened = model.graph, {}
    for item in graph.initializer:
        if item.data_type != TensorProto.FLOAT or np.prod(item.dims) <= _LARGE:
            continue
        half = numpy_helper.to_array(item).astype(np.float16)
        if not np.isfinite(half).all():
            raise ValueError(f"{item.name} has weights beyond what 16 bits hold")
        item.CopyFrom(numpy_helper.from_array(half, item.name))
        widened[item.name] = f"{item.name}.wide"
    described = [value for value in graph.value_info if value.name not in widened]  # the others are floats no more
    del graph.value_info[:]
    graph.value_info.extend(described)
    for node in graph.node:
        for place, name in enumerate(node.input):
            node.input[place] = widened.get(name, name)
    for name, wide in reversed(widened.items()):
        graph.node.insert(0, helper.make_node("Cast", [name], [wide], to=TensorProto.FLOAT))
