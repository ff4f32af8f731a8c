"""Make a run's checkpoint of a model file, so that its later steps can be done again without training.

``python scripts/begin_run.py compact training/configs/ferplus-compact.toml [--runs runs]`` (needs the extra ``train``),
then for example ``python -m training.run export --config training/configs/ferplus-compact.toml``: temperature, int8 and
figures anew. The config may differ from the file's network in what has no weights.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from model.classifier import find_model
from model.errors import ConfigError
from training.begin import begin_with
from training.checkpoint import save_checkpoint
from training.load_config import load_config
from training.loop import BEST
from training.network import build_network


def begin_run(model: str, config_file: Path, runs: Path) -> Path:
    """Write the checkpoint; returns where it is.

    Raises:
        ConfigError: the file does not hold every weight of the config's network, or there is a checkpoint already.
    """
    config = load_config(config_file)
    path = runs / config.name / "train" / BEST
    if path.exists():
        raise ConfigError(f"{path}: there is a checkpoint already; give another folder with --runs")
    network = build_network(config)
    taken = begin_with(network, find_model(model), config)
    if taken.fresh or taken.left:
        raise ConfigError(f"{model} has not all weights of {config_file}'s network, or more; see network.options")
    path.parent.mkdir(parents=True, exist_ok=True)
    weights = network.state_dict()
    save_checkpoint(path, {"config": config.to_dict(), "network": weights, "averaged": weights})
    return path


def main() -> None:
    """Say where it is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", help="a model's name or .onnx file")
    parser.add_argument("config", type=Path)
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    asked = parser.parse_args()
    print(begin_run(asked.model, asked.config, asked.runs))


if __name__ == "__main__":
    main()
