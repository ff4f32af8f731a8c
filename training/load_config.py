"""From a TOML file and ``key=value`` overrides to a checked :class:`training.config.Config`."""

from __future__ import annotations

import copy
import dataclasses
import math
import tomllib
import types
import typing
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from model.errors import ConfigError

from .config import Config

_MOST_BYTES = 200_000  # of a file; the shipped ones have 3,000
_MOST_DOTS = 300  # in a line: for a key of n parts tomllib takes room for n * n; 200 kB of "a.a.a" took 20 GB
_MOST_NAME = 100  # letters; a folder's name may have 255 bytes, and files in it have longer names
_MOST_DEPTH = 10
_MOST_SHOWN = 200  # letters of a value in an error
_MOST_BITS = 256  # of a whole number; of larger ones Python may make neither a text nor a float
#: Texts for people, which may have lines; all others are names and paths.
_PROSE = frozenset({"export.data", "export.licence", "export.notes"})
#: What the network's options may not say again.
_OWN = frozenset({"name", "channels", "input_size", "valence_arousal"})


def load_config(path: Path, overrides: Sequence[str] = ()) -> Config:
    """Read a TOML file and apply ``key=value`` overrides (``train.epochs=3``; values are TOML, bare words are text).

    Raises:
        ConfigError: the file is missing or broken, a key is unknown, a value has the wrong type, or two options
            contradict each other.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            raise ConfigError(f"{path}: larger than {_MOST_BYTES // 1000} kB, which no config is")
        if any(line.count(b".") > _MOST_DOTS for line in content.splitlines()):
            raise ConfigError(f"{path}: has a line with more than {_MOST_DOTS} dots")
        raw = tomllib.loads(content.decode("utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such config; the shipped ones are in training/configs/") from None
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: not readable as TOML ({error})") from None
    for override in overrides:
        key, equals, text = override.partition("=")
        if not equals:
            raise ConfigError(f"--set {shown(override)}: expected key=value, for example --set train.epochs=3")
        *sections, last = key.strip().split(".")
        table = raw
        for section in sections:
            table = table.setdefault(section, {})
            if not isinstance(table, dict):
                raise ConfigError(f"--set {shown(override)}: {section} is a value, not a section")
        table[last] = _parse_value(text.strip())
    config: Config = _fill(Config, raw, "", str(path))
    check_together(config, str(path))
    check_places(config, str(path))
    if config.pretrain.root:
        pretrain_config(config)  # refused now, not after hours
    if config.evaluate.photographs:
        from .photographs import parse_photographs

        parse_photographs(config.evaluate.photographs)
    return config


def config_of(values: Mapping[str, Any], origin: str) -> Config:
    """A config from the plain values that :meth:`Config.to_dict` gave, of a checkpoint; what it lacks is the default.

    Raises:
        ConfigError: they are not a config's.
    """
    config: Config = _fill(Config, dict(values), "", origin)
    return config


def with_settings(config: Config, settings: Mapping[str, Any], origin: str) -> Config:
    """A copy of ``config`` with dotted ``settings`` changed, e.g. ``{"train.learning_rate": 1e-3}``.

    Raises:
        ConfigError: a key is unknown or a value has the wrong type; ``origin`` names where it stands.
    """
    raw = copy.deepcopy(config.to_dict())
    for key, value in settings.items():
        *sections, last = key.split(".")
        table: Any = raw
        for section in sections:
            table = table.setdefault(section, {}) if isinstance(table, dict) else None
        if not isinstance(table, dict):
            raise ConfigError(f"{origin}: unknown key {key}")
        table[last] = value
    changed: Config = _fill(Config, raw, "", origin)
    check_together(changed, origin)
    return changed


def pretrain_config(config: Config) -> Config:
    """The config of the pre-training step: the data set and the settings of ``[pretrain]`` in place of the run's.

    Raises:
        ConfigError: ``pretrain.settings`` has an unknown key or a value of the wrong type.
    """
    ours = config.pretrain
    for key, value in (("root", ours.root), ("kind", ours.kind), ("train", ours.train), ("valid", ours.valid)):
        config = with_settings(config, {f"data.{key}": value}, "pretrain")
    config = with_settings(config, {"distil.teachers": []}, "pretrain")
    return with_settings(config, {f"train.{key}": value for key, value in ours.settings.items()}, "pretrain.settings")


def check_together(config: Config, origin: str) -> None:
    """Refuse options that contradict each other, naming both.

    Raises:
        ConfigError: they do.
    """
    train, network = config.train, config.network
    for wrong, text in (
        (
            train.accumulate > train.batch_size,
            f"train.accumulate is {train.accumulate} and train.batch_size {train.batch_size}: "
            "a step cannot have more parts than pictures",
        ),
        (
            train.devices > train.batch_size,
            f"train.devices is {train.devices} and train.batch_size {train.batch_size}: "
            "every device needs at least one picture a step",
        ),
        (
            bool(config.tune.address) and config.tune.engine != "ray",
            f"tune.address is {shown(config.tune.address)} and tune.engine {config.tune.engine!r}: "
            "only Ray has an address; add --engine ray",
        ),
        (
            train.balance > 0 and train.class_weights > 0,
            f"train.balance is {train.balance:g} and train.class_weights {train.class_weights:g}: "
            "both would balance the classes twice; set one of them to 0",
        ),
        (
            train.precision == "16-mixed" and train.accelerator == "cpu",
            "train.precision is '16-mixed' and train.accelerator 'cpu': "
            "half precision needs a GPU; use bf16-mixed or 32-true",
        ),
        (
            config.export.attention and network.architecture in ("basic-1", "basic-2"),
            f"export.attention is true and network.architecture {network.architecture!r}: it has hidden layers, so no "
            "place's contribution is exact; set export.attention=false",
        ),
        (
            bool(config.pretrain.weights and config.pretrain.root),
            f"pretrain.weights is {config.pretrain.weights!r} and pretrain.root {config.pretrain.root!r}: a run begins "
            "with one of them; set the other to ''",
        ),
        (
            config.augment.saturation > 0 and network.colour == "gray",
            f"augment.saturation is {config.augment.saturation:g} and network.colour 'gray': "
            "grey pictures have no saturation; set it to 0",
        ),
        (
            config.tune.apply and not config.tune.trials,
            "tune.apply is true and tune.trials 0: there is no joint search whose best settings could be used",
        ),
        (
            bool(_OWN & set(network.options)),
            f"network.options names {', '.join(sorted(_OWN & set(network.options)))}, which [network] itself says",
        ),
        (
            config.tune.trials > 0 and not config.tune.space,
            f"tune.trials is {config.tune.trials} and tune.space is empty: name the settings to search",
        ),
    ):
        if wrong:
            raise ConfigError(f"{origin}: {text}")


def check_places(config: Config, origin: str) -> None:
    """Refuse names that lead out of their folder, and files to write that are of another kind than what is written.

    A config may be somebody else's: it must not say that a model goes where a start-up file of the shell was.

    Raises:
        ConfigError: they do.
    """
    name = config.name
    plain = Path(name).name == name and name not in ("", "..") and not {"\\", ":"} & set(name)
    if not plain or len(name) > _MOST_NAME:
        raise ConfigError(
            f"{origin}: name is {shown(name)}, expected the name of a folder in runs/, of at most {_MOST_NAME} letters"
        )
    for key, split in (
        ("data.train", config.data.train),
        ("data.valid", config.data.valid),
        ("pretrain.train", config.pretrain.train),
        ("pretrain.valid", config.pretrain.valid),
        ("evaluate.split", config.evaluate.split),
    ):
        if not split or Path(split).is_absolute() or ".." in Path(split).parts:
            raise ConfigError(f"{origin}: {key} is {shown(split)}, expected the name of a split within its root")
    for key, file, suffix in (
        ("export.path", config.export.path, ".onnx"),
        ("report.path", config.report.path, ".html"),
    ):
        if file and Path(file).suffix.lower() != suffix:
            raise ConfigError(f"{origin}: {key} is {shown(file)}, expected a file that ends in {suffix}")


def shown(value: Any) -> str:
    """A value as it would be typed, shortened, for a line of an error."""
    text = repr(value)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"


def _parse_value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):  # as tomllib's own, or of a number with thousands of digits
        return text


def _fill(kind: type[Any], raw: dict[str, Any], prefix: str, origin: str) -> Any:
    hints = typing.get_type_hints(kind)
    unknown = sorted(set(raw) - set(hints))
    if unknown:
        raise ConfigError(f"{origin}: unknown key {prefix}{_named(unknown[0])}; known here: {', '.join(sorted(hints))}")
    values = {}
    rules = {item.name: item.metadata for item in dataclasses.fields(kind)}
    for key, value in raw.items():
        wanted = hints[key]
        section = dataclasses.is_dataclass(wanted)
        if not (section and isinstance(value, dict)):
            _refuse_vast(value, f"{prefix}{key}", origin)
        if section:
            if not isinstance(value, dict):
                raise ConfigError(f"{origin}: {prefix}{key} is {shown(value)}, expected a section [{prefix}{key}]")
            values[key] = _fill(typing.cast(type[Any], wanted), value, f"{prefix}{key}.", origin)
        else:
            values[key] = _coerce(value, wanted, f"{prefix}{key}", origin)
            _check(values[key], rules[key], f"{prefix}{key}", origin)
    return kind(**values)


def _refuse_vast(value: Any, key: str, origin: str) -> None:
    """Refuse a whole number anywhere in ``value`` that nobody means."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, int) and each.bit_length() > _MOST_BITS:
            # In hexadecimal, which Python writes of any length.
            start = f"{each:#x}"[:20]
            raise ConfigError(f"{origin}: {key} holds {start}…, a number of {each.bit_length():,} bits")
        if isinstance(each, dict):
            waiting.extend(each.values())
        elif isinstance(each, list):
            waiting.extend(each)


