"""Teachers: finished networks whose readings of the same varied picture are learned beside the labels."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from model.errors import ConfigError, DataError

from .checkpoint import load_checkpoint
from .config import Config
from .load_config import config_of
from .network import build_network, load_weights, normalise
from .objective import EMOTIONS
from .teacher_files import teacher_files


@dataclass(frozen=True, slots=True)
class _Teacher:
    network: nn.Module
    config: Config


class Teachers:
    """They see what the network sees, erased and noisy as it is, and say how they read it (Beyer et al. 2022)."""

    def __init__(self, config: Config, device: torch.device) -> None:
        """Load them all.

        Args:
            config: the run that learns from them.
            device: where they read.

        Raises:
            ConfigError: one is not there, or takes other pictures than the run has.
            DataError: one is no checkpoint of a run.
        """
        self._share = config.distil.share
        self._at_once = config.distil.at_once
        self._teachers = [_load(file, config, device) for file in teacher_files(config.distil)]

    def __bool__(self) -> bool:
        return bool(self._teachers)

    @torch.no_grad()
    def blend(self, pixels: Tensor, targets: Tensor, step: int, precision: AbstractContextManager[Any]) -> Tensor:
        """Targets ``(n, 10)`` with the teachers' mean reading as their share of the first eight columns.

        Args:
            pixels: ``(n, channels, size, size)`` in [0, 1], varied.
            targets: as :meth:`training.objective.Objective.soften` gives them.
            step: of the run: with ``distil.at_once`` set they take turns, so many a step.
            precision: what they compute in.
        """
        asked = _in_turn(self._teachers, step, self._at_once)
        with precision:
            logits = [each.network(_fed(pixels, each.config))[:, :EMOTIONS] for each in asked]
        reading = torch.stack([torch.softmax(each.float(), dim=1) for each in logits]).mean(dim=0)
        emotions = torch.lerp(targets[:, :EMOTIONS], reading, self._share)
        return torch.cat([emotions, targets[:, EMOTIONS:]], dim=1)


def _in_turn(teachers: Sequence[_Teacher], step: int, at_once: int) -> Sequence[_Teacher]:
    count = len(teachers)
    if not at_once or at_once >= count:
        return teachers
    return [teachers[(step * at_once + number) % count] for number in range(at_once)]


def _fed(pixels: Tensor, config: Config) -> Tensor:
    return normalise(pixels, config).contiguous(memory_format=torch.channels_last)


def _load(file: Path, config: Config, device: torch.device) -> _Teacher:
    state = load_checkpoint(file)
    theirs = state.get("config")
    if not isinstance(theirs, dict):
        raise DataError(f"{file}: not a checkpoint of a run; name another in distil.teachers")
    own = config_of(theirs, str(file))
    for key in ("input_size", "colour"):
        their, our = getattr(own.network, key), getattr(config.network, key)
        if their != our:
            raise ConfigError(
                f"{file}: the teacher has network.{key} {their!r}, this run {our!r}; they see one picture"
            )
    network = build_network(own)
    load_weights(network, state, "averaged", own, file)
    network.eval().requires_grad_(False)
    return _Teacher(network.to(device, memory_format=torch.channels_last), own)
