"""What spoils a face in use, in three levels each: blur, noise, low light, distance, tilt, cover, compression."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
#: A crop ``(side, side)`` or ``(side, side, 3)``, how much, and random numbers of the picture's own.
Spoil = Callable[[Pixels, float, np.random.Generator], Pixels]

# A webcam's sensor, in grey levels of 255: noise of reading, and of counting light at full light.
_READ_NOISE, _SHOT_NOISE = 1.5, 8.0


@dataclass(frozen=True, slots=True)
class Degradation:
    """One thing that spoils a face, mild, medium and strong."""

    name: str
    unit: str  # what the levels count
    levels: tuple[float, float, float]
    spoil: Spoil


def blur(crop: Pixels, share: float, rng: np.random.Generator) -> Pixels:  # noqa: ARG001 - all have one shape
    """Out of focus: a Gaussian whose sigma is a ``share`` of the side."""
    return _bytes(cv2.GaussianBlur(crop, (0, 0), share * crop.shape[0], borderType=cv2.BORDER_REPLICATE))


def noise(crop: Pixels, share: float, rng: np.random.Generator) -> Pixels:
    """A camera's grain: Gaussian, its sigma a ``share`` of full light."""
    return _bytes(crop + rng.normal(scale=share * 255, size=crop.shape))


def low_light(crop: Pixels, light: float, rng: np.random.Generator) -> Pixels:
    """A share of the ``light``, with the noise of a sensor that counts little of it, in eight bits."""
    dark = crop * light
    sigma = np.sqrt(_READ_NOISE**2 + _SHOT_NOISE**2 * dark / 255)
    return _bytes(dark + rng.normal(size=crop.shape) * sigma)


def shrink(crop: Pixels, side: float, rng: np.random.Generator) -> Pixels:  # noqa: ARG001
    """Far away: ``side`` pixels are left of the crop, which the model's own resizing then enlarges."""
    side = min(round(side), crop.shape[0])
    return _bytes(cv2.resize(crop, (side, side), interpolation=cv2.INTER_AREA))


def rotate(crop: Pixels, degrees: float, rng: np.random.Generator) -> Pixels:
    """A head held ``degrees`` askew, to one side or the other; the edge is repeated."""
    middle = (crop.shape[0] - 1) / 2
    turned = cv2.getRotationMatrix2D((middle, middle), degrees * rng.choice((-1, 1)), 1.0)
    return _bytes(cv2.warpAffine(crop, turned, crop.shape[1::-1], borderMode=cv2.BORDER_REPLICATE))


def cover(crop: Pixels, share: float, rng: np.random.Generator) -> Pixels:
    """A rectangle of one grey level, anywhere inside, over a ``share`` of the crop."""
    side = crop.shape[0]
    ratio = np.exp(rng.uniform(-0.7, 0.7))
    height, width = (min(side, max(1, round(side * np.sqrt(share * each)))) for each in (ratio, 1 / ratio))
    top, left = (int(rng.integers(0, side - each + 1)) for each in (height, width))
    covered = crop.copy()
    covered[top : top + height, left : left + width] = rng.integers(0, 256)
    return covered


def compress(crop: Pixels, quality: float, rng: np.random.Generator) -> Pixels:  # noqa: ARG001
    """JPEG of a ``quality`` from 0 to 100, whose blocks are those of a poor video call."""
    _, encoded = cv2.imencode(".jpg", crop, [cv2.IMWRITE_JPEG_QUALITY, round(quality)])
    return _bytes(cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE if crop.ndim == 2 else cv2.IMREAD_COLOR))


def _bytes(values: NDArray[np.generic]) -> Pixels:
    if values.dtype == np.uint8:
        return np.asarray(values, np.uint8)
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


DEGRADATIONS = (
    Degradation("blur", "sigma, share of the side", (0.015, 0.03, 0.05), blur),
    Degradation("noise", "sigma, share of full light", (0.025, 0.05, 0.1), noise),
    Degradation("low light", "share of the light", (0.5, 0.25, 0.12), low_light),
    Degradation("small face", "pixels", (32, 24, 16), shrink),
    Degradation("rotation", "degrees", (10, 20, 30), rotate),
    Degradation("cover", "share of the crop", (0.1, 0.2, 0.35), cover),
    Degradation("compression", "JPEG quality", (50, 25, 10), compress),
)
