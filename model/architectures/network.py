"""What all networks share: features, then linear layers, the last of which gives emotions and perhaps two more."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn

from ..emotions import LABELS
from ..errors import ConfigError

EMOTIONS = len(LABELS)


class Network(nn.Module):
    """A network in two halves, so that what lies between them can be looked at.

    The last linear layer, ``classify``, gives eight logits, and with the valence and arousal head two values more,
    whose tanh is valence and arousal.
    """

    #: How :func:`model.architectures.build` calls it.
    name: ClassVar[str]
    classify: nn.Linear

    def forward(self, pixels: Tensor) -> Tensor:
        """``(n, channels, size, size)`` -> logits ``(n, 8)``, or ``(n, 10)`` with the valence and arousal head."""
        return self.outputs_of(self.features_of(pixels))

    def features_of(self, pixels: Tensor) -> Tensor:
        """``(n, channels, size, size)`` -> the last feature map ``(n, c, h, w)``."""
        raise NotImplementedError

    def outputs_of(self, features: Tensor) -> Tensor:
        """The last feature map -> what :meth:`forward` gives."""
        raise NotImplementedError

    def place_weights(self, features: Tensor) -> Tensor:  # noqa: ARG002 - what overrides it needs the map
        """What each emotion's logit gains per unit of each feature, ``(8, c, h, w)`` or ``(8, c, 1, 1)``.

        Raises:
            ConfigError: layers that are not linear follow the features, so a place has no share of its own.
        """
        raise ConfigError(
            f"{self.name} has hidden layers behind its feature map, so what a place adds to a class is not exact; "
            "attention needs compact, new-1 or new-base, or export.attention=false"
        )


def last_layer(inputs: int, *, valence_arousal: bool) -> nn.Linear:
    """The linear layer that ends every network."""
    return nn.Linear(inputs, EMOTIONS + (2 if valence_arousal else 0))


def contributions(network: Network, pixels: Tensor) -> Tensor:
    """What each place of the feature map adds to each emotion's logit, exactly: ``(n, 8, h, w)``.

    Over all places they sum to the logit less the last layer's bias. The network must be in evaluation mode.

    Raises:
        ConfigError: the network has hidden layers behind its feature map.
    """
    features = network.features_of(pixels)
    weights = network.place_weights(features).expand(-1, *features.shape[1:])
    return torch.einsum("nchw,kchw->nkhw", features, weights)
