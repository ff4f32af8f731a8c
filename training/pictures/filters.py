"""What the convolutions have learned: the first layer's filters as pictures, the deeper ones' as grids of slices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import nn

from .tiles import Picture, enlarge, grid, signed_to_grey

_MOST_FILTERS = 64  # of a first layer
_MOST_SLICES = 12  # filters, and inputs of each, of a deeper layer


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FilterPicture:
    """A convolution's filters in one picture."""

    layer: str  # its name in the network
    size: int  # side of a filter in pixels
    outputs: int
    inputs: int
    shown_outputs: int
    shown_inputs: int  # equal to inputs for a first layer, whose inputs are a picture's channels
    picture: Picture


def filters_of(network: nn.Module) -> list[FilterPicture]:
    """A picture for each convolution of more than one pixel, in the network's order.

    Mid-grey is a weight of zero. Of deeper layers the strongest filters are rows, the inputs that these weigh most are
    columns.
    """
    pictures: list[FilterPicture] = []
    for name, module in network.named_modules():
        if isinstance(module, nn.Conv2d) and module.kernel_size[0] > 1:
            weights = module.weight.detach().float().cpu().numpy()
            pictures.append(_first(name, weights) if not pictures else _deeper(name, weights))
    return pictures


def _first(name: str, weights: NDArray[np.float32]) -> FilterPicture:
    """Each filter is a small picture, scaled by itself: dark to bright is its pattern, not its strength."""
    outputs, inputs, size, _ = weights.shape
    shown = weights[np.sort(_strongest(weights, (1, 2, 3), _MOST_FILTERS))]
    most = np.abs(shown).max(axis=(1, 2, 3), keepdims=True)
    grey = signed_to_grey((shown / np.where(most > 0, most, 1)).astype(np.float32), 1.0)
    if inputs in (1, 3):
        tiles = [np.ascontiguousarray(one.transpose(1, 2, 0)) for one in grey]
    else:
        tiles = [one.mean(axis=0).round().astype(np.uint8) for one in grey]
    columns = min(16, len(tiles))
    factor = min(12, max(4, 480 // (columns * size)))
    return FilterPicture(
        layer=name,
        size=size,
        outputs=outputs,
        inputs=inputs,
        shown_outputs=len(tiles),
        shown_inputs=inputs,
        picture=grid([enlarge(tile, factor) for tile in tiles], columns=columns, gap=3),
    )


def _deeper(name: str, weights: NDArray[np.float32]) -> FilterPicture:
    outputs, inputs, size, _ = weights.shape
    rows = _strongest(weights, (1, 2, 3), _MOST_SLICES)
    columns = _strongest(weights[rows], (0, 2, 3), _MOST_SLICES)
    shown = weights[rows][:, columns]
    grey = signed_to_grey(shown, float(np.percentile(np.abs(shown), 99.5)))
    tiles = [enlarge(one, 4 if size < 5 else 3) for row in grey for one in row]
    return FilterPicture(
        layer=name,
        size=size,
        outputs=outputs,
        inputs=inputs,
        shown_outputs=len(rows),
        shown_inputs=len(columns),
        picture=grid(tiles, columns=len(columns), gap=2),
    )


def _strongest(weights: NDArray[np.float32], over: tuple[int, ...], most: int) -> NDArray[np.intp]:
    """Places of the largest sums of squares along the remaining axis, the largest first."""
    energy = (weights.astype(np.float64) ** 2).sum(axis=over)
    return np.argsort(-energy, kind="stable")[:most]
