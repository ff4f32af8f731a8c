"""The settings of a training run: dataclasses with a line of help per field, read from TOML."""

from __future__ import annotations

import dataclasses
import math
import tomllib
import types
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from model.errors import ConfigError


def _help(text: str, default: Any, *, least: float | None = None, choices: tuple[str, ...] = ()) -> Any:
    return field(default=default, metadata={"help": text, "least": least, "choices": choices})


@dataclass(slots=True)
class DataConfig:
    """Where the condensed sets lie."""

    root: str = _help("folder of condensed splits, as training.prepare writes it", "condensed/ferplus")
    train: str = _help("split to train on", "train")
    valid: str = _help("split to validate on", "valid")


@dataclass(slots=True)
class NetworkConfig:
    """Which network, on which input."""

    architecture: str = _help("name of the architecture", "compact")
    input_size: int = _help("side of the input in pixels", 48, least=8)
    colour: str = _help("gray, bgr or rgb", "gray", choices=("gray", "bgr", "rgb"))
    mean: float = _help("mean of pixels in [0, 1], for every channel", 0.5)
    std: float = _help("standard deviation of pixels in [0, 1]", 0.25, least=1e-6)
    options: dict[str, Any] = field(
        default_factory=dict, metadata={"help": "passed to the architecture, e.g. { dropout = 0.3 }"}
    )


@dataclass(slots=True)
class AugmentConfig:
    """How training pictures are varied; each batch is varied anew."""

    flip: float = _help("share of pictures mirrored left to right", 0.5, least=0)
    zoom: float = _help("standard deviation of the logarithm of the zoom", 0.14, least=0)
    shift: float = _help("largest shift, as a share of the side", 0.08, least=0)
    rotate: float = _help("largest rotation in degrees", 15.0, least=0)
    shear: float = _help("largest shear", 0.05, least=0)
    gamma: float = _help("standard deviation of the logarithm of gamma (lighting)", 0.25, least=0)
    contrast: float = _help("largest relative change of contrast and brightness", 0.3, least=0)
    blur: float = _help("share of pictures blurred by going through a smaller size (far faces)", 0.15, least=0)
    noise: float = _help("share of pictures with camera noise", 0.2, least=0)
    erase: float = _help("share of pictures with a rectangle covered (hands, hair)", 0.3, least=0)
    calm_epochs: int = _help("last epochs in which everything but the mirroring is halved", 0)
    mixup: float = _help("share of batches mixed up (Zhang et al. 2018)", 0.0, least=0)
    mixup_alpha: float = _help("parameter of mixup's beta distribution", 0.4, least=1e-3)


@dataclass(slots=True)
class TrainConfig:
    """The loop."""

    epochs: int = _help("passes over the training split", 40, least=1)
    batch_size: int = _help("pictures per step", 128, least=1)
    optimizer: str = _help("sgd, adam or adamw", "sgd", choices=("sgd", "adam", "adamw"))
    learning_rate: float = _help("the schedule's peak", 0.1, least=0)
    momentum: float = _help("SGD's momentum (Nesterov)", 0.9, least=0)
    weight_decay: float = _help("weight decay of convolutions and linear layers", 5e-4, least=0)
    warmup_epochs: float = _help("linear warm-up", 1.0, least=0)
    final_rate: float = _help("the schedule's end, as a share of its peak", 0.001, least=0)
    clip_norm: float = _help("gradient clipping by norm; 0 is off", 5.0, least=0)
    ema_decay: float = _help("decay of the moving average of weights; 0 is off", 0.999, least=0)
    balance: float = _help("class balance of sampling: 0 as they are, 1 all classes alike", 0.0, least=0)
    prior_adjustment: float = _help("logit adjustment in the loss by the classes' log-prior (Menon et al. 2021)", 0.0)
    evaluate_every: int = _help("epochs between validations", 1, least=1)
    checkpoint_minutes: float = _help("minutes between checkpoints", 3.0, least=0)
    accelerator: str = _help(
        "Lightning Fabric's: auto, cpu, cuda", "auto", choices=("auto", "cpu", "cuda", "mps", "gpu")
    )
    devices: int = _help("number of devices; only 1 so far", 1, least=1)
    precision: str = _help("32-true, bf16-mixed or 16-mixed", "32-true", choices=("32-true", "bf16-mixed", "16-mixed"))
    threads: int = _help("CPU threads of PyTorch; 0 lets it choose", 0, least=0)


