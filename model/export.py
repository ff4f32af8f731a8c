"""PyTorch -> ONNX, with the card inside and a parity check. Needs PyTorch and onnx (extra ``train``)."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from .card import METADATA_KEY, ModelCard
from .emotions import LABELS
from .errors import ModelError

#: Largest difference of a probability between PyTorch and ONNX Runtime that an export may have.
PARITY_LIMIT = 1e-4
_OPSET = 18


class _Scores(nn.Module):
    """The network with temperature and softmax behind it: what the file computes."""

    def __init__(self, network: nn.Module, temperature: float) -> None:
        super().__init__()
        self.network = network
        self.temperature = temperature

    def forward(self, pixels: Tensor) -> Tensor:
        return torch.softmax(self.network(pixels) / self.temperature, dim=1)


def export(network: nn.Module, card: ModelCard, path: Path) -> float:
    """Write ``network`` (in evaluation mode) with ``card`` to ``path``, whole or not at all.

    The weights keep their PyTorch names, so that the CUDA back end can load them from the file.

    Args:
        network: maps ``(n, channels, size, size)`` float32 to logits ``(n, 8)``.
        card: what goes into the metadata.
        path: the .onnx file; an earlier one is replaced only by a checked one.

    Returns:
        The largest difference of a probability between PyTorch and ONNX Runtime, over pictures made up from a seed.

    Raises:
        ModelError: that difference is above 1e-4, the network does not fit the card, or the file cannot be written.
    """
    card = ModelCard.from_json(card.to_json(), origin=str(path))  # the same checks as when it is read
    network = network.eval().cpu()
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(part, _to_onnx(network, card, path))
        difference = _parity(network, card, part, path)
        if not difference <= PARITY_LIMIT:
            raise ModelError(
                f"{path}: not written, ONNX Runtime differs from PyTorch by {difference:.2e} in a probability "
                f"(limit {PARITY_LIMIT:.0e}); check the network for operators that export differently"
            )
        part.replace(path)
    except OSError as error:
        raise ModelError(f"{path}: cannot be written ({error.strerror or error})") from None
    finally:
        with contextlib.suppress(OSError):  # a file in its folder's place, say: that is told already
            part.unlink(missing_ok=True)
    return difference


def rewrite_card(path: Path, card: ModelCard) -> None:
    """Replace the card in a model file; the graph stays as it is.

    Raises:
        ModelError: the file cannot be read or written.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        model = onnx.load(str(path), load_external_data=False)
        kept = [item for item in model.metadata_props if item.key != METADATA_KEY]
        del model.metadata_props[:]
        model.metadata_props.extend(kept)
        model.metadata_props.add(key=METADATA_KEY, value=card.to_json())
        _write(part, model.SerializeToString())
        part.replace(path)
    except OSError as error:
        raise ModelError(f"{path}: cannot be written ({error.strerror or error})") from None
    finally:
        with contextlib.suppress(OSError):  # a file in its folder's place, say: that is told already
            part.unlink(missing_ok=True)


def _write(part: Path, content: bytes) -> None:
    """Down to the disk: without this a crash of the system soon after the rename could leave an empty file."""
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _to_onnx(network: nn.Module, card: ModelCard, path: Path) -> bytes:
    example = torch.zeros(2, card.channels, card.input_size, card.input_size)
    wrapped = _Scores(network, card.temperature).eval()
    try:
        with torch.inference_mode():
            shape = tuple(wrapped(example).shape)
    except RuntimeError as error:
        raise ModelError(f"{path}: the network does not take the card's input ({str(error).splitlines()[0]})") from None
    if shape != (2, len(LABELS)):
        raise ModelError(f"{path}: the network gives {shape} for two pictures, expected (2, {len(LABELS)})")
    for chatty in ("torch.onnx", "onnxscript", "onnx_ir"):
        logging.getLogger(chatty).setLevel(logging.ERROR)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")  # the exporter's own deprecations
        program = torch.onnx.export(
            wrapped,
            (example,),
            input_names=["pixels"],
            output_names=["scores"],
            dynamic_shapes={"pixels": {0: torch.export.Dim("n", min=1, max=65536)}},
            opset_version=_OPSET,
            dynamo=True,
            optimize=False,  # keeps the weights' names
            verbose=False,
        )
    if program is None:
        raise ModelError(f"{path}: PyTorch's exporter gave nothing")
    model = program.model_proto
    model.metadata_props.add(key=METADATA_KEY, value=card.to_json())
    _forget_origin(model)
    return bytes(model.SerializeToString())


def _forget_origin(model: onnx.ModelProto) -> None:
    """Drop what the exporter notes about source files: paths of this machine, which also bloat the file."""
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    for value in (*model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer):
        del value.metadata_props[:]
    del model.graph.metadata_props[:]


def _parity(network: nn.Module, card: ModelCard, part: Path, path: Path) -> float:
    rng = np.random.default_rng(0)
    shape = (16, card.channels, card.input_size, card.input_size)
    pictures: NDArray[np.float32] = rng.normal(size=shape).astype(np.float32)
    try:
        session = onnxruntime.InferenceSession(str(part), providers=["CPUExecutionProvider"])
        ours = session.run(["scores"], {"pixels": pictures})[0]
    except Exception as error:  # ONNX Runtime's exceptions have no public base
        raise ModelError(f"{path}: ONNX Runtime cannot run the exported model ({error})") from None
    with torch.inference_mode():
        theirs = torch.softmax(network(torch.from_numpy(pictures)) / card.temperature, dim=1).numpy()
    return float(np.abs(ours - theirs).max())
