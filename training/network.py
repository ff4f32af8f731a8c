"""The config's network: built from its seed, filled from a checkpoint, fed as the card tells the app to do it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from model.architectures import build
from model.errors import ConfigError, DataError

from .config import Config
from .data.condense import CondensedSet

#: How the last layer's weights are called in every architecture.
HEAD = "classify."


def build_network(config: Config) -> nn.Module:
    """The config's network, freshly initialised from its seed."""
    torch.manual_seed(config.seed)
    network = config.network
    channels = 1 if network.colour == "gray" else 3
    heads = {"valence_arousal": True} if network.valence_arousal else {}
    return build(network.architecture, channels=channels, input_size=network.input_size, **heads, **network.options)


def normalise(pixels: Tensor, config: Config) -> Tensor:
    """Pixels in [0, 1], BGR or grey -> network input, as the card tells the app to do it."""
    if config.network.colour == "rgb":
        pixels = pixels.flip(1)
    return (pixels - config.network.mean) / config.network.std


def check_input(config: Config, data: CondensedSet) -> None:
    """Refuse pictures that the network does not take.

    Raises:
        ConfigError: their size or number of channels is another.
    """
    network = config.network
    wanted = (network.input_size, 1 if network.colour == "gray" else 3)
    stored = (data.pixels[0].shape[1], data.pixels[0].shape[3])
    if stored != wanted:
        colour = " --colour" if wanted[1] == 3 else ""
        raise ConfigError(
            f"{data.folder}: pictures of {stored[0]} pixels with {stored[1]} channel(s), network.input_size and "
            f"network.colour say {wanted[0]} with {wanted[1]}; prepare them with --size {wanted[0]}{colour}"
        )


def load_weights(
    network: nn.Module, state: dict[str, Any], part: str, config: Config, path: Path, *, head: bool = True
) -> None:
    """Put a checkpoint's ``network`` or ``averaged`` weights into ``network``; ``head`` False leaves the last layer.

    Raises:
        ConfigError: it was made with another network.
        DataError: it is no checkpoint of a run.
    """
    try:
        theirs, ours = state["config"]["network"], config.to_dict()["network"]
        # What a setting added since is called by its default in older checkpoints.
        if {**ours, **theirs} != ours or set(theirs) - set(ours):
            changed = ", ".join(f"network.{key}" for key in ours if theirs.get(key, ours[key]) != ours[key])
            raise ConfigError(f"{path}: made with another network ({changed} differ); use another name or delete it")
        weights = dict(state[part])
        if not head:
            weights |= {name: value for name, value in network.state_dict().items() if name.startswith(HEAD)}
        network.load_state_dict(weights)
    except (KeyError, TypeError, AttributeError, RuntimeError) as error:
        raise no_checkpoint(path, error) from None


def no_checkpoint(path: Path, error: Exception) -> DataError:
    """The error for a file that is a checkpoint, but none of a training run."""
    return DataError(f"{path}: not a checkpoint of a run ({type(error).__name__}); delete it to start this run again")
