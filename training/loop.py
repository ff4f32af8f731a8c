"""The training loop: set the rate, forward, backward, step, average, log, validate, save."""

from __future__ import annotations

import json
import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from lightning.fabric import Fabric
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from model.architectures import build
from model.errors import ConfigError, DataError

from .augment import augment, calmed, mixup
from .batches import epoch_order, fetch
from .checkpoint import load_checkpoint, save_checkpoint
from .config import Config
from .data.condense import CondensedSet
from .metrics import Figures, measure
from .schedule import rate_at

logger = logging.getLogger(__name__)

LAST = "last.pt"
BEST = "best.pt"


@dataclass(slots=True)
class Progress:
    """Where the loop is; handed to the caller after each step."""

    epoch: int
    epochs: int
    step: int  # in the epoch
    steps: int  # per epoch
    loss: float
    figures: Figures | None = None  # set after a validation


class Interrupted(Exception):  # noqa: N818 - no error: the user asked for it
    """The caller asked to stop; a checkpoint was written."""


def build_network(config: Config) -> nn.Module:
    """The config's network, freshly initialised from its seed."""
    torch.manual_seed(config.seed)
    network = config.network
    channels = 1 if network.colour == "gray" else 3
    return build(network.architecture, channels=channels, input_size=network.input_size, **network.options)


def normalise(pixels: Tensor, config: Config) -> Tensor:
    """Pixels in [0, 1], BGR or grey -> network input, as the card tells the app to do it."""
    if config.network.colour == "rgb":
        pixels = pixels.flip(1)
    return (pixels - config.network.mean) / config.network.std


