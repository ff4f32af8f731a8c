"""What the layers make of one picture: the strongest channels after each stage."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from .tiles import Picture, enlarge, grid, heat

_MOST_MAPS = 12
_SIDE = 48  # a map's side in the picture, about, in pixels


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StageMaps:
    """A stage's output for one picture."""

    stage: str  # its name in the network
    channels: int
    side: int  # pixels
    shown: int  # channels
    picture: Picture


@torch.inference_mode()
def feature_maps_of(network: nn.Module, pixels: Tensor) -> list[StageMaps]:
    """The channels that vary most over the picture, after each stage; bright is strong, on one scale in a stage.

    Args:
        network: in evaluation mode.
        pixels: one picture ``(1, channels, size, size)``, normalised.
    """
    outputs: dict[str, Tensor] = {}

    def keep(name: str, _module: nn.Module, _inputs: object, output: Tensor) -> None:
        if isinstance(output, Tensor) and output.ndim == 4:
            outputs[name] = output[0].detach().float().cpu()

    hooks = [module.register_forward_hook(partial(keep, name)) for name, module in stages_of(network)]
    try:
        network(pixels)
    finally:
        for hook in hooks:
            hook.remove()
    return [_drawn(name, output.clamp(min=0).numpy()) for name, output in outputs.items()]


def stages_of(network: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """What counts as a stage: activations and pools of a plain chain; elsewhere stems and blocks as a whole."""
    for name, child in network.named_children():
        if not isinstance(child, nn.Sequential):
            yield name, child
        elif any(list(module.children()) for module in child):
            yield from ((f"{name}.{place}", module) for place, module in child.named_children())
        elif any(isinstance(module, nn.BatchNorm2d) for module in child):
            yield name, child
        else:
            for place, module in child.named_children():
                if isinstance(module, nn.ReLU | nn.MaxPool2d):
                    yield f"{name}.{place}", module


def _drawn(stage: str, maps: NDArray[np.float32]) -> StageMaps:
    channels, side, _ = maps.shape
    places = np.sort(np.argsort(-maps.std(axis=(1, 2)), kind="stable")[:_MOST_MAPS])
    shown = maps[places]
    most = float(np.percentile(shown, 99.5))
    tiles = [_of_side(heat(one, most)) for one in shown]
    picture = grid(tiles, columns=_MOST_MAPS, gap=2)
    return StageMaps(stage=stage, channels=channels, side=side, shown=len(places), picture=picture)


def _of_side(tile: Picture) -> Picture:
    """Small maps by whole factors, so that their pixels stay what they are; large ones reduced."""
    side = tile.shape[0]
    if side > _SIDE:
        return np.asarray(cv2.resize(tile, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return enlarge(tile, max(1, round(_SIDE / side)))