@dataclass(slots=True)
class EvaluateConfig:
    """What is scored."""

    model: str = _help("model name or .onnx file; empty: this run's export", "")
    split: str = _help("split of data.root to score: valid, test, train", "valid")
    batch_size: int = _help("pictures per batch", 256, least=1)


@dataclass(slots=True)
class ExportConfig:
    """The file that comes out."""

    path: str = _help("the .onnx file to write; empty: RUN/NAME.onnx", "")
    name: str = _help("the model's name in its card; empty: the architecture's", "")
    data: str = _help("what it was trained on, for the card", "")
    licence: str = _help("licence of the weights, for the card", "GPL-3.0-or-later")
    notes: str = _help("anything a user should know, for the card", "")


@dataclass(slots=True)
class Config:
    """One training run."""

    name: str = _help("the run's name; its folder is runs/NAME", "run")
    seed: int = _help("seed of everything random", 1, least=0)
    data: DataConfig = field(default_factory=DataConfig)
    network: NetworkConfig = field(default_factory=NetworkConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    train: TrainConfig = field(default_factory=TrainConfig)
    evaluate: EvaluateConfig = field(default_factory=EvaluateConfig)
    export: ExportConfig = field(default_factory=ExportConfig)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for checkpoints and logs."""
        return dataclasses.asdict(self)


def load_config(path: Path, overrides: typing.Sequence[str] = ()) -> Config:
    """Read a TOML file and apply ``key=value`` overrides (``train.epochs=3``; values are TOML, bare words are text).

    Raises:
        ConfigError: the file is missing or broken, a key is unknown, or a value has the wrong type.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such config; the shipped ones are in training/configs/") from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: not readable as TOML ({error})") from None
    for override in overrides:
        key, equals, text = override.partition("=")
        if not equals:
            raise ConfigError(f"--set {override}: expected key=value, for example --set train.epochs=3")
        *sections, last = key.strip().split(".")
        table = raw
        for section in sections:
            table = table.setdefault(section, {})
            if not isinstance(table, dict):
                raise ConfigError(f"--set {override}: {section} is a value, not a section")
        table[last] = _parse_value(text.strip())
    return _fill(Config, raw, "", path)


def _parse_value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _fill(kind: type[Any], raw: dict[str, Any], prefix: str, path: Path) -> Any:
    hints = typing.get_type_hints(kind)
    unknown = sorted(set(raw) - set(hints))
    if unknown:
        raise ConfigError(f"{path}: unknown key {prefix}{unknown[0]}; known here: {', '.join(sorted(hints))}")
    values = {}
    rules = {item.name: item.metadata for item in dataclasses.fields(kind)}
    for key, value in raw.items():
        wanted = hints[key]
        if dataclasses.is_dataclass(wanted):
            if not isinstance(value, dict):
                raise ConfigError(f"{path}: {prefix}{key} is {value!r}, expected a section [{prefix}{key}]")
            values[key] = _fill(wanted, value, f"{prefix}{key}.", path)
        else:
            values[key] = _coerce(value, wanted, f"{prefix}{key}", path)
            _check(values[key], rules[key], f"{prefix}{key}", path)
    return kind(**values)


def _coerce(value: Any, wanted: Any, key: str, path: Path) -> Any:
    plain = typing.get_origin(wanted) or wanted
    if isinstance(plain, types.UnionType):
        return value
    if plain is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, plain) or (isinstance(value, bool) and plain is not bool):
        raise ConfigError(f"{path}: {key} is {value!r} ({type(value).__name__}), expected {plain.__name__}")
    return value


def _check(value: Any, rules: typing.Mapping[str, Any], key: str, path: Path) -> None:
    least, choices = rules.get("least"), rules.get("choices")
    if isinstance(value, float) and not math.isfinite(value):
        raise ConfigError(f"{path}: {key} is {value}, expected a finite number")
    if least is not None and value < least:
        raise ConfigError(f"{path}: {key} is {value}, expected at least {least:g}")
    if choices and value not in choices:
        raise ConfigError(f"{path}: {key} is {value!r}, expected {', '.join(choices[:-1])} or {choices[-1]}")
