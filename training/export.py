"""From a run's best checkpoint to the files that the app loads: fp32, and int8 if asked for."""

from __future__ import annotations

import dataclasses
import logging
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from model.architectures import EMOTIONS, Network, contributions
from model.card import INT8, LOST_TO_INT8, ModelCard
from model.classifier import Classifier
from model.errors import DataError, ModelError
from model.export import PARITY_LIMIT, export, rewrite_card
from model.half_weights import round_weights
from model.preprocess import prepare
from model.quantise import CALIBRATION_BATCH, quantise

from .checkpoint import load_checkpoint
from .config import Config
from .data.condense import CondensedSet, open_condensed
from .evaluate import Scored, score
from .network import build_network, check_input, load_weights
from .run_card import card_figures, evaluate_command, run_card
from .steps import sha256_of, write_json
from .temperature import fit_temperature
from .valence_arousal import Agreement, agreement_of
from .validate import predict

logger = logging.getLogger(__name__)

#: Where a run's trained weights lie, in its folder.
CHECKPOINT = Path("train") / "best.pt"
#: What the export measured, in the run's folder.
EXPORTED = "export.json"
#: Points of validation accuracy that int8 may cost before a warning.
MOST_LOST = 0.5


@dataclass(slots=True)
class _Draft:
    """A file on its way: complete under ``draft``, to appear as ``path``."""

    draft: Path
    path: Path
    card: ModelCard
    scored: Scored
    row: dict[str, Any]  # of export.json


def export_run(config: Config, folder: Path) -> Path:
    """Write a run's model files, each with its figures on the validation split in its card, and ``export.json``.

    The temperature is fitted on the validation split, and the fp32 file's scores of it are compared with PyTorch's.
    Nothing is replaced before everything is measured.

    Returns:
        The path of the fp32 file; the int8 file lies beside it.

    Raises:
        ConfigError: the checkpoint was made with another network, or the network cannot give exact attention.
        DataError: there is no checkpoint or no condensed set, or ``export.json`` cannot be written.
        ModelError: the export differs from PyTorch or cannot be written.
    """
    started = time.monotonic()
    network = _trained(config, folder / CHECKPOINT)
    sets = _splits(config)
    path = Path(config.export.path) if config.export.path else folder / f"{config.name}.onnx"
    drafts = path.with_name(f".{path.name}.drafts")
    try:
        shutil.rmtree(drafts, ignore_errors=True)  # a crash may have left one
        drafts.mkdir(parents=True)
        files = [_exact(config, folder, network, sets, path, drafts)]
        if config.export.int8:
            files.append(_int8(config, folder, files[0], sets, drafts))
        for file in files:
            _finish(file)
        for file in files:
            file.draft.replace(file.path)
    except OSError as error:
        raise ModelError(f"{path}: cannot be written ({error.strerror or error})") from None
    finally:
        shutil.rmtree(drafts, ignore_errors=True)
    if not config.export.int8 and int8_path(path).exists():
        logger.warning("%s: left as it is, from an earlier export; export.int8 is false", int8_path(path))
    measured = {
        "name": config.name,
        "checkpoint": {"path": str(folder / CHECKPOINT), "sha256": sha256_of(folder / CHECKPOINT)},
        "split": config.data.valid,
        "temperature": files[0].card.temperature,
        "fingerprints": files[0].card.fingerprints,
        "files": [file.row for file in files],
        "seconds": round(time.monotonic() - started, 3),
    }
    write_json(folder / EXPORTED, measured)
    return path


def int8_path(path: Path) -> Path:
    """Where the int8 version of a model file lies."""
    return path.with_name(f"{path.stem}{INT8}.onnx")


def _trained(config: Config, checkpoint: Path) -> Network:
    state = load_checkpoint(checkpoint)
    network = build_network(config)
    load_weights(network, state, "averaged", config, checkpoint)
    network.eval()
    if config.export.half_weights:
        round_weights(network)
    if config.export.attention:  # refused before anything takes time
        channels, side = 1 if config.network.colour == "gray" else 3, config.network.input_size
        with torch.inference_mode():
            contributions(network, torch.zeros(1, channels, side, side))
    return network


def _splits(config: Config) -> dict[str, CondensedSet]:
    """The validation split, and the training split, which only int8 cannot do without."""
    root = Path(config.data.root)
    sets = {"valid": open_condensed(root / config.data.valid)}
    try:
        sets["train"] = open_condensed(root / config.data.train, verify=False)
    except DataError:
        if config.export.int8:
            raise
    for data in sets.values():
        check_input(config, data)
    return sets


