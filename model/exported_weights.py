"""The weights in a model file, in PyTorch's names, as ``model.export`` keeps them. Needs PyTorch and onnx."""

from __future__ import annotations

from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor

from .card import METADATA_KEY, ModelCard
from .errors import ModelError
from .model_file import read_model_file

_PREFIX = "network."


def read_exported(path: Path) -> tuple[ModelCard, dict[str, Tensor], tuple[str, ...]]:
    """A model file's card, its weights by the names of the network that was exported, and its outputs' names.

    Raises:
        ModelError: it is no ONNX file, holds what affectcam does not run, or has no card.
    """
    content = read_model_file(path)
    try:
        graph = onnx.load_model_from_string(content)
    except Exception as error:  # protobuf's own errors
        raise ModelError(f"{path}: not a readable ONNX model ({type(error).__name__})") from None
    cards = [item.value for item in graph.metadata_props if item.key == METADATA_KEY]
    if not cards:
        raise ModelError(f"{path}: no affectcam model card in this file")
    card = ModelCard.from_json(cards[0], origin=str(path))
    try:
        weights = {
            item.name.removeprefix(_PREFIX): torch.from_numpy(numpy_helper.to_array(item).copy()).float()
            for item in graph.graph.initializer
            if item.name.startswith(_PREFIX)
        }
    except (ValueError, TypeError, RuntimeError) as error:
        raise ModelError(f"{path}: its weights cannot be read ({error}); export the model again") from None
    return card, weights, tuple(output.name for output in graph.graph.output)
