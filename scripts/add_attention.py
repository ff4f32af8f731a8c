"""Add the output ``attention`` to a model that was exported without, by hand in its graph; the scores stay as they are.

    python scripts/add_attention.py assets/models/compact.onnx

For networks that end in a mean over places and one linear layer, as compact: what a place adds to the likeliest
emotion's logit is then its features times that emotion's weights, over the number of places. New exports do it
themselves (``export.attention = true``). Needs the extra ``train``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from model.card import ATTENTION, SCORES
from model.errors import ModelError
from model.runtime import onnxruntime
from model.whole_file import whole_file, write_through

LIMIT = 1e-4  # between a logit and its parts


def add_attention(model: onnx.ModelProto, origin: str) -> onnx.ModelProto:
    """The model with the output as well.

    Raises:
        ModelError: it has one already, or another end than a mean over places and one linear layer.
    """
    graph = model.graph
    if any(output.name == ATTENTION for output in graph.output):
        raise ModelError(f"{origin}: gives attention already")
    made_by = {name: node for node in graph.node for name in node.output}
    linear = [node for node in graph.node if node.op_type == "Gemm"]
    mean = made_by.get(linear[-1].input[0]) if linear else None
    if mean is None or mean.op_type != "ReduceMean":
        raise ModelError(f"{origin}: does not end in a mean over places and one linear layer; export it again")
    features, (logits,) = mean.input[0], linear[-1].output
    known = onnx.shape_inference.infer_shapes(model).graph.value_info
    shape = next(item.type.tensor_type.shape.dim for item in known if item.name == features)
    height, width = shape[2].dim_value, shape[3].dim_value
    weights = next(item for item in graph.initializer if item.name == linear[-1].input[1])
    constants = {
        "attention_axes": np.array([2, 3], np.int64),
        "attention_channels": np.array([1], np.int64),
        "attention_places": np.float32(height * width),
    }
    graph.initializer.extend(numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items())
    graph.node.extend(
        [
            helper.make_node("ArgMax", [logits], ["attention_winner"], axis=1, keepdims=0),
            helper.make_node("Gather", [weights.name, "attention_winner"], ["attention_weights"], axis=0),
            helper.make_node("Unsqueeze", ["attention_weights", "attention_axes"], ["attention_by_channel"]),
            helper.make_node("Mul", [features, "attention_by_channel"], ["attention_products"]),
            helper.make_node("ReduceSum", ["attention_products", "attention_channels"], ["attention_sum"], keepdims=0),
            helper.make_node("Div", ["attention_sum", "attention_places"], [ATTENTION]),
        ]
    )
    batch = graph.output[0].type.tensor_type.shape.dim[0].dim_param
    graph.output.append(helper.make_tensor_value_info(ATTENTION, TensorProto.FLOAT, [batch, height, width]))
    onnx.checker.check_model(model)
    return model


def check(before: Path, after: Path) -> float:
    """The largest difference between a logit and its parts, over made-up pictures.

    Raises:
        ModelError: a score is not bit for bit what it was, or the parts are not the logit's.
    """
    was, now = (onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"]) for path in (before, after))
    graph = onnx.load(str(after)).graph
    linear = [node for node in graph.node if node.op_type == "Gemm"][-1]
    bias = numpy_helper.to_array(next(item for item in graph.initializer if item.name == linear.input[2]))
    shape = was.get_inputs()[0].shape[1:]
    rng, worst = np.random.default_rng(0), 0.0
    for count in (1, 2, 7, 64):
        pixels = {was.get_inputs()[0].name: rng.normal(size=(count, *shape)).astype(np.float32)}
        (old,) = was.run([SCORES], pixels)
        scores, places = now.run([SCORES, ATTENTION], pixels)
        if not np.array_equal(old, scores):
            raise ModelError(f"{after}: its scores are not those of {before}")
        # The scores hide the temperature, so the parts are compared with the logit itself, read out of the graph.
        logits = logits_of(after, linear.output[0], pixels)
        winners = logits.argmax(axis=1)
        parts = places.sum(axis=(1, 2)) + bias[winners]
        worst = max(worst, float(np.abs(parts - logits[np.arange(count), winners]).max()))
    if worst > LIMIT:
        raise ModelError(f"{after}: the parts of a logit differ from it by {worst:.1e}")
    return worst


def logits_of(path: Path, name: str, pixels: dict[str, np.ndarray]) -> np.ndarray:
    """A value from inside a graph."""
    model = onnx.load(str(path))
    model.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, None))
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return np.asarray(session.run([name], pixels)[0])


def main() -> None:
    """Change the file that is named, whole or not at all."""
    path = Path(sys.argv[1])
    model = add_attention(onnx.load(str(path)), str(path))
    size = path.stat().st_size
    with whole_file(path) as part:
        write_through(part, model.SerializeToString())
        worst = check(path, part)
    more = path.stat().st_size - size
    print(f"{path}: scores as they were, parts differ from their logit by {worst:.1e}, {more:+d} bytes")


if __name__ == "__main__":
    main()
