"""Augmentation of a batch of faces, each picture with numbers of its own.

torchvision's v2 transforms draw one set of numbers per call, so a batch would have to be varied picture by picture;
here one ``grid_sample`` moves the whole batch (docs/decisions/augmentation.md). What works on whole batches there,
mixup and cutmix, comes from there.
"""

from __future__ import annotations

import math
from dataclasses import replace

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor
from torchvision.transforms import v2

from .config import AugmentConfig
from .draws import Draws
from .shared_layers import Part


def augment(pixels: Tensor, config: AugmentConfig, draws: Draws) -> Tensor:
    """Vary ``pixels`` float32 ``(n, channels, size, size)`` in [0, 1]; the result is again in [0, 1]."""
    pixels = _move(pixels, config, draws)
    pixels = _relight(pixels, config, draws)
    pixels = _soften(pixels, config, draws)
    pixels = _add_noise(pixels, config, draws)
    return _erase(pixels.clamp(0, 1), config, draws)


def calmed(config: AugmentConfig) -> AugmentConfig:
    """Half of everything but the mirroring: for the last epochs, so that the network ends near the real pictures."""
    halved = ("zoom", "shift", "rotate", "shear", "gamma", "contrast", "saturation", "blur", "noise", "erase")
    return replace(config, **{name: getattr(config, name) / 2 for name in halved})


def mix(
    pixels: Tensor, targets: Tensor, config: AugmentConfig, draws: Draws, part: Part | None = None
) -> tuple[Tensor, Tensor]:
    """Blend pictures and targets with others of the batch, in a share of the batches: mixup or cutmix.

    The amounts come from PyTorch's global generator, which the loop seeds for each step, alike in all processes. Of
    several, each mixes the whole batch and takes its ``part``: the others of a picture lie in another process.
    """
    if draws.total < 2:
        return pixels, targets
    share = draws.one()
    if share < config.mixup:
        mixer: v2.Transform = v2.MixUp(alpha=config.mixup_alpha)
    elif share < config.mixup + config.cutmix:
        mixer = v2.CutMix(alpha=config.cutmix_alpha)
    else:
        return pixels, targets
    if part is None:
        mixed = mixer(pixels, targets)
        return mixed[0], mixed[1]
    mixed = mixer(part.whole(pixels), part.whole(targets))
    return part.of(mixed[0]), part.of(mixed[1])


def _move(pixels: Tensor, config: AugmentConfig, draws: Draws) -> Tensor:
    """Flip, zoom, shift, rotate and shear in one resampling; the edge is repeated."""
    device = pixels.device
    angle = draws.uniform(device, -1, 1) * math.radians(config.rotate)
    zoom = torch.exp(draws.normal(device).clamp(-2.5, 2.5) * config.zoom)
    shear = draws.uniform(device, -1, 1) * config.shear
    flip = torch.where(draws.uniform(device) < config.flip, -1.0, 1.0)
    shift = 2 * config.shift * draws.uniform(device, -1, 1, columns=2)  # grid units: 2 is the side
    cos, sin = torch.cos(angle) * zoom, torch.sin(angle) * zoom
    grid_from = torch.stack(
        [
            torch.stack([flip * cos, shear - sin, shift[:, 0]], dim=1),
            torch.stack([flip * sin, cos, shift[:, 1]], dim=1),
        ],
        dim=1,
    )
    grid = F.affine_grid(grid_from, list(pixels.shape), align_corners=False)
    return F.grid_sample(pixels, grid, padding_mode="border", align_corners=False)


def _relight(pixels: Tensor, config: AugmentConfig, draws: Draws) -> Tensor:
    """Gamma, contrast, brightness, and for colour pictures saturation."""
    device = pixels.device
    gamma = torch.exp(draws.normal(device) * config.gamma).view(-1, 1, 1, 1)
    gain = 1 + draws.uniform(device, -1, 1).view(-1, 1, 1, 1) * config.contrast
    bias = draws.uniform(device, -0.5, 0.5).view(-1, 1, 1, 1) * config.contrast
    lit = pixels.clamp(1e-4, 1).pow(gamma)
    middle = lit.mean(dim=(1, 2, 3), keepdim=True)
    lit = (lit - middle) * gain + middle + bias
    if config.saturation and pixels.shape[1] > 1:
        grey = lit.mean(dim=1, keepdim=True)
        lit = grey + (lit - grey) * (1 + draws.uniform(device, -1, 1).view(-1, 1, 1, 1) * config.saturation)
    return lit


def _soften(pixels: Tensor, config: AugmentConfig, draws: Draws) -> Tensor:
    """Take some pictures through a third to four fifths of their size, as small faces come out of a camera."""
    chosen = draws.uniform(pixels.device) < config.blur
    factor = draws.one(0.33, 0.8)
    if not chosen.any():
        return pixels
    size = pixels.shape[-1]
    small = F.interpolate(pixels[chosen], size=max(4, round(size * factor)), mode="area")
    pixels = pixels.clone()
    pixels[chosen] = F.interpolate(small, size=size, mode="bilinear", align_corners=False)
    return pixels


def _add_noise(pixels: Tensor, config: AugmentConfig, draws: Draws) -> Tensor:
    chosen = draws.uniform(pixels.device) < config.noise
    level = draws.uniform(pixels.device, 0.01, 0.10)
    noise = draws.noise(chosen, pixels)
    if len(noise):
        pixels = pixels.clone()
        pixels[chosen] += noise * level[chosen].view(-1, 1, 1, 1)
    return pixels


def _erase(pixels: Tensor, config: AugmentConfig, draws: Draws) -> Tensor:
    """Cover a rectangle of 2 to 20 % of some pictures with one grey level (Zhong et al. 2020)."""
    device, size = pixels.device, pixels.shape[-1]
    chosen = draws.uniform(device) < config.erase
    area = draws.uniform(device, 0.02, 0.20)
    ratio = torch.exp(draws.uniform(device, -0.9, 0.9))
    half_height = (area * ratio).sqrt() * size / 2
    half_width = (area / ratio).sqrt() * size / 2
    centre = draws.uniform(device, columns=2) * size
    places = torch.arange(size, device=device) + 0.5
    in_rows = (places - centre[:, :1]).abs() < half_height[:, None]
    in_columns = (places - centre[:, 1:]).abs() < half_width[:, None]
    covered = (in_rows[:, :, None] & in_columns[:, None, :] & chosen[:, None, None]).unsqueeze(1)
    level = draws.uniform(device).view(-1, 1, 1, 1)
    return torch.where(covered, level, pixels)
