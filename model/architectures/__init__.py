"""Networks without weights, by name. Needs PyTorch (extra ``train``)."""

from __future__ import annotations

from typing import Any

from ..errors import ConfigError
from .compact import Compact
from .network import EMOTIONS, Network, contributions
from .report import Basic1, Basic2, NewBase

__all__ = ["EMOTIONS", "Network", "build", "contributions", "names"]

_ARCHITECTURES: dict[str, type[Network]] = {
    "compact": Compact,
    "basic-1": Basic1,
    "basic-2": Basic2,
    "new-1": NewBase,
    "new-base": NewBase,
}


def names() -> tuple[str, ...]:
    """The names that :func:`build` knows."""
    return tuple(_ARCHITECTURES)


def build(name: str, *, channels: int, input_size: int, valence_arousal: bool = False, **options: Any) -> Network:
    """Build a network that maps ``(n, channels, input_size, input_size)`` to eight logits ``(n, 8)``.

    Args:
        name: one of :func:`names`.
        channels: 1 for grey, 3 for colour.
        input_size: side of the input in pixels.
        valence_arousal: ``(n, 10)`` instead: the last two values' tanh is valence and arousal.
        options: the architecture's own.

    Raises:
        ConfigError: no architecture has that name, or it does not take one of the options.
    """
    try:
        architecture = _ARCHITECTURES[name]
    except KeyError:
        raise ConfigError(f"unknown architecture {name!r}; known: {', '.join(_ARCHITECTURES)}") from None
    try:
        return architecture(channels=channels, input_size=input_size, valence_arousal=valence_arousal, **options)
    except TypeError as error:
        raise ConfigError(f"architecture {name}: {error}") from None
