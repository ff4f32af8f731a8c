"""New-Base, the convolutional network of the student report that affectcam starts from."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def _size_after_features(input_size: int) -> int:
    """Side of the feature map: two times (conv 5x5, conv 5x5, pool 3) without padding."""
    size = input_size
    for _ in range(2):
        size = (size - 4 - 4) // 3
    return size


class NewBase(nn.Module):
    """Conv 5x5 3→64→128, pool 3, conv 5x5 128→192→192, pool 3, dropout after each pool, one linear layer to 8.

    At 224x224 the linear layer has 84,672 inputs (192 x 21 x 21). Any ``input_size`` of at least 44 pixels works.
    """

    def __init__(self, *, channels: int = 3, input_size: int = 224, dropout: float = 0.1) -> None:
        super().__init__()
        side = _size_after_features(input_size)
        if side < 1:
            raise TypeError(f"input_size {input_size} is too small, at least 44 pixels are needed")
        self.features = nn.Sequential(
            nn.Conv2d(channels, 64, 5),
            nn.ReLU(),
            nn.Conv2d(64, 128, 5),
            nn.ReLU(),
            nn.MaxPool2d(3),
            nn.Dropout(dropout),
            nn.Conv2d(128, 192, 5),
            nn.ReLU(),
            nn.Conv2d(192, 192, 5),
            nn.ReLU(),
            nn.MaxPool2d(3),
            nn.Dropout(dropout),
        )
        self.classify = nn.Linear(192 * side * side, 8)

    def forward(self, pixels: Tensor) -> Tensor:
        """``(n, channels, size, size)`` -> logits ``(n, 8)``."""
        logits: Tensor = self.classify(torch.flatten(self.features(pixels), 1))
        return logits
