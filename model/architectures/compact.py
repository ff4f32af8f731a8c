"""The default network: a small residual network for 48x48 faces."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from .network import EMOTIONS, Network, last_layer

#: Of normalised pixels; about three grey levels. An even picture stays even, and noise is not taken for a face.
_LEAST_VARIANCE = 0.002
#: Many times what any such network has; a number mistyped in a config would take all memory, or days.
_MOST_CHANNELS, _MOST_BLOCKS = 16384, 1000


class _Residual(nn.Module):
    """Two 3x3 convolutions around a shortcut (He et al. 2016), with the shortcut pooled when the size halves."""

    def __init__(self, inputs: int, outputs: int, *, stride: int) -> None:
        super().__init__()
        last = nn.BatchNorm2d(outputs)
        nn.init.zeros_(last.weight)  # each block starts as its shortcut
        self.body = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False),
            last,
        )
        if stride == 1 and inputs == outputs:
            self.shortcut: nn.Module = nn.Identity()
        else:  # ResNet-D: average before the 1x1 convolution, so that no pixel is dropped
            self.shortcut = nn.Sequential(
                nn.AvgPool2d(stride, ceil_mode=True, count_include_pad=False) if stride > 1 else nn.Identity(),
                nn.Conv2d(inputs, outputs, 1, bias=False),
                nn.BatchNorm2d(outputs),
            )

    def forward(self, features: Tensor) -> Tensor:
        return torch.relu(self.body(features) + self.shortcut(features))


class Compact(Network):
    """Stem at full size, then stages that halve it; ends in global average pooling and one linear layer.

    The first ``full_size`` stages do not halve: a larger network sees more so, at several times the arithmetic.

    Dim light is undone first, in one of two ways. With ``least_contrast`` a picture whose normalised pixels spread by
    less (standard deviation) is stretched to that, and its mean moved as far towards 0; others are left as they are.
    With ``standardise`` every picture is brought to mean 0 and variance 1, which must be trained.
    The end is linear over the feature map, so each place's contribution to a class is exact (attention).
    """

    name = "compact"

    def __init__(
        self,
        *,
        channels: int = 1,
        input_size: int = 48,
        valence_arousal: bool = False,
        stem: int = 16,
        widths: Sequence[int] = (32, 64, 128, 192),
        depths: Sequence[int] = (2, 2, 2, 1),
        dropout: float = 0.3,
        standardise: bool = False,
        least_contrast: float = 0.0,
        full_size: int = 0,
    ) -> None:
        super().__init__()
        if len(widths) != len(depths):
            raise TypeError(f"widths {list(widths)} and depths {list(depths)} must have the same length")
        if min(stem, *widths, *depths) < 1 or max(stem, *widths) > _MOST_CHANNELS or sum(depths) > _MOST_BLOCKS:
            raise TypeError(
                f"stem {stem}, widths {list(widths)} and depths {list(depths)} must be 1 and more, with at most "
                f"{_MOST_CHANNELS} channels and {_MOST_BLOCKS} blocks"
            )
        if not 0 <= full_size <= len(widths):
            raise TypeError(f"full_size is {full_size}, expected 0 to {len(widths)}, the number of stages")
        if input_size < 2 ** (len(widths) - full_size):
            raise TypeError(f"input_size {input_size} is too small for {len(widths)} stages")
        self.stem = nn.Sequential(nn.Conv2d(channels, stem, 3, 1, 1, bias=False), nn.BatchNorm2d(stem), nn.ReLU())
        blocks: list[nn.Module] = []
        inputs = stem
        for stage, (width, depth) in enumerate(zip(widths, depths, strict=True)):
            for place in range(depth):
                blocks.append(_Residual(inputs, width, stride=2 if place == 0 and stage >= full_size else 1))
                inputs = width
        self.stages = nn.Sequential(*blocks)
        self.dropout = nn.Dropout(dropout)
        if not 0 <= least_contrast <= 1 or (standardise and least_contrast):
            raise TypeError(f"least_contrast is {least_contrast}, expected 0 to 1, and 0 with standardise")
        self.standardise = standardise
        self.least_contrast = least_contrast
        self.classify = last_layer(inputs, valence_arousal=valence_arousal)

    def features_of(self, pixels: Tensor) -> Tensor:
        """``(n, channels, size, size)`` -> the last stage's map ``(n, c, h, w)``."""
        if self.standardise or self.least_contrast:
            middle = pixels.mean(dim=(1, 2, 3), keepdim=True)
            pixels = pixels - middle
            spread = (pixels.square().mean(dim=(1, 2, 3), keepdim=True) + _LEAST_VARIANCE).sqrt()
            if self.standardise:
                pixels = pixels / spread
            else:
                gain = (self.least_contrast / spread).clamp(min=1)
                pixels = pixels * gain + middle / gain
        features: Tensor = self.stages(self.stem(pixels))
        return features

    def outputs_of(self, features: Tensor) -> Tensor:
        """That map -> logits ``(n, 8)``, or ``(n, 10)`` with the valence and arousal head."""
        outputs: Tensor = self.classify(self.dropout(features.mean(dim=(2, 3))))
        return outputs

    def place_weights(self, features: Tensor) -> Tensor:
        """The last layer's weights, shared by all places of the mean, ``(8, c, 1, 1)``."""
        places = features.shape[2] * features.shape[3]
        return (self.classify.weight[:EMOTIONS] / places)[:, :, None, None]
