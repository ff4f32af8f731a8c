"""One trial: a short training with some settings changed, on a share of the pictures."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from model.errors import DataError

from ..checkpoint import load_checkpoint, save_checkpoint
from ..config import Config
from ..data.condense import CondensedSet, open_condensed
from ..interrupted import Interrupted
from ..log import read_log
from ..loop import LOG, Progress, train
from .job import State, TrialFailed, lock_of, score_of
from .plan import trial_config

_KEPT_FIGURES = ("epoch", "loss", "valid_loss", "accuracy", "mean_recall")


def run_trial(
    config: Config,
    settings: dict[str, Any],
    folder: Path,
    *,
    init: Path | None = None,
    on_validation: Callable[[int, float], bool] = lambda _epoch, _score: False,
    stop: Callable[[], bool] = lambda: False,
) -> dict[str, Any]:
    """Train with ``settings`` changed and judge on the whole validation split; goes on from what ``folder`` holds.

    Args:
        config: the run; ``tune.epochs``, ``tune.share`` and ``data`` say how long and on what.
        settings: dotted key -> value.
        folder: of this trial alone; checkpoints and the log.
        init: pre-trained weights to begin with.
        on_validation: told the epoch (from 1) and the score; True leaves the trial off.
        stop: asked after each step whether to save and leave.

    Returns:
        ``state`` (complete or pruned), ``accuracy``, ``mean_recall`` and ``loss`` of the best epoch, ``seconds`` of
        this call, ``epochs``: a row each.

    Raises:
        Interrupted: ``stop`` said so; the same call goes on from there.
        TrialFailed: the loss is no number, or memory does not suffice.
        ConfigError: settings do not fit.
        DataError: the pictures or the pre-trained weights cannot be read, or the disk refuses.
    """
    started = time.monotonic()
    asked = trial_config(config, settings)
    train_set, valid_set = _open_sets(config)
    pruned: list[int] = []

    def report(progress: Progress) -> None:
        if progress.figures is not None:
            score = score_of(round(progress.figures.accuracy, 5), round(progress.figures.mean_recall, 5))
            # After the last epoch there is nothing left to save.
            if on_validation(progress.epoch + 1, score) and progress.epoch + 1 < progress.epochs:
                pruned.append(progress.epoch + 1)

    try:
        first = _fitting(init, asked, folder) if init is not None else None
        train(asked, train_set, valid_set, folder, report=report, stop=lambda: bool(pruned) or stop(), init=first)
    except Interrupted:
        if not pruned:
            raise
    except DataError as error:
        if "the loss is" not in str(error):
            raise
        raise TrialFailed(f"the loss is{str(error).partition('the loss is')[2].partition(';')[0]}") from None
    except (MemoryError, RuntimeError) as error:
        if not _out_of_memory(error):
            raise
        torch.cuda.empty_cache()
        raise TrialFailed("out of memory; try a smaller train.batch_size or train.accumulate") from None
    rows = read_log(folder / LOG)
    return {
        "state": str(State.PRUNED if pruned else State.COMPLETE),
        **_best(rows, folder),
        "seconds": round(time.monotonic() - started, 2),
        "epochs": [{key: row[key] for key in _KEPT_FIGURES if key in row} for row in rows],
    }


def clear_trial(folder: Path) -> None:
    """Remove what only a trial that goes on needs, its lock too; its log stays."""
    with contextlib.suppress(OSError):
        lock_of(folder).unlink(missing_ok=True)
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name != LOG:
            with contextlib.suppress(OSError):  # left over at worst, in the way of nothing
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def stratified(labels: NDArray[np.uint8], share: float, *, seed: int) -> NDArray[np.intp]:
    """The places, rising, of ``share`` of each class, at least one picture of each that occurs."""
    rng = np.random.default_rng([seed, len(labels)])
    chosen = []
    for emotion in np.unique(labels):
        members = rng.permutation(np.flatnonzero(labels == emotion))
        chosen.append(members[: max(1, round(share * len(members)))])
    return np.sort(np.concatenate(chosen))


def _open_sets(config: Config) -> tuple[CondensedSet, CondensedSet]:
    root = Path(config.data.root)
    # Whoever began the search has compared the hashes.
    train_set, valid_set = (
        open_condensed(root / name, verify=False) for name in (config.data.train, config.data.valid)
    )
    if config.tune.share < 1:
        train_set = train_set.subset(stratified(train_set.labels, config.tune.share, seed=config.seed))
    return train_set, valid_set


def _best(rows: list[dict[str, Any]], folder: Path) -> dict[str, float]:
    if not rows:
        raise DataError(f"{folder / LOG}: has no row although the trial ended; delete the folder to do it again")
    best = max(rows, key=lambda row: score_of(row["accuracy"], row["mean_recall"]))
    return {"accuracy": best["accuracy"], "mean_recall": best["mean_recall"], "loss": best.get("valid_loss")}


def _fitting(init: Path, config: Config, folder: Path) -> Path:
    """Pre-trained weights as a checkpoint of the trial's own network, which may differ in what shapes no weight."""
    state = load_checkpoint(init)
    network = config.to_dict()["network"]
    if state.get("config", {}).get("network") == network:
        return init
    path = folder / "init.pt"
    save_checkpoint(path, {"config": {"network": network}, "averaged": state.get("averaged")})
    return path


def _out_of_memory(error: Exception) -> bool:
    return isinstance(error, MemoryError | torch.cuda.OutOfMemoryError) or "can't allocate memory" in str(error)
