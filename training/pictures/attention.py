"""Where a reading comes from: each place's exact share in a class's logit, laid over the picture."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.architectures import Network, contributions
from model.errors import ConfigError

from .tiles import Picture, as_bgr

# For and against the class, BGR: Okabe & Ito's vermilion and blue, apart for the common kinds of colour blindness.
_FOR, _AGAINST = np.array([0, 94, 213], np.float32), np.array([178, 114, 0], np.float32)
_STRONGEST = 0.55  # how much of the picture the strongest place covers


@torch.inference_mode()
def winners_shares(network: Network, pixels: Tensor) -> tuple[NDArray[np.int64], NDArray[np.float32]] | None:
    """The class that each picture is read as, and what each place adds to that class's logit.

    Args:
        network: in evaluation mode.
        pixels: ``(n, channels, size, size)``, normalised.

    Returns:
        Classes ``(n,)`` and shares ``(n, h, w)``, which sum to the class's logit less its bias; None where layers
        that are not linear stand behind the feature map, so that no exact share exists.
    """
    try:
        shares = contributions(network, pixels)
    except ConfigError:
        return None
    bias = network.classify.bias[: shares.shape[1]]
    winners = (shares.sum(dim=(2, 3)) + bias).argmax(dim=1)
    own = shares[torch.arange(len(winners), device=shares.device), winners]
    return winners.cpu().numpy(), own.float().cpu().numpy()


def draw_attention(picture: Picture, shares: NDArray[np.float32]) -> Picture:
    """Lay a class's shares ``(h, w)`` over the picture: orange spoke for it, blue against it, clear did neither.

    The places are drawn as the squares that they are: nothing is smoothed.
    """
    height, width = picture.shape[:2]
    most = float(np.abs(shares).max()) or 1.0
    large = cv2.resize(shares.astype(np.float32) / most, (width, height), interpolation=cv2.INTER_NEAREST)[..., None]
    alpha = _STRONGEST * np.abs(large)
    out = as_bgr(picture).astype(np.float32) * (1 - alpha) + np.where(large > 0, _FOR, _AGAINST) * alpha
    return np.asarray(out.round(), dtype=np.uint8)
