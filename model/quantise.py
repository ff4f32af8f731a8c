"""fp32 .onnx -> int8 .onnx: static, with ranges measured on pictures. Needs onnx (extra ``train``)."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from .backends.onnx import OnnxBackend
from .card import INT8, SCORES, ModelCard
from .errors import ModelError
from .export import fold_constants, set_card
from .joined_pooling import join_pooling
from .whole_file import whole_file, write_through

#: Faces in a batch of calibration. A range is the mean over batches of what each spans, so this is part of the recipe.
CALIBRATION_BATCH = 8
# A residual network's additions too: between int8 convolutions a float addition costs more than it saves.
_QUANTISED = ("Conv", "Relu", "MaxPool", "AveragePool", "Add", "Gemm", "MatMul")


def quantise(source: Path, batches: Iterable[NDArray[np.float32]], path: Path) -> ModelCard:
    """Write the int8 version of the exported model ``source`` to ``path``, whole or not at all.

    Weights are int8 per output channel, features uint8. The first convolution, the last linear layer and all that
    follows it (temperature, softmax, tanh, attention) stay in fp32.

    Args:
        source: a file that :func:`model.export.export` wrote.
        batches: prepared pictures ``(n, channels, size, size)``, best of :data:`CALIBRATION_BATCH` each, as in use.
        path: the .onnx file; an earlier one is replaced only by one that runs.

    Returns:
        Its card: that of ``source``, as int8 and without its figures, which are to be measured anew.

    Raises:
        ModelError: ``source`` cannot be read or quantised, there are no pictures, or the file cannot be written.
    """
    original = OnnxBackend(source).card
    card = dataclasses.replace(original, name=original.name + INT8, precision="int8", figures={}, commands={})
    pictures = _Pictures(batches)
    with whole_file(path) as part, tempfile.TemporaryDirectory(prefix="affectcam-int8-") as folder:
        model = _quantised(source, pictures, Path(folder))
        set_card(model, card)
        write_through(part, model.SerializeToString())
        assert pictures.last is not None
        scores = OnnxBackend(part).run(pictures.last, [SCORES])[SCORES]
        if not np.allclose(scores.sum(axis=1), 1, atol=1e-3):
            raise ModelError(f"{path}: not written, the int8 model of {source} gives no probabilities")
    return card


class _Pictures:
    """Batches as ONNX Runtime's calibration asks for them."""

    def __init__(self, batches: Iterable[NDArray[np.float32]]) -> None:
        self._batches: Iterator[NDArray[np.float32]] = iter(batches)
        self.last: NDArray[np.float32] | None = None

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        """One batch by the input's name; None at the end."""
        batch = next(self._batches, None)
        if batch is None:
            return None
        self.last = batch
        return {"pixels": batch}


def _quantised(source: Path, pictures: _Pictures, folder: Path) -> onnx.ModelProto:
    # Imported here: they bring their own tools and take a while.
    from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    folded, done = folder / "folded.onnx", folder / "int8.onnx"
    try:
        exported = onnx.load(str(source), load_external_data=False)
        fold_constants(exported)  # a file of an earlier version may need it
        onnx.save(exported, str(folder / "exported.onnx"))
        # Batch norms go into the convolutions: quantised apart, each would round once more.
        quant_pre_process(str(folder / "exported.onnx"), str(folded), skip_symbolic_shape=True)
        smaller = onnx.load(str(folded))
        join_pooling(smaller)
        onnx.save(smaller, str(folded))
        quantize_static(
            str(folded),
            str(done),
            pictures,
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=list(_QUANTISED),
            nodes_to_exclude=_kept_exact(folded),
            per_channel=True,
            # 7 bits of weights: with 8, processors without VNNI overflow 16 bits between two products, silently.
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.MinMax,
            extra_options={"CalibMovingAverage": True},  # in one go it is the plain mean over batches
        )
        model = onnx.load(str(done))
    except OSError:
        raise
    except Exception as error:  # ONNX Runtime's exceptions have no public base
        if pictures.last is None:
            raise ModelError(f"{source}: int8 needs pictures to measure ranges on, none were given") from None
        reason = " ".join(str(error).split())[:160]
        raise ModelError(f"{source}: cannot be quantised ({type(error).__name__}: {reason})") from None
    if not any(node.op_type == "QuantizeLinear" for node in model.graph.node):
        raise ModelError(f"{source}: nothing in it can be quantised; use the fp32 file")
    _drop_unused_domains(model)
    return model


def _kept_exact(file: Path) -> list[str]:
    """The names of the nodes that stay in fp32: all up to the first convolution, and the last linear layer."""
    model = onnx.load(str(file))
    for place, node in enumerate(model.graph.node):
        node.name = f"{node.op_type}_{place}"  # some have none, and nodes are excluded by name
    onnx.save(model, str(file))
    names = [node.name for node in model.graph.node]  # in the order in which they run
    first = next((place for place, node in enumerate(model.graph.node) if node.op_type == "Conv"), -1)
    linear = [node.name for node in model.graph.node if node.op_type in ("Gemm", "MatMul")]
    return names[: first + 1] + linear[-1:]


def _drop_unused_domains(model: Any) -> None:
    """Keep only the operator sets that the graph uses; ONNX Runtime's optimiser notes all that it knows."""
    used = {node.domain for node in model.graph.node}
    kept = [item for item in model.opset_import if item.domain in used]
    del model.opset_import[:]
    model.opset_import.extend(kept)
