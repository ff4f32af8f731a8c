"""What a model file gives: the network's outputs as scores, valence and arousal, and attention."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from .architectures import EMOTIONS, Network
from .card import ATTENTION, SCORES, VALENCE_AROUSAL


class Heads(nn.Module):
    """A network with temperature, softmax, tanh and attention behind it, in full precision whatever its own.

    - ``scores (n, 8)``: ``softmax(logits / temperature)``
    - ``valence_arousal (n, 2)``: the tanh of the last two outputs
    - ``attention (n, h, w)``: what each place of the feature map adds to the likeliest emotion's logit, exactly, before
      the temperature; all places and the last layer's bias sum to that logit
    """

    def __init__(self, network: Network, *, temperature: float, names: Sequence[str]) -> None:
        """``names``: which of the three it gives, in this order."""
        super().__init__()
        self.network = network
        self.temperature = temperature
        self.names = tuple(names)

    def forward(self, pixels: Tensor) -> tuple[Tensor, ...]:
        """``(n, channels, size, size)`` -> the tensors that are called :attr:`names`."""
        return self.give(pixels, self.names)

    def give(self, pixels: Tensor, names: Sequence[str]) -> tuple[Tensor, ...]:
        """The tensors called ``names``; nothing is computed for others."""
        features = self.network.features_of(pixels)
        outputs = self.network.outputs_of(features).float()
        logits = outputs[:, :EMOTIONS]
        given = []
        for name in names:
            if name == SCORES:
                given.append(torch.softmax(logits / self.temperature, dim=1))
            elif name == VALENCE_AROUSAL:
                given.append(torch.tanh(outputs[:, EMOTIONS:]))
            elif name == ATTENTION:
                weights = self.network.place_weights(features).index_select(0, logits.argmax(dim=1))
                given.append((features.float() * weights.float()).sum(dim=1))
        return tuple(given)


def heads_of(network: Network, *, temperature: float, valence_arousal: bool, attention: bool) -> Heads:
    """Everything that a file can hold beside its scores, as asked for."""
    names = [SCORES, *[VALENCE_AROUSAL] * valence_arousal, *[ATTENTION] * attention]
    return Heads(network, temperature=temperature, names=names)
