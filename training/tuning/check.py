"""Everything that is to be tried is tried on paper first, so that no search ends after hours at a wrong value."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch

from model.errors import ConfigError

from ..checkpoint import load_checkpoint
from ..config import Config
from ..data.condense import CondensedSet
from ..network import HEAD, build_network, check_input
from .plan import FactorValue, Range, Space, trial_config


def check_plan(
    config: Config,
    factors: Mapping[str, list[FactorValue]],
    space: Space,
    *,
    data: tuple[CondensedSet, ...],
    init: Path | None,
) -> None:
    """Refuse what a trial would stumble over.

    Raises:
        ConfigError: a key is unknown, a value has the wrong type or is out of range, two settings contradict each
            other, a network cannot be built, or the pictures or the pre-trained weights do not fit it.
        DataError: ``init`` cannot be read.
    """
    weights = load_checkpoint(init).get("averaged") if init is not None else None
    seen: set[str] = set()
    for origin, settings in _each(factors, space):
        asked = trial_config(config, settings, origin)
        network = json.dumps(asked.to_dict()["network"], sort_keys=True)
        if network not in seen:
            seen.add(network)
            _check_network(asked, data, weights, f"{origin}: {settings}")


def _each(factors: Mapping[str, list[FactorValue]], space: Space) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every value of every factor, and every value of the space alone and with each of another setting."""
    yield "tune", {}
    for key, values in factors.items():
        for value in values:
            yield f"tune.factors {key}", value.settings
    ends = {key: [each.low, each.high] if isinstance(each, Range) else each for key, each in space.items()}
    for key, choices in ends.items():
        for one in choices:
            yield f"tune.space {key}", {key: one}
    for (key, choices), (other, others) in itertools.combinations(ends.items(), 2):
        for one, another in itertools.product(choices, others):
            yield f"tune.space {key} with {other}", {key: one, other: another}


def _check_network(config: Config, data: tuple[CondensedSet, ...], weights: Any, origin: str) -> None:
    for each in data:
        check_input(config, each)
    try:
        with torch.device("meta"):  # shapes without numbers: any size in no time
            network = build_network(config)
    except ConfigError as error:
        raise ConfigError(f"{origin}: {error}") from None
    except (ValueError, RuntimeError) as error:
        raise ConfigError(f"{origin}: {config.network.architecture} cannot be built ({error})") from None
    if weights is None:
        return
    ours = {name: value.shape for name, value in network.state_dict().items()}
    theirs = {name: value.shape for name, value in weights.items()}
    if not config.pretrain.keep_head:
        ours, theirs = (
            {name: shape for name, shape in all_.items() if not name.startswith(HEAD)} for all_ in (ours, theirs)
        )
    if ours != theirs:
        raise ConfigError(
            f"{origin}: the pre-trained weights do not fit this network; set tune.pretrained to false, or take it out"
        )