def train(
    config: Config,
    train_set: CondensedSet,
    valid_set: CondensedSet,
    folder: Path,
    *,
    report: Callable[[Progress], None] = lambda _: None,
    stop: Callable[[], bool] = lambda: False,
) -> Path:
    """Train until the last epoch, going on from ``folder/last.pt`` if it is there; returns the best checkpoint.

    Raises:
        Interrupted: ``stop`` said so; the state is saved.
        DataError: the loss is not a number, or a checkpoint cannot be written or read.
        ConfigError: options do not fit.
    """
    settings = config.train
    for data in (train_set, valid_set):
        check_input(config, data)
    if settings.threads:
        torch.set_num_threads(settings.threads)
    if settings.devices != 1:
        raise ConfigError(f"train.devices is {settings.devices}; training runs on one device so far, use 1")
    fabric = Fabric(accelerator=settings.accelerator, devices=settings.devices, precision=settings.precision)
    fabric.launch()
    bare = build_network(config)
    averaged = AveragedModel(bare, multi_avg_fn=None, avg_fn=_keep_average(settings.ema_decay), use_buffers=True)
    optimizer = _make_optimizer(bare, config)
    network, optimizer = fabric.setup(bare.to(memory_format=torch.channels_last), optimizer)
    averaged.to(fabric.device)

    steps = math.ceil(len(train_set) / settings.batch_size)
    log_prior = _log_prior(train_set).to(fabric.device) * settings.prior_adjustment
    at, best = 0, -1.0
    if (folder / LAST).exists():
        at, best = _restore(folder / LAST, config, steps, bare, averaged, optimizer)
        if not (folder / BEST).exists():
            best = -1.0
        logger.info("resumed at epoch %d, step %d", at // steps + 1, at % steps)
    log = folder / "log.jsonl"
    saved_at = started = time.monotonic()

    def save(path: Path) -> None:
        if fabric.is_global_zero:
            save_checkpoint(path, _state(config, at, steps, best, bare, averaged, optimizer))

    while at < settings.epochs * steps:
        epoch = at // steps
        order = epoch_order(train_set.labels, seed=config.seed, epoch=epoch, balance=settings.balance)
        calm = epoch >= settings.epochs - config.augment.calm_epochs
        varied = calmed(config.augment) if calm else config.augment
        losses: list[float] = []
        network.train()
        epoch_started, waited = time.monotonic(), 0.0
        for place in range(at % steps, steps):
            fetch_started = time.monotonic()
            # Everything random in a step comes from (seed, step): a resumed run is the same run.
            generator = torch.Generator().manual_seed(config.seed * 1_000_003 + at)
            torch.manual_seed(config.seed * 1_000_003 + at)
            chosen = order[place * settings.batch_size : (place + 1) * settings.batch_size]
            pixels, targets = fetch(train_set, chosen)
            pixels = augment(pixels, varied, generator)
            pixels, targets = mixup(pixels, targets, varied, generator)
            pixels = normalise(pixels, config).contiguous(memory_format=torch.channels_last)
            pixels, targets = fabric.to_device(pixels), fabric.to_device(targets)
            waited += time.monotonic() - fetch_started

            rate = rate_at(
                at,
                total=settings.epochs * steps,
                warmup=max(1, round(settings.warmup_epochs * steps)),
                peak=settings.learning_rate,
                final_share=settings.final_rate,
            )
            for group in optimizer.param_groups:
                group["lr"] = rate
            loss = F.cross_entropy(network(pixels) + log_prior, targets)
            if not torch.isfinite(loss):
                raise DataError(
                    f"{folder}: the loss is {loss.item()} at epoch {epoch + 1}, step {place}; the last checkpoint is "
                    "kept; try a lower train.learning_rate or train.precision=32-true"
                )
            optimizer.zero_grad(set_to_none=True)
            fabric.backward(loss)
            if settings.clip_norm:
                fabric.clip_gradients(network, optimizer, max_norm=settings.clip_norm)
            optimizer.step()
            averaged.update_parameters(bare)
            at += 1
            losses.append(loss.item())
            report(Progress(epoch, settings.epochs, place + 1, steps, losses[-1]))
            stopping = stop()
            if place + 1 == steps:
                break  # validated first: a checkpoint between an epoch and its validation would skip that
            if stopping:
                save(folder / LAST)
                raise Interrupted
            if time.monotonic() - saved_at > settings.checkpoint_minutes * 60:
                save(folder / LAST)
                saved_at = time.monotonic()

        last = at >= settings.epochs * steps
        if last or (epoch + 1) % settings.evaluate_every == 0:
            figures = validate(averaged.module, valid_set, config, fabric.device)
            score = (figures.accuracy + figures.mean_recall) / 2
            if score > best:
                best = score
                save(folder / BEST)
            report(Progress(epoch, settings.epochs, steps, steps, float(np.mean(losses)), figures))
            if fabric.is_global_zero:
                _log(log, epoch + 1, losses, rate, figures, epoch_started, started, waited)
        save(folder / LAST)
        saved_at = time.monotonic()
        if stopping:
            raise Interrupted
    return folder / BEST


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


def load_weights(network: nn.Module, state: dict[str, Any], part: str, config: Config, path: Path) -> None:
    """Put a checkpoint's ``network`` or ``averaged`` weights into ``network``.

    Raises:
        ConfigError: it was made with another network.
        DataError: it is no checkpoint of a run.
    """
    try:
        theirs, ours = state["config"]["network"], config.to_dict()["network"]
        if theirs != ours:
            changed = ", ".join(f"network.{key}" for key in ours if theirs.get(key) != ours[key])
            raise ConfigError(f"{path}: made with another network ({changed} differ); use another name or delete it")
        network.load_state_dict(state[part])
    except (KeyError, TypeError, AttributeError, RuntimeError) as error:
        raise _no_checkpoint(path, error) from None


def _no_checkpoint(path: Path, error: Exception) -> DataError:
    return DataError(f"{path}: not a checkpoint of a run ({type(error).__name__}); delete it to start this run again")


def validate(network: nn.Module, data: CondensedSet, config: Config, device: torch.device) -> Figures:
    """Score a network on a whole split, one forward pass."""
    return measure(torch.softmax(predict(network, data, config, device), dim=1).numpy(), data.labels)


@torch.inference_mode()
def predict(network: nn.Module, data: CondensedSet, config: Config, device: torch.device) -> Tensor:
    """Logits ``(N, 8)`` float32 of a whole split, on the CPU."""
    network.eval()
    parts = []
    for start in range(0, len(data), config.evaluate.batch_size):
        pixels, _ = fetch(data, np.arange(start, min(len(data), start + config.evaluate.batch_size)))
        pixels = normalise(pixels, config).to(device, memory_format=torch.channels_last)
        parts.append(network(pixels).float().cpu())
    return torch.cat(parts)


def _keep_average(decay: float) -> Callable[[Tensor, Tensor, Tensor | int], Tensor]:
    """Moving average that follows quickly at first; with decay 0 it is the network itself."""

    def average(kept: Tensor, new: Tensor, count: Tensor | int) -> Tensor:
        if not kept.is_floating_point():
            return new
        now = min(decay, (1 + int(count)) / (10 + int(count)))
        return kept.lerp(new, 1 - now)

    return average


def _make_optimizer(network: nn.Module, config: Config) -> torch.optim.Optimizer:
    settings = config.train
    decayed = [value for value in network.parameters() if value.ndim > 1]
    plain = [value for value in network.parameters() if value.ndim <= 1]  # biases and batch-norm: no decay
    groups = [{"params": decayed, "weight_decay": settings.weight_decay}, {"params": plain, "weight_decay": 0.0}]
    rate = settings.learning_rate
    if settings.optimizer == "sgd":
        return torch.optim.SGD(groups, lr=rate, momentum=settings.momentum, nesterov=settings.momentum > 0)
    if settings.optimizer == "adam":
        return torch.optim.Adam(groups, lr=rate)
    if settings.optimizer == "adamw":
        return torch.optim.AdamW(groups, lr=rate)
    raise ConfigError(f"train.optimizer is {settings.optimizer!r}, expected sgd, adam or adamw")


def _log_prior(data: CondensedSet) -> Tensor:
    prior = data.targets.mean(axis=0)
    return torch.from_numpy(np.log(np.maximum(prior, 1e-6)))


def _state(
    config: Config, at: int, steps: int, best: float, network: nn.Module, averaged: AveragedModel, optimizer: Any
) -> dict[str, Any]:
    return {
        "config": config.to_dict(),
        "step": at,
        "steps": steps,  # per epoch
        "best": best,
        "network": network.state_dict(),
        "averaged": averaged.module.state_dict(),
        "averages": int(averaged.n_averaged),
        "optimizer": optimizer.state_dict(),
    }


def _restore(
    path: Path, config: Config, steps: int, network: nn.Module, averaged: AveragedModel, optimizer: Any
) -> tuple[int, float]:
    state = load_checkpoint(path)
    load_weights(network, state, "network", config, path)
    load_weights(averaged.module, state, "averaged", config, path)
    try:
        theirs = (state["config"]["train"]["optimizer"], state.get("steps", steps))
        if theirs != (config.train.optimizer, steps):
            raise ConfigError(
                f"{path}: made with {theirs[0]} and {theirs[1]} steps per epoch, now {config.train.optimizer} and "
                f"{steps}; go on with the same train.optimizer, train.batch_size and data, or use another name"
            )
        averaged.n_averaged.fill_(state["averages"])
        optimizer.load_state_dict(state["optimizer"])
        return int(state["step"]), float(state["best"])
    except (KeyError, TypeError, ValueError, AttributeError, RuntimeError) as error:
        raise _no_checkpoint(path, error) from None


def _log(
    log: Path,
    epoch: int,
    losses: list[float],
    rate: float,
    figures: Figures,
    epoch_started: float,
    started: float,
    waited: float,
) -> None:
    now = time.monotonic()
    row = {
        "epoch": epoch,
        "loss": round(float(np.mean(losses)), 5),
        "rate": round(rate, 7),
        "accuracy": round(figures.accuracy, 5),
        "mean_recall": round(figures.mean_recall, 5),
        "calibration_error": round(figures.calibration_error, 5),
        "epoch_seconds": round(now - epoch_started, 1),
        "data_share": round(waited / (now - epoch_started), 4),
        "run_seconds": round(now - started, 1),
    }
    try:
        with log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
    except OSError as error:
        raise DataError(f"{log}: cannot write the log ({error.strerror})") from None
