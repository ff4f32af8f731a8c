"""Networks without weights, by name. Needs PyTorch (extra ``train``)."""

from __future__ import annotations

from typing import Any

import torch

from ..errors import ConfigError
from .compact import Compact
from .report import Basic1, Basic2, NewBase

_ARCHITECTURES: dict[str, type[torch.nn.Module]] = {
    "compact": Compact,
    "basic-1": Basic1,
    "basic-2": Basic2,
    "new-1": NewBase,
    "new-base": NewBase,
}


def names() -> tuple[str, ...]:
    """The names that :func:`build` knows."""
    return tuple(_ARCHITECTURES)


def build(name: str, *, channels: int, input_size: int, **options: Any) -> torch.nn.Module:
    """Build a network that maps ``(n, channels, input_size, input_size)`` to eight logits ``(n, 8)``.

    Raises:
        ConfigError: no architecture has that name, or it does not take one of the options.
    """
    try:
        architecture = _ARCHITECTURES[name]
    except KeyError:
        raise ConfigError(f"unknown architecture {name!r}; known: {', '.join(_ARCHITECTURES)}") from None
    try:
        return architecture(channels=channels, input_size=input_size, **options)
    except TypeError as error:
        raise ConfigError(f"architecture {name}: {error}") from None
