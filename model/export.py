"""PyTorch -> ONNX, with the card inside and a parity check. Needs PyTorch and onnx (extra ``train``)."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxscript.optimizer
import torch
from numpy.typing import NDArray

from .architectures import Network
from .card import ATTENTION, METADATA_KEY, SCORES, VALENCE_AROUSAL, ModelCard
from .errors import ModelError
from .half_weights import halve, round_weights
from .heads import Heads, heads_of
from .runtime import onnxruntime
from .whole_file import whole_file, write_through

#: Largest difference of a probability between PyTorch and ONNX Runtime that an export may have.
PARITY_LIMIT = 1e-4
_OPSET = 18
_WHAT = {SCORES: "a probability", VALENCE_AROUSAL: "valence or arousal", ATTENTION: "the attention"}


def export(
    network: Network, card: ModelCard, path: Path, *, attention: bool = False, half_weights: bool = False
) -> float:
    """Write ``network`` (in evaluation mode) with ``card`` to ``path``, whole or not at all.

    The weights keep their PyTorch names, so that the CUDA back end can load them from the file.

    Args:
        network: maps ``(n, channels, size, size)`` float32 to logits ``(n, 8)``, or to ``(n, 10)`` if the card says
            that it learned valence and arousal.
        card: what goes into the metadata.
        path: the .onnx file; an earlier one is replaced only by a checked one.
        attention: also give ``attention (n, h, w)``.
        half_weights: store the large weights in 16 bits; those of ``network`` are rounded to them in place.

    Returns:
        The largest difference of a probability between PyTorch and ONNX Runtime, over pictures made up from a seed.

    Raises:
        ModelError: an output differs by more than 1e-4, the network does not fit the card, or the file cannot be
            written.
        ConfigError: attention of a network that cannot give it exactly.
    """
    card = ModelCard.from_json(card.to_json(), origin=str(path))  # the same checks as when it is read
    if half_weights:
        round_weights(network)
    heads = heads_of(
        network.eval().float().cpu(),
        temperature=card.temperature,
        valence_arousal=card.valence_arousal == "learned",
        attention=attention,
    ).eval()
    with whole_file(path) as part:
        write_through(part, _to_onnx(heads, card, path, half_weights=half_weights))
        differences = _parity(heads, card, part, path)
        for name, difference in differences.items():
            if not difference <= PARITY_LIMIT:
                raise ModelError(
                    f"{path}: not written, ONNX Runtime differs from PyTorch by {difference:.2e} in {_WHAT[name]} "
                    f"(limit {PARITY_LIMIT:.0e}); check the network for operators that export differently"
                )
    return differences[SCORES]


def rewrite_card(path: Path, card: ModelCard) -> None:
    """Replace the card in a model file; the graph stays as it is.

    Raises:
        ModelError: the file cannot be read or written.
    """
    with whole_file(path) as part:
        model = onnx.load(str(path), load_external_data=False)
        set_card(model, card)
        write_through(part, model.SerializeToString())


def set_card(model: onnx.ModelProto, card: ModelCard) -> None:
    """Put ``card`` into a model's metadata; anything else that a tool noted there goes."""
    del model.metadata_props[:]
    model.metadata_props.add(key=METADATA_KEY, value=card.to_json())


def fold_constants(model: onnx.ModelProto) -> None:
    """Compute what depends on no input; the weights keep their names.

    PyTorch's exporter gives convolutions without a bias one that the graph computes, and ONNX Runtime then does not
    join them with the batch norms behind them: the default network took twice the time.
    """
    onnxscript.optimizer.fold_constants(model)
    onnxscript.optimizer.remove_unused_nodes(model)


def _to_onnx(heads: Heads, card: ModelCard, path: Path, *, half_weights: bool) -> bytes:
    example = torch.zeros(2, card.channels, card.input_size, card.input_size)
    _check_outputs(heads, card, example, path)
    for chatty in ("torch.onnx", "onnxscript", "onnx_ir"):
        logging.getLogger(chatty).setLevel(logging.ERROR)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")  # the exporter's own deprecations
        program = torch.onnx.export(
            heads,
            (example,),
            input_names=["pixels"],
            output_names=list(heads.names),
            dynamic_shapes={"pixels": {0: torch.export.Dim("n", min=1, max=65536)}},
            opset_version=_OPSET,
            dynamo=True,
            optimize=False,  # keeps the weights' names
            verbose=False,
        )
        if program is None:
            raise ModelError(f"{path}: PyTorch's exporter gave nothing")
        model = program.model_proto
        fold_constants(model)
    if half_weights:
        try:
            halve(model)
        except ValueError as error:
            raise ModelError(f"{path}: not written, {error}; export without half_weights") from None
    set_card(model, card)
    _forget_origin(model)
    return bytes(model.SerializeToString())


def _check_outputs(heads: Heads, card: ModelCard, example: torch.Tensor, path: Path) -> None:
    wanted = 10 if card.valence_arousal == "learned" else 8
    try:
        with torch.inference_mode():
            shape = tuple(heads.network(example).shape)
            heads(example)
    except RuntimeError as error:
        raise ModelError(f"{path}: the network does not take the card's input ({str(error).splitlines()[0]})") from None
    if shape != (2, wanted):
        raise ModelError(
            f"{path}: the network gives {shape} for two pictures, expected (2, {wanted}) where valence and arousal are "
            f"{card.valence_arousal}"
        )


def _forget_origin(model: onnx.ModelProto) -> None:
    """Drop what the exporter notes about source files: paths of this machine, which also bloat the file."""
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    for value in (*model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer):
        del value.metadata_props[:]
    del model.graph.metadata_props[:]


def _parity(heads: Heads, card: ModelCard, part: Path, path: Path) -> dict[str, float]:
    """The largest difference in each output; attention, which has no scale of its own, as a share of its largest."""
    rng = np.random.default_rng(0)
    shape = (16, card.channels, card.input_size, card.input_size)
    pictures: NDArray[np.float32] = rng.normal(size=shape).astype(np.float32)
    try:
        session = onnxruntime.InferenceSession(str(part), providers=["CPUExecutionProvider"])
        ours = session.run(list(heads.names), {"pixels": pictures})
    except Exception as error:  # ONNX Runtime's exceptions have no public base
        raise ModelError(f"{path}: ONNX Runtime cannot run the exported model ({error})") from None
    with torch.inference_mode():
        theirs = [value.numpy() for value in heads(torch.from_numpy(pictures))]
    scales = {ATTENTION: max(1.0, float(np.abs(theirs[-1]).max()))}
    return {
        name: float(np.abs(one - other).max()) / scales.get(name, 1.0)
        for name, one, other in zip(heads.names, ours, theirs, strict=True)
    }
