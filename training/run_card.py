"""The card of a run's exported model: what it is, what it was made of, with which command, and how well it reads."""

from __future__ import annotations

import datetime
import shlex
from collections.abc import Mapping
from pathlib import Path

from model.card import ModelCard
from model.errors import DataError

from .config import Config
from .data.condense import CondensedSet, open_condensed
from .evaluate import Scored
from .steps import read_record
from .valence_arousal import Agreement

_FIGURES = ("accuracy", "mean_recall", "macro_f1", "calibration_error")


def run_card(config: Config, folder: Path, temperature: float, sets: Mapping[str, CondensedSet]) -> ModelCard:
    """The card before anything is measured; ``sets`` are the splits whose hashes it names."""
    network = config.network
    channels = 1 if network.colour == "gray" else 3
    return ModelCard(
        name=config.export.name or network.architecture,
        architecture=network.architecture,
        architecture_options=network.options,
        input_size=network.input_size,
        colour=network.colour,  # type: ignore[arg-type]
        mean=(network.mean,) * channels,
        std=(network.std,) * channels,
        temperature=temperature,
        valence_arousal="learned" if network.valence_arousal else "derived",
        data=config.export.data,
        fingerprints=_pretraining(config) | {use: data.fingerprint for use, data in sets.items()},
        made_with=f"python -m training.run {shlex.join(_words(config, folder))}",
        licence=config.export.licence,
        created=datetime.datetime.now(datetime.UTC).date().isoformat(),
        notes=config.export.notes,
    )


def card_figures(split: str, scored: Scored, agreement: Mapping[str, Agreement]) -> dict[str, float]:
    """What a card says of a split, with the split's name before each measure's."""
    figures = {f"{split} {key}": round(getattr(scored.figures, key), 4) for key in _FIGURES}
    for name, found in agreement.items():
        figures |= {f"{split} {name} CCC": round(found.ccc, 4), f"{split} {name} RMSE": round(found.rmse, 4)}
    return figures


def evaluate_command(config: Config, folder: Path, *, model: Path | None = None) -> str:
    """How anyone measures the figures again; ``model`` if it is not the run's own fp32 file."""
    words = _words(config, folder) + (["--set", f"evaluate.model={model}"] if model else [])
    return f"python -m training.run evaluate {shlex.join(words)}"


def _words(config: Config, folder: Path) -> list[str]:
    """What was typed behind ``training.run STEP`` to train it; without a record, the config by its name."""
    record = read_record(folder, "train")
    words = shlex.split(record.command) if record is not None else []
    options = next((place for place, word in enumerate(words) if word.startswith("--")), None)
    return words[options:] if options is not None else ["--config", f"training/configs/{config.name}.toml"]


def _pretraining(config: Config) -> dict[str, str]:
    if not config.pretrain.root:
        return {}
    try:
        data = open_condensed(Path(config.pretrain.root) / config.pretrain.train, verify=False)
    except DataError:  # nothing here needs its pictures; it may have been deleted since
        return {}
    return {"pretrain": data.fingerprint}
