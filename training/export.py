"""From a run's best checkpoint to the file that the app loads."""

from __future__ import annotations

import contextlib
import datetime
from pathlib import Path

import torch

from model.card import ModelCard
from model.classifier import Classifier
from model.errors import ModelError
from model.export import export, rewrite_card

from .checkpoint import load_checkpoint
from .config import Config
from .data.condense import open_condensed
from .evaluate import score
from .loop import BEST, build_network, check_input, load_weights, predict
from .metrics import Figures
from .temperature import fit_temperature


def export_run(config: Config, folder: Path) -> Path:
    """Write the model file of a run, with its figures on the validation split in the card; returns its path.

    The temperature is fitted on the validation split.

    Raises:
        ConfigError: the checkpoint was made with another network.
        DataError: there is no checkpoint or no condensed set.
        ModelError: the export differs from PyTorch or cannot be written.
    """
    state = load_checkpoint(folder / BEST)
    network = build_network(config)
    load_weights(network, state, "averaged", config, folder / BEST)
    valid = open_condensed(Path(config.data.root) / config.data.valid)
    check_input(config, valid)
    temperature = fit_temperature(predict(network, valid, config, torch.device("cpu")).numpy(), valid.labels)
    path = Path(config.export.path) if config.export.path else folder / f"{config.name}.onnx"
    # Beside it under another name until the figures are in: an earlier model is replaced by a finished one only.
    unscored = path.with_name(f".{path.stem}.unscored.onnx")
    try:
        export(network, _card(config, temperature=temperature), unscored)
        figures = score(Classifier.load(unscored, backend="onnx"), valid, config.evaluate.batch_size).figures
        rewrite_card(unscored, _card(config, temperature=temperature, figures=figures))
        unscored.replace(path)
    except OSError as error:
        raise ModelError(f"{path}: cannot be written ({error.strerror or error})") from None
    finally:
        with contextlib.suppress(OSError):
            unscored.unlink(missing_ok=True)
    return path


def _card(config: Config, *, temperature: float, figures: Figures | None = None) -> ModelCard:
    network, split = config.network, config.data.valid
    channels = 1 if network.colour == "gray" else 3
    measured = {}
    if figures is not None:
        keys = ("accuracy", "mean_recall", "macro_f1", "calibration_error")
        measured = {f"{split} {key}": round(getattr(figures, key), 4) for key in keys}
    command = f"python -m training.run evaluate --config training/configs/{config.name}.toml"
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
        commands=dict.fromkeys(measured, command),
        notes=config.export.notes,
    )
