"""The training loop: set the rate, forward, backward, step, average, log, validate, save."""

from __future__ import annotations

import logging
import math
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from model.errors import ConfigError, DataError

from .augment import augment, calmed, mix
from .batches import StepSampler, read_ahead
from .begin import begin_with
from .checkpoint import load_checkpoint, save_checkpoint
from .config import Config
from .data.condense import CondensedSet
from .devices import open_fabric
from .distil import Teachers
from .draws import Draws
from .interrupted import Interrupted
from .log import TrainingLog
from .metrics import Figures
from .network import build_network, check_input, load_weights, normalise
from .objective import Objective
from .optimizer import MovingAverage, make_optimizer
from .run_state import RunState, pack, unpack
from .schedule import rate_at
from .shared_layers import Part, share_layers
from .validate import agreement_row, figures_of, loss_of, predict, validate
from .watch import Watcher

__all__ = ["BEST", "LAST", "Interrupted", "Progress", "build_network", "load_weights", "predict", "train", "validate"]

logger = logging.getLogger(__name__)

LAST = "last.pt"
BEST = "best.pt"
LOG = "log.jsonl"

_READ_LOSS_EVERY = 20  # steps, on a GPU: reading a number there makes the processor wait for it


@dataclass(slots=True)
class Progress:
    """Where the loop is; handed to the caller after each step."""

    epoch: int
    epochs: int
    step: int  # in the epoch
    steps: int  # per epoch
    loss: float  # of the latest step whose loss was read; of the epoch, after a validation
    figures: Figures | None = None  # set after a validation


