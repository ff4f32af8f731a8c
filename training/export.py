"""From a run's best checkpoint to the file that the app loads."""

from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
from torch import nn

from model.card import ModelCard
from model.classifier import Classifier
from model.export import export

from .checkpoint import load_checkpoint
from .config import Config
from .data.condense import CondensedSet, open_condensed
from .evaluate import score
from .loop import BEST, build_network
from .metrics import Figures


def export_run(config: Config, folder: Path) -> Path:
    """Write the model file of a run, with its figures on the validation split in the card; returns its path.

    The temperature is fitted on the validation split.

    Raises:
        DataError: there is no checkpoint or no condensed set.
        ModelError: the export differs from PyTorch or cannot be written.
    """
    state = load_checkpoint(folder / BEST)
    network = build_network(config)
    network.load_state_dict(state["averaged"])
    valid = open_condensed(Path(config.data.root) / config.data.valid)
    path = Path(config.export.path) if config.export.path else folder / f"{config.name}.onnx"
    card = _card(config)
    export(network, card, path)
    raw = score(Classifier.load(path, backend="onnx"), valid, config.evaluate.batch_size)
    temperature = fit_temperature(raw.scores, valid)
    checked = score_again(network, _card(config, temperature=temperature), path, valid, config)
    export(network, _card(config, temperature=temperature, figures=checked, split=config.data.valid), path)
    return path


def fit_temperature(scores: np.ndarray, data: CondensedSet) -> float:
    """The temperature that makes the scores' mean log-likelihood on ``data`` largest (Guo et al. 2017)."""
    log_scores = np.log(np.maximum(scores, 1e-12))
    labels = data.labels.astype(np.intp)
    candidates = np.geomspace(0.3, 3.0, 200)

    def loss(temperature: float) -> float:
        logits = log_scores / temperature
        normaliser = np.log(np.exp(logits - logits.max(axis=1, keepdims=True)).sum(axis=1)) + logits.max(axis=1)
        return float((normaliser - logits[np.arange(len(labels)), labels]).mean())

    return float(min(candidates, key=loss))


def score_again(network: nn.Module, card: ModelCard, path: Path, data: CondensedSet, config: Config) -> Figures:
    """Export with ``card`` and score the file itself."""
    export(network, card, path)
    return score(Classifier.load(path, backend="onnx"), data, config.evaluate.batch_size).figures


def _card(config: Config, *, temperature: float = 1.0, figures: Figures | None = None, split: str = "") -> ModelCard:
    network = config.network
    channels = 1 if network.colour == "gray" else 3
    measured = {}
    commands = {}
    if figures is not None:
        keys = ("accuracy", "mean_recall", "macro_f1", "calibration_error")
        measured = {f"{split} {key}": round(getattr(figures, key), 4) for key in keys}
        command = f"python -m training.run evaluate --config training/configs/{config.name}.toml"
        commands = dict.fromkeys(measured, command)
    return ModelCard(
        name=config.export.name or network.architecture,
        architecture=network.architecture,
        architecture_options=network.options,
        input_size=network.input_size,
        colour=network.colour,  # type: ignore[arg-type]
        mean=(network.mean,) * channels,
        std=(network.std,) * channels,
        temperature=round(temperature, 4),
        data=config.export.data,
        licence=config.export.licence,
        created=datetime.datetime.now(datetime.UTC).date().isoformat(),
        figures=measured,
        commands=commands,
        notes=config.export.notes,
    )
