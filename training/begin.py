"""Begin a training with the weights of an exported model, also where the new network is deeper or less deep."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor, nn

from model.errors import ConfigError
from model.exported_weights import read_exported

from .config import Config

_BLOCK = re.compile(r"stages\.(\d+)\.(.+)")
_COUNTERS = "num_batches_tracked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a network took from a model file."""

    taken: int  # tensors
    fresh: list[str]  # the network's tensors that begin as they were initialised
    left: list[str]  # the file's tensors for which the network has no place


def begin_with(network: nn.Module, path: Path, config: Config) -> Taken:
    """Put an exported model's weights into ``network``.

    Weights are matched by their names, blocks by their stage and their place in it. A block that only the new network
    has begins as its initialisation makes it: for ``compact`` as its shortcut, so that a deeper network begins with
    the shallower one's readings.

    Args:
        network: freshly built.
        path: the .onnx file.
        config: the run that built ``network``.

    Raises:
        ModelError: the file cannot be read.
        ConfigError: it holds another architecture or takes another input, or no weight of it fits.
    """
    card, theirs, _ = read_exported(path)
    wanted = config.network
    for key, their, our in (
        ("network.architecture", card.architecture, wanted.architecture),
        ("network.input_size", card.input_size, wanted.input_size),
        ("network.colour", card.colour, wanted.colour),
        ("network.mean", card.mean, (wanted.mean,) * card.channels),
        ("network.std", card.std, (wanted.std,) * card.channels),
    ):
        if their != our:
            raise ConfigError(f"{path}: pretrain.weights has {key} {their!r}, this run {our!r}; set it alike")
    theirs = _by_stage(theirs)
    ours = _by_stage({name: value for name, value in network.state_dict().items() if not name.endswith(_COUNTERS)})
    fitting = {name for name, value in ours.items() if name in theirs and theirs[name].shape == value.shape}
    if not config.pretrain.keep_head:
        fitting = {name for name in fitting if not name.startswith("classify.")}
    if not fitting:
        raise ConfigError(f"{path}: no weight of it fits this run's network; see network.options")
    for name in fitting:
        ours[name].copy_(theirs[name])
    return Taken(taken=len(fitting), fresh=sorted(set(ours) - fitting), left=sorted(set(theirs) - fitting))


def _by_stage(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Blocks numbered through become ``stages.STAGE.PLACE``; a block with weights in its shortcut opens a stage."""
    opens = {int(found[1]) for name in weights if (found := _BLOCK.match(name)) and found[2].startswith("shortcut.")}
    renamed = {}
    for name, value in weights.items():
        if found := _BLOCK.match(name):
            number = int(found[1])
            first = max((block for block in opens if block <= number), default=0)
            name = f"stages.{len([block for block in opens if block < first])}.{number - first}.{found[2]}"
        renamed[name] = value
    return renamed
