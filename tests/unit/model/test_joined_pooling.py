"""A mean and the 1x1 convolution behind it become one convolution that gives the same, where that is exact."""

from __future__ import annotations

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="comes with the extra train")

from onnx import TensorProto, helper, numpy_helper  # noqa: E402

from model.joined_pooling import join_pooling  # noqa: E402
from model.runtime import onnxruntime  # noqa: E402

RANDOM = np.random.default_rng(3)
WEIGHT = RANDOM.normal(size=(5, 3, 1, 1)).astype(np.float32)
BIAS = RANDOM.normal(size=5).astype(np.float32)


def graph(*, side=8, kernel=2, stride=2, weight=WEIGHT, group=1, also_shown=False, **pool):
    """A map of 3 channels, a mean over squares, a convolution."""
    nodes = [
        helper.make_node(
            "AveragePool", ["map"], ["mean"], kernel_shape=[kernel] * 2, strides=[stride] * 2, ceil_mode=1, **pool
        ),
        helper.make_node("Conv", ["mean", "weight", "bias"], ["out"], group=group),
    ]
    shown = [helper.make_tensor_value_info("out", TensorProto.FLOAT, ["n", len(weight), "h", "w"])]
    if also_shown:
        shown.append(helper.make_tensor_value_info("mean", TensorProto.FLOAT, ["n", 3, "h", "w"]))
    given = helper.make_tensor_value_info("map", TensorProto.FLOAT, ["n", 3, side, side])
    weights = [numpy_helper.from_array(weight, "weight"), numpy_helper.from_array(BIAS[: len(weight)], "bias")]
    made = helper.make_graph(nodes, "test", [given], shown, weights)
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def run(model, side=8):
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    given = np.random.default_rng(5).normal(size=(2, 3, side, side)).astype(np.float32)
    return session.run(["out"], {"map": given})[0]


@pytest.mark.parametrize(("side", "kernel"), [(8, 2), (12, 3), (2, 2)])
def test_joined_they_give_the_same(side, kernel):
    model = graph(side=side, kernel=kernel, stride=kernel)
    before = run(model, side)
    assert join_pooling(model) == 1
    assert [node.op_type for node in model.graph.node] == ["Conv"]
    assert sorted(each.name for each in model.graph.initializer) == ["bias", "weight_joined"]
    onnx.checker.check_model(model)
    assert run(model, side) == pytest.approx(before, abs=1e-6)


@pytest.mark.parametrize(
    "kept",
    [
        {"side": 7},  # the last square would be cut
        {"kernel": 3, "stride": 2},  # they overlap
        {"pads": [1, 1, 1, 1]},
        {"weight": RANDOM.normal(size=(5, 3, 3, 3)).astype(np.float32)},
        {"weight": RANDOM.normal(size=(3, 1, 1, 1)).astype(np.float32), "group": 3},
        {"also_shown": True},
    ],
    ids=str,
)
def test_what_would_not_be_the_same_stays(kept):
    model = graph(**kept)
    before = model.SerializeToString()
    assert join_pooling(model) == 0
    assert model.SerializeToString() == before