def _coerce(value: Any, wanted: Any, key: str, origin: str) -> Any:
    plain = typing.get_origin(wanted) or wanted
    if isinstance(plain, types.UnionType):
        return value
    if plain is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, plain) or (isinstance(value, bool) and plain is not bool):
        raise ConfigError(f"{origin}: {key} is {shown(value)} ({type(value).__name__}), expected {plain.__name__}")
    if wanted == list[str] and not all(isinstance(item, str) for item in value):
        raise ConfigError(f"{origin}: {key} is {shown(value)}, expected a list of texts")
    if _depth(value) > _MOST_DEPTH:
        raise ConfigError(f"{origin}: {key} holds lists or tables {_MOST_DEPTH} deep and more")
    if (wrong := _unprintable(value, prose=key in _PROSE)) is not None:
        raise ConfigError(f"{origin}: {key} holds {shown(wrong)}, expected a text without control characters")
    return value


def _check(value: Any, rules: Mapping[str, Any], key: str, origin: str) -> None:
    least, most, choices = rules.get("least"), rules.get("most"), rules.get("choices")
    if isinstance(value, float) and not math.isfinite(value):
        raise ConfigError(f"{origin}: {key} is {shown(value)}, expected a finite number")
    if least is not None and value < least:
        raise ConfigError(f"{origin}: {key} is {shown(value)}, expected at least {least:g}")
    if most is not None and value > most:
        raise ConfigError(f"{origin}: {key} is {shown(value)}, expected at most {most:g}")
    if choices and value not in choices:
        raise ConfigError(f"{origin}: {key} is {shown(value)}, expected {', '.join(choices[:-1])} or {choices[-1]}")


def _depth(value: Any) -> int:
    """How deep lists and tables lie in one another; not much more than the most is looked at."""
    depth, level = 0, [value]
    while level and depth <= _MOST_DEPTH:
        nested = [list(each.values()) if isinstance(each, dict) else each for each in level]
        level = [inner for each in nested if isinstance(each, list) for inner in each]
        depth += 1
    return depth


def _named(key: str) -> str:
    return key if key.isprintable() and len(key) <= _MOST_NAME else shown(key)


def _unprintable(value: Any, *, prose: bool = False) -> str | None:
    """The first text within a value that would end a path or steer a terminal."""
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, list):
        return next((wrong for item in value if (wrong := _unprintable(item)) is not None), None)
    if not isinstance(value, str) or all(sign.isprintable() or (prose and sign in "\n\t") for sign in value):
        return None
    return value
