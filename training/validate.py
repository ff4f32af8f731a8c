"""A network's outputs and figures on a whole split."""

from __future__ import annotations

import contextlib
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from .batches import fetch
from .config import Config
from .data.condense import CondensedSet
from .metrics import Figures, measure
from .network import normalise
from .objective import EMOTIONS
from .valence_arousal import agreement_of


def validate(network: nn.Module, data: CondensedSet, config: Config, device: torch.device) -> Figures:
    """Score a network on a whole split, one forward pass."""
    return figures_of(predict(network, data, config, device), data)


def figures_of(outputs: Tensor, data: CondensedSet) -> Figures:
    """Judge the outputs ``(N, 8 or 10)`` of a whole split."""
    return measure(torch.softmax(outputs[:, :EMOTIONS], dim=1).numpy(), data.labels)


def loss_of(outputs: Tensor, data: CondensedSet) -> float:
    """Mean cross entropy against the labels, without any of training's weights: comparable between runs."""
    labels = torch.from_numpy(data.labels.astype(np.int64))
    return float(F.cross_entropy(outputs[:, :EMOTIONS], labels))


def agreement_row(outputs: Tensor, data: CondensedSet) -> dict[str, float]:
    """RMSE and concordance of valence and arousal, for the log, from outputs ``(N, 10)``."""
    found = agreement_of(torch.tanh(outputs[:, EMOTIONS:]).numpy(), data.valence_arousal)
    return {
        f"{measure}_{name}": round(value, 5)
        for name, each in found.items()
        for measure, value in (("rmse", each.rmse), ("ccc", each.ccc))
    }


@torch.inference_mode()
def predict(
    network: nn.Module,
    data: CondensedSet,
    config: Config,
    device: torch.device,
    *,
    precision: AbstractContextManager[Any] | None = None,
) -> Tensor:
    """Outputs ``(N, 8)`` float32 of a whole split, on the CPU; ``(N, 10)`` with the valence and arousal head."""
    network.eval()
    parts = []
    with precision or contextlib.nullcontext():
        for start in range(0, len(data), config.evaluate.batch_size):
            pixels, _ = fetch(data, np.arange(start, min(len(data), start + config.evaluate.batch_size)))
            pixels = normalise(pixels.to(device).float().div_(255), config)
            parts.append(network(pixels.contiguous(memory_format=torch.channels_last)).float().cpu())
    return torch.cat(parts)