def _exact(
    config: Config, folder: Path, network: Network, sets: dict[str, CondensedSet], path: Path, drafts: Path
) -> _Draft:
    """The fp32 file, as like PyTorch on real pictures as on made-up ones."""
    started, valid = time.monotonic(), sets["valid"]
    logits = predict(network, valid, config, torch.device("cpu"))[:, :EMOTIONS]
    temperature = round(fit_temperature(logits.numpy(), valid.labels), 4)
    card = run_card(config, folder, temperature, sets)
    draft = drafts / path.name
    options = {"attention": config.export.attention, "half_weights": config.export.half_weights}
    made_up = export(network, card, draft, **options)
    scored = score(Classifier.load(draft, backend="onnx"), valid, config.evaluate.batch_size)
    parity = float(np.abs(scored.scores - torch.softmax(logits / temperature, dim=1).numpy()).max())
    if not parity <= PARITY_LIMIT:
        raise ModelError(
            f"{path}: not written, on the pictures of {valid.folder} it differs from PyTorch by {parity:.2e} in a "
            f"probability (limit {PARITY_LIMIT:.0e}); check the network for operators that export differently"
        )
    agreement = _agreement(config, scored, valid)
    figures = card_figures(config.data.valid, scored, agreement)
    command = evaluate_command(config, folder)
    card = dataclasses.replace(card, figures=figures, commands=dict.fromkeys(figures, command))
    row = {"parity": parity, "parity_made_up": made_up, **_measured(scored, agreement, started)}
    return _Draft(draft, path, card, scored, row)


def _int8(config: Config, folder: Path, exact: _Draft, sets: dict[str, CondensedSet], drafts: Path) -> _Draft:
    """The int8 file, and what it costs."""
    started, split = time.monotonic(), config.data.valid
    path = int8_path(exact.path)
    draft = drafts / path.name
    card = quantise(exact.draft, _calibration(config, sets["train"], exact.card), draft)
    scored = score(Classifier.load(draft, backend="onnx"), sets["valid"], config.evaluate.batch_size)
    before, after = exact.scored.figures.accuracy, scored.figures.accuracy
    lost = round(100 * (before - after), 2)  # points
    if lost > MOST_LOST:
        logger.warning(
            f"{path}: int8 costs {lost:.2f} points of accuracy on {split} ({before:.4f} to {after:.4f} of "
            f"{scored.figures.count} pictures), more than {MOST_LOST}; try another export.calibration, or use the fp32 "
            "file"
        )
    agreement = _agreement(config, scored, sets["valid"])
    figures = card_figures(split, scored, agreement) | {f"{split} {LOST_TO_INT8}": lost}
    said = f"int8 of {exact.card.name}: {split} accuracy {after:.4f}, in fp32 {before:.4f}"
    card = dataclasses.replace(
        card,
        figures=figures,
        commands=dict.fromkeys(figures, evaluate_command(config, folder, model=path)),
        notes="; ".join(filter(None, (card.notes, said))),
    )
    differences = np.abs(scored.scores - exact.scored.scores)  # of a probability, to fp32
    row = {
        "points_lost": lost,
        "difference_mean": float(differences.mean()),
        "difference_largest": float(differences.max()),
        "calibration": min(config.export.calibration, len(sets["train"])),
        **_measured(scored, agreement, started),
    }
    return _Draft(draft, path, card, scored, row)


def _calibration(config: Config, train: CondensedSet, card: ModelCard) -> Iterator[NDArray[np.float32]]:
    """Training pictures, drawn from the run's seed, as the app would hand them over."""
    count = min(config.export.calibration, len(train))
    chosen = np.sort(np.random.default_rng(config.seed).choice(len(train), count, replace=False))
    for start in range(0, count, CALIBRATION_BATCH):
        pictures = train.take(chosen[start : start + CALIBRATION_BATCH])
        yield prepare(pictures[..., 0] if pictures.shape[-1] == 1 else pictures, card)


def _agreement(config: Config, scored: Scored, valid: CondensedSet) -> dict[str, Agreement]:
    return agreement_of(scored.valence_arousal, valid.valence_arousal) if config.network.valence_arousal else {}


def _measured(scored: Scored, agreement: dict[str, Agreement], started: float) -> dict[str, Any]:
    return {
        "figures": scored.figures.to_dict(),
        "valence_arousal": {name: found.to_dict() for name, found in agreement.items()},
        "seconds": round(time.monotonic() - started, 3),
    }


def _finish(file: _Draft) -> None:
    """Put the figures into the card, and what is known of the finished file into its row."""
    rewrite_card(file.draft, file.card)
    finished = Classifier.load(file.draft, backend="onnx")
    file.row |= {
        "path": str(file.path),
        "name": finished.card.name,
        "precision": finished.card.precision,
        "temperature": finished.card.temperature,
        "attention": finished.gives_attention,
        "sha256": sha256_of(file.draft),
        "bytes": file.draft.stat().st_size,
    }
