"""The networks of the student report that affectcam starts from, for any input size."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from .network import EMOTIONS, Network, last_layer


class _Report(Network):
    """Convolutions and pools without padding, then linear layers: the form of all of the report's networks."""

    #: (convolutions of 5x5 in a row, then the pool's size), in order; the pool is also the stride.
    stages: Sequence[tuple[Sequence[int], int]] = ()

    def __init__(
        self,
        *,
        channels: int,
        input_size: int,
        valence_arousal: bool,
        dropouts: Sequence[float],
        hidden: Sequence[int],
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        width, side = channels, input_size
        for (outputs, pool), dropout in zip(self.stages, dropouts, strict=True):
            for output in outputs:
                layers += [nn.Conv2d(width, output, 5), nn.ReLU()]
                width, side = output, side - 4
            layers.append(nn.MaxPool2d(pool))
            side //= pool
            if dropout:
                layers.append(nn.Dropout(dropout))
        if side < 1:
            raise TypeError(f"input_size {input_size} is too small, at least {self.smallest_input()} pixels are needed")
        self.features = nn.Sequential(*layers)
        inputs = width * side * side
        before: list[nn.Module] = []
        for size in hidden:
            before += [nn.Linear(inputs, size), nn.ReLU()]
            inputs = size
        self.hidden = nn.Sequential(*before)
        self.classify = last_layer(inputs, valence_arousal=valence_arousal)

    @classmethod
    def smallest_input(cls) -> int:
        """The smallest side, in pixels, that leaves one place after the last pool."""
        side = 1
        for outputs, pool in reversed(cls.stages):
            side = side * pool + 4 * len(outputs)
        return side

    def features_of(self, pixels: Tensor) -> Tensor:
        """``(n, channels, size, size)`` -> the map behind the last pool ``(n, c, h, w)``."""
        features: Tensor = self.features(pixels)
        return features

    def outputs_of(self, features: Tensor) -> Tensor:
        """That map -> logits ``(n, 8)``, or ``(n, 10)`` with the valence and arousal head."""
        outputs: Tensor = self.classify(self.hidden(torch.flatten(features, 1)))
        return outputs

    def place_weights(self, features: Tensor) -> Tensor:
        """The last layer's weights by place, ``(8, c, h, w)``; exact without hidden layers only."""
        if len(self.hidden):
            return super().place_weights(features)
        return self.classify.weight[:EMOTIONS].reshape(EMOTIONS, *features.shape[1:])


class Basic1(_Report):
    """Conv 5x5 to 6, pool 3, conv 5x5 to 16, pool 3, linear 8464 (at 224) → 120 → 84 → 8."""

    name = "basic-1"
    stages = (((6,), 3), ((16,), 3))

    def __init__(self, *, channels: int = 3, input_size: int = 224, valence_arousal: bool = False) -> None:
        super().__init__(
            channels=channels,
            input_size=input_size,
            valence_arousal=valence_arousal,
            dropouts=(0, 0),
            hidden=(120, 84),
        )


class Basic2(_Report):
    """Four times conv 5x5 to 64 and pool 2, dropout after the third and fourth, linear 6400 (at 224) → 512 → 8.

    The report's mods: ``extra_linear`` puts one more linear layer before the last, ``dropout`` sets the share; the
    summed loss is an option of training, ``train.loss``.
    """

    name = "basic-2"
    stages = (((64,), 2), ((64,), 2), ((64,), 2), ((64,), 2))

    def __init__(
        self,
        *,
        channels: int = 3,
        input_size: int = 224,
        valence_arousal: bool = False,
        dropout: float = 0.5,
        extra_linear: bool = False,
    ) -> None:
        super().__init__(
            channels=channels,
            input_size=input_size,
            valence_arousal=valence_arousal,
            dropouts=(0, 0, dropout, dropout),
            hidden=(512, 512) if extra_linear else (512,),
        )


class NewBase(_Report):
    """Conv 5x5 3→64→128, pool 3, conv 5x5 128→192→192, pool 3, dropout after each pool, one linear layer to 8.

    At 224x224 the linear layer has 84,672 inputs (192 x 21 x 21). Any ``input_size`` of at least 41 pixels works. The
    report's New 1 is the same network, trained without momentum.
    """

    name = "new-base"
    stages = (((64, 128), 3), ((192, 192), 3))

    def __init__(
        self, *, channels: int = 3, input_size: int = 224, valence_arousal: bool = False, dropout: float = 0.1
    ) -> None:
        super().__init__(
            channels=channels,
            input_size=input_size,
            valence_arousal=valence_arousal,
            dropouts=(dropout, dropout),
            hidden=(),
        )
