"""What a checkpoint holds of a run, and how a run goes on from it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lightning.fabric import Fabric
from torch import nn

from model.errors import ConfigError

from .checkpoint import load_checkpoint
from .config import Config
from .network import load_weights, no_checkpoint
from .optimizer import MovingAverage


@dataclass(slots=True)
class RunState:
    """Where a run is."""

    step: int = 0  # optimizer steps done
    best: float = -1.0  # best mean of accuracy and mean recall so far
    stale: int = 0  # validations since
    loss_sum: float = 0.0  # over the steps of the present epoch
    loss_count: int = 0
    ended: bool = False  # early, by patience


def pack(
    state: RunState,
    config: Config,
    steps: int,
    network: nn.Module,
    averaged: MovingAverage,
    optimizer: Any,
    fabric: Fabric,
) -> dict[str, Any]:
    """Everything from which the run can go on exactly; ``steps`` is their number per epoch."""
    return {
        "config": config.to_dict(),
        "step": state.step,
        "steps": steps,
        "best": state.best,
        "stale": state.stale,
        "loss_sum": state.loss_sum,
        "loss_count": state.loss_count,
        "ended": state.ended,
        "network": network.state_dict(),
        "averaged": averaged.module.state_dict(),
        "averages": averaged.count,
        "optimizer": optimizer.state_dict(),
        "precision": fabric.strategy.precision.state_dict(),  # the loss scale of half precision
    }


def unpack(
    path: Path,
    config: Config,
    steps: int,
    network: nn.Module,
    averaged: MovingAverage,
    optimizer: Any,
    fabric: Fabric,
) -> RunState:
    """Put a checkpoint's content into place; returns where the run was.

    Raises:
        ConfigError: it was made with another network, optimizer or number of steps.
        DataError: it is no checkpoint of a run.
    """
    kept = load_checkpoint(path)
    load_weights(network, kept, "network", config, path)
    load_weights(averaged.module, kept, "averaged", config, path)
    try:
        theirs = (kept["config"]["train"]["optimizer"], kept.get("steps", steps))
        if theirs != (config.train.optimizer, steps):
            raise ConfigError(
                f"{path}: made with {theirs[0]} and {theirs[1]} steps per epoch, now {config.train.optimizer} and "
                f"{steps}; go on with the same train.optimizer, train.batch_size and data, or use another name"
            )
        averaged.count = int(kept["averages"])
        optimizer.load_state_dict(kept["optimizer"])
        fabric.strategy.precision.load_state_dict(kept.get("precision", {}))
        return RunState(
            step=int(kept["step"]),
            best=float(kept["best"]),
            stale=int(kept.get("stale", 0)),
            loss_sum=float(kept.get("loss_sum", 0.0)),
            loss_count=int(kept.get("loss_count", 0)),
            ended=bool(kept.get("ended", False)),
        )
    except (KeyError, TypeError, ValueError, AttributeError, RuntimeError) as error:
        raise no_checkpoint(path, error) from None
