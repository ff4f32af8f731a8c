"""Augmentation of a batch of faces, each picture with numbers of its own.

torchvision's v2 transforms draw one set of numbers per call, so a batch would have to be varied picture by picture;
here one ``grid_sample`` moves the whole batch (docs/decisions/augmentation.md).
"""

from __future__ import annotations

import math
from dataclasses import replace

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from .config import AugmentConfig


def augment(pixels: Tensor, config: AugmentConfig, generator: torch.Generator) -> Tensor:
    """Vary ``pixels`` float32 ``(n, channels, size, size)`` in [0, 1]; the result is again in [0, 1]."""
    pixels = _move(pixels, config, generator)
    pixels = _relight(pixels, config, generator)
    pixels = _soften(pixels, config, generator)
    pixels = _add_noise(pixels, config, generator)
    return _erase(pixels.clamp(0, 1), config, generator)


def calmed(config: AugmentConfig) -> AugmentConfig:
    """Half of everything but the mirroring: for the last epochs, so that the network ends near the real pictures."""
    halved = ("zoom", "shift", "rotate", "shear", "gamma", "contrast", "blur", "noise", "erase")
    return replace(config, **{name: getattr(config, name) / 2 for name in halved})


def mixup(pixels: Tensor, targets: Tensor, config: AugmentConfig, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Blend each picture and its target with another's of the batch (Zhang et al. 2018), in a share of the batches."""
    if _uniform(1, generator).item() >= config.mixup:
        return pixels, targets
    # beta(a, a) from two gammas would need the global generator; a = small is close to this power law at both ends
    lam = _uniform(1, generator).item() ** (1 / max(config.mixup_alpha, 1e-3)) / 2
    order = torch.randperm(len(pixels), generator=generator)
    return pixels.lerp(pixels[order], lam), targets.lerp(targets[order], lam)


def _uniform(count: int, generator: torch.Generator, low: float = 0.0, high: float = 1.0) -> Tensor:
    return low + (high - low) * torch.rand(count, generator=generator)


def _move(pixels: Tensor, config: AugmentConfig, generator: torch.Generator) -> Tensor:
    """Flip, zoom, shift, rotate and shear in one resampling; the edge is repeated."""
    count = len(pixels)
    angle = _uniform(count, generator, -1, 1) * math.radians(config.rotate)
    zoom = torch.exp(torch.randn(count, generator=generator).clamp(-2.5, 2.5) * config.zoom)
    shear = _uniform(count, generator, -1, 1) * config.shear
    flip = torch.where(_uniform(count, generator) < config.flip, -1.0, 1.0)
    shift = 2 * config.shift * (2 * torch.rand(count, 2, generator=generator) - 1)  # grid units: 2 is the side
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


def _relight(pixels: Tensor, config: AugmentConfig, generator: torch.Generator) -> Tensor:
    """Gamma, contrast and brightness."""
    count = len(pixels)
    gamma = torch.exp(torch.randn(count, generator=generator) * config.gamma).view(-1, 1, 1, 1)
    gain = 1 + _uniform(count, generator, -1, 1).view(-1, 1, 1, 1) * config.contrast
    bias = _uniform(count, generator, -0.5, 0.5).view(-1, 1, 1, 1) * config.contrast
    lit = pixels.clamp(1e-4, 1).pow(gamma)
    middle = lit.mean(dim=(1, 2, 3), keepdim=True)
    return (lit - middle) * gain + middle + bias


def _soften(pixels: Tensor, config: AugmentConfig, generator: torch.Generator) -> Tensor:
    """Take some pictures through half to three quarters of their size, as small faces come out of a camera."""
    chosen = _uniform(len(pixels), generator) < config.blur
    factor = _uniform(1, generator, 0.4, 0.8).item()
    if not chosen.any():
        return pixels
    size = pixels.shape[-1]
    small = F.interpolate(pixels[chosen], size=max(4, round(size * factor)), mode="area")
    pixels = pixels.clone()
    pixels[chosen] = F.interpolate(small, size=size, mode="bilinear", align_corners=False)
    return pixels


def _add_noise(pixels: Tensor, config: AugmentConfig, generator: torch.Generator) -> Tensor:
    chosen = (_uniform(len(pixels), generator) < config.noise).float()
    level = chosen * _uniform(len(pixels), generator, 0.01, 0.06)
    return pixels + torch.randn(pixels.shape, generator=generator) * level.view(-1, 1, 1, 1)


def _erase(pixels: Tensor, config: AugmentConfig, generator: torch.Generator) -> Tensor:
    """Cover a rectangle of 2 to 20 % of some pictures with one grey level (Zhong et al. 2020)."""
    count, size = len(pixels), pixels.shape[-1]
    chosen = _uniform(count, generator) < config.erase
    area = _uniform(count, generator, 0.02, 0.20)
    ratio = torch.exp(_uniform(count, generator, -0.9, 0.9))
    half_height = (area * ratio).sqrt() * size / 2
    half_width = (area / ratio).sqrt() * size / 2
    centre = torch.rand(count, 2, generator=generator) * size
    places = torch.arange(size) + 0.5
    in_rows = (places - centre[:, :1]).abs() < half_height[:, None]
    in_columns = (places - centre[:, 1:]).abs() < half_width[:, None]
    covered = (in_rows[:, :, None] & in_columns[:, None, :] & chosen[:, None, None]).unsqueeze(1)
    level = _uniform(count, generator).view(-1, 1, 1, 1)
    return torch.where(covered, level, pixels)