def train(
    config: Config,
    train_set: CondensedSet,
    valid_set: CondensedSet,
    folder: Path,
    *,
    report: Callable[[Progress], None] = lambda _: None,
    stop: Callable[[], bool] = lambda: False,
    init: Path | None = None,
) -> Path:
    """Train until the last epoch, going on from ``folder/last.pt`` if it is there; returns the best checkpoint.

    Args:
        config: the run.
        train_set: what is learned.
        valid_set: what the best checkpoint is chosen on.
        folder: where checkpoints and the log go.
        report: called after each step and each validation.
        stop: asked after each step whether to save and leave.
        init: what is begun with: a checkpoint of a pre-training, or an exported model (.onnx).

    Raises:
        Interrupted: ``stop`` said so; the state is saved.
        DataError: the loss is not a number, or a checkpoint cannot be written or read.
        ConfigError: options do not fit.
    """
    settings = config.train
    for data in (train_set, valid_set):
        check_input(config, data)
    fabric = open_fabric(settings)
    device, world = fabric.device, fabric.world_size
    _check_same_data(fabric, train_set, valid_set)
    bare = build_network(config)
    if init is not None:
        _begin(bare, init, config)
    averaged = MovingAverage(bare, settings.ema_decay)
    optimizer = make_optimizer(bare, settings)
    steps = math.ceil(len(train_set) / settings.batch_size)
    rest = len(train_set) % settings.batch_size or settings.batch_size
    if rest < world:
        raise ConfigError(
            f"train.batch_size is {settings.batch_size} and there are {world} processes: an epoch ends with "
            f"{rest} picture(s), fewer than one for each; use another batch size"
        )
    total = settings.epochs * steps
    mine = Part(fabric.global_rank, world) if world > 1 else None
    if mine is not None and settings.accumulate == 1:
        share_layers(bare, mine, device)
    ready = bare.to(memory_format=torch.channels_last)
    network, optimizer = fabric.setup(torch.compile(ready) if settings.compile else ready, optimizer)
    averaged.module.to(device)

    now = RunState()
    if (folder / LAST).exists():
        now = unpack(folder / LAST, config, steps, bare, averaged, optimizer, fabric)
        if not (folder / BEST).exists():
            now.best = -1.0
        logger.info("resumed at epoch %d, step %d", now.step // steps + 1, now.step % steps)
    objective = Objective(train_set, settings, learn_valence_arousal=config.network.valence_arousal, device=device)
    teachers = Teachers(config, device)
    sampler = StepSampler(
        train_set.labels,
        seed=config.seed,
        balance=settings.balance,
        batch_size=settings.batch_size,
        first=now.step,
        last=total,
        rank=fabric.global_rank,
        world=world,
    )
    batches = read_ahead(train_set, sampler, workers=config.data.workers, pin=device.type == "cuda")
    log = watcher = None
    if fabric.is_global_zero:
        log = TrainingLog(folder / LOG, done_epochs=now.step // steps)
        watcher = Watcher(folder, config, valid_set, resume_epoch=now.step // steps)
    unread: list[torch.Tensor] = []  # losses of the latest steps, still on the device
    saved_at = started = time.monotonic()
    latest = 0.0

    def read_losses() -> float:
        """Bring the unread losses to the processor and stop the run if one is no number."""
        if unread:
            values = fabric.all_reduce(torch.stack(unread), reduce_op="sum").cpu()
            finite = torch.isfinite(values)
            if not finite.all():
                wrong = now.step - len(unread) + int((~finite).nonzero()[0])
                raise DataError(
                    f"{folder}: the loss is {float(values[~finite][0])} at epoch {wrong // steps + 1}, step "
                    f"{wrong % steps}; the last checkpoint is kept; begin anew with a lower train.learning_rate or "
                    "train.precision=32-true"
                )
            now.loss_sum += float(values.sum())
            now.loss_count += len(unread)
            unread.clear()
            return float(values[-1])
        return latest

    def save(path: Path) -> None:
        if fabric.is_global_zero:
            if not all(bool(torch.isfinite(value).all()) for value in bare.parameters()):
                raise DataError(
                    f"{folder}: the weights are no numbers after step {now.step}; the last checkpoint is kept; "
                    "begin anew with a lower train.learning_rate or train.precision=32-true"
                )
            save_checkpoint(path, pack(now, config, steps, bare, averaged, optimizer, fabric))

    try:
        while now.step < total and not now.ended:
            epoch = now.step // steps
            calm = epoch >= settings.epochs - config.augment.calm_epochs
            varied = calmed(config.augment) if calm else config.augment
            network.train()
            epoch_started, waited = time.monotonic(), 0.0
            for place in range(now.step % steps, steps):
                wait_started = time.monotonic()
                # Everything random in a step comes from (seed, step): a resumed run is the same run.
                seed = config.seed * 1_000_003 + now.step
                pixels, targets = next(batches)
                pictures = min(settings.batch_size, len(train_set) - place * settings.batch_size)
                if mine is not None:
                    mine.pictures = pictures
                pixels, targets = fabric.to_device(pixels), objective.soften(fabric.to_device(targets))
                draws = Draws(torch.Generator().manual_seed(seed), pictures, slice(fabric.global_rank, None, world))
                torch.manual_seed(seed)
                pixels = augment(pixels.float().div_(255), varied, draws)
                pixels, targets = mix(pixels, targets, varied, draws, mine)
                waited += time.monotonic() - wait_started
                if teachers:
                    targets = teachers.blend(pixels, targets, now.step, fabric.autocast())
                pixels = normalise(pixels, config).contiguous(memory_format=torch.channels_last)

                rate = rate_at(
                    now.step,
                    total=total,
                    warmup=round(settings.warmup_epochs * steps),
                    peak=settings.learning_rate,
                    final_share=settings.final_rate,
                    schedule=settings.schedule,
                )
                for group in optimizer.param_groups:
                    group["lr"] = rate
                # Dropout: each process draws for all, and takes its part; of parts each draws its own.
                torch.manual_seed(seed * 64 + (fabric.global_rank if settings.accumulate > 1 else 0))
                parts = list(zip(pixels.chunk(settings.accumulate), targets.chunk(settings.accumulate), strict=True))
                loss = torch.zeros((), device=device)
                for number, (some, wanted) in enumerate(parts):
                    with fabric.no_backward_sync(network, enabled=number + 1 < len(parts)):
                        part = objective(network(some), wanted, share=len(some) / pictures, pictures=pictures)
                        fabric.backward(part * world)  # processes' gradients are averaged; the losses add up
                    loss = loss + part.detach()
                if settings.clip_norm:
                    fabric.clip_gradients(network, optimizer, max_norm=settings.clip_norm, error_if_nonfinite=False)
                optimizer.step()
                optimizer.zero_grad(set_to_none=True)
                averaged.update(bare)
                unread.append(loss)
                now.step += 1
                if device.type == "cpu" or len(unread) >= _READ_LOSS_EVERY or place + 1 == steps:
                    latest = read_losses()
                report(Progress(epoch, settings.epochs, place + 1, steps, latest))
                stopping = _any_process(fabric, stop())
                if place + 1 == steps:
                    break  # validated first: a checkpoint between an epoch and its validation would skip that
                if stopping:
                    latest = read_losses()
                    save(folder / LAST)
                    raise Interrupted
                if _any_process(fabric, time.monotonic() - saved_at > settings.checkpoint_minutes * 60):
                    latest = read_losses()
                    save(folder / LAST)
                    saved_at = time.monotonic()

            mean_loss = now.loss_sum / max(1, now.loss_count)
            now.loss_sum, now.loss_count = 0.0, 0
            if now.step >= total or (epoch + 1) % settings.evaluate_every == 0:
                if fabric.is_global_zero:
                    outputs = predict(averaged.module, valid_set, config, device, precision=fabric.autocast())
                    figures = figures_of(outputs, valid_set)
                    score = (figures.accuracy + figures.mean_recall) / 2
                    now.stale = 0 if score > now.best else now.stale + 1
                    now.ended = bool(settings.patience) and now.stale >= settings.patience
                    if score > now.best:
                        now.best = score
                        save(folder / BEST)
                    report(Progress(epoch, settings.epochs, steps, steps, mean_loss, figures))
                    row = {
                        "epoch": epoch + 1,
                        "loss": round(mean_loss, 5),
                        "valid_loss": round(loss_of(outputs, valid_set), 5),
                        "rate": round(rate, 9),
                        "accuracy": round(figures.accuracy, 5),
                        "mean_recall": round(figures.mean_recall, 5),
                        "calibration_error": round(figures.calibration_error, 5),
                        "epoch_seconds": round(time.monotonic() - epoch_started, 1),
                        "data_share": round(waited / (time.monotonic() - epoch_started), 4),
                        "run_seconds": round(time.monotonic() - started, 1),
                    }
                    if config.network.valence_arousal:
                        row |= agreement_row(outputs, valid_set)
                    assert log is not None and watcher is not None  # noqa: PT018 - the first process has both
                    log.add(row)
                    watcher.after_validation(epoch + 1, row, outputs, averaged.module)
                now.best, now.stale, now.ended = fabric.broadcast((now.best, now.stale, now.ended))
            # Not after each epoch, which a GPU may be done with sooner than a disk.
            due = time.monotonic() - saved_at > settings.checkpoint_minutes * 60
            if stopping or _any_process(fabric, due) or now.step >= total or now.ended:
                save(folder / LAST)
                saved_at = time.monotonic()
            if stopping:
                raise Interrupted
    finally:
        batches.close()
        if watcher is not None:
            watcher.close()
    return folder / BEST


def _begin(network: nn.Module, init: Path, config: Config) -> None:
    if init.suffix != ".onnx":
        load_weights(network, load_checkpoint(init), "averaged", config, init, head=config.pretrain.keep_head)
        return
    got = begin_with(network, init, config)
    logger.info(
        "begins with %s: %d tensors taken, %d begin fresh, %d left out", init, got.taken, len(got.fresh), len(got.left)
    )


def _check_same_data(fabric: Any, train_set: CondensedSet, valid_set: CondensedSet) -> None:
    """Refuse a machine whose copy of the pictures is another: places would mean other pictures there."""
    for data in (train_set, valid_set):
        if fabric.broadcast(data.fingerprint) != data.fingerprint:
            raise DataError(
                f"{platform.node()}: {data.folder} holds other pictures than the first process's; copy it from there"
            )


def _any_process(fabric: Any, asked: bool) -> bool:
    """Whether any process says so: all must leave and save at the same step."""
    if fabric.world_size == 1:
        return asked
    return bool(fabric.all_reduce(torch.tensor(float(asked), device=fabric.device), reduce_op="sum") > 0)
