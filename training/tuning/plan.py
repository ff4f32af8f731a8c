"""What is to be tried: factors one at a time, and the space of the joint search, as ``[tune]`` names them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from model.errors import ConfigError

from ..config import Config
from ..depends import OPERATIONAL
from ..load_config import with_settings

_TUNABLE = ("network.", "augment.", "train.")
# A trial sets these itself, or they change how it is carried out and not what comes out of it.
_NOT_TUNABLE = {f"train.{key}" for key in (*OPERATIONAL, "epochs", "evaluate_every")}


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorValue:
    """One value of a factor."""

    value: Any
    settings: dict[str, Any]  # the factor's own setting and its companions, dotted


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Numbers from ``low`` to ``high``; whole ones if both are."""

    low: float
    high: float
    log: bool = False

    @property
    def whole(self) -> bool:
        """Whether only whole numbers are meant."""
        return isinstance(self.low, int) and isinstance(self.high, int)


Space = dict[str, list[Any] | Range]


def factors_of(config: Config) -> dict[str, list[FactorValue]]:
    """``tune.factors``: setting -> its values.

    A value is a plain one, or a table of settings that holds the factor's own and others that must go with it:
    ``"train.optimizer" = ["adam", { "train.optimizer" = "sgd", "train.learning_rate" = 0.01 }]``.

    Raises:
        ConfigError: something else stands there, or a setting cannot be tried.
    """
    factors = {}
    for key, raw in _flat(config.tune.factors).items():
        origin = f"tune.factors {key}"
        if not isinstance(raw, list) or not raw:
            raise ConfigError(f"{origin}: is {raw!r}, expected a list of values")
        factors[key] = [_factor_value(key, value, origin) for value in raw]
    return factors


def space_of(config: Config) -> Space:
    """``tune.space``: setting -> a list of choices, or a range of numbers.

    Raises:
        ConfigError: something else stands there, or a setting cannot be tried.
    """
    space: Space = {}
    for key, raw in _flat(config.tune.space).items():
        origin = f"tune.space {key}"
        _check_key(key, origin)
        if isinstance(raw, list) and raw:
            space[key] = raw
        elif isinstance(raw, dict):
            space[key] = _range(raw, origin)
        else:
            raise ConfigError(f"{origin}: is {raw!r}, expected a list of choices or {{ low, high, log }}")
    return space


def trial_config(config: Config, settings: Mapping[str, Any], origin: str = "tune") -> Config:
    """The config of a trial: the run in small, with ``settings`` changed.

    It lasts ``tune.epochs`` epochs; what the run does in its first and last epochs, the trial does in the same share
    of its own. It runs on one device and is validated after every epoch.

    Raises:
        ConfigError: a key is unknown, a value has the wrong type or is out of range, or two contradict each other.
    """
    whole = with_settings(config, settings, origin)
    part = config.tune.epochs / whole.train.epochs
    return with_settings(
        whole,
        {
            "train.epochs": config.tune.epochs,
            "train.evaluate_every": 1,
            "train.devices": 1,
            "train.warmup_epochs": whole.train.warmup_epochs * part,
            "augment.calm_epochs": round(whole.augment.calm_epochs * part),
            "report.pictures": 0,
        },
        origin,
    )


#: Of ASHA: one of so many trials goes on at each of its bars.
REDUCTION = 2


def least_epochs(epochs: int) -> int:
    """How many of a trial's ``epochs`` ASHA lets every trial have: at first a high rate looks worse than it is."""
    return max(1, round(epochs / 3))


def halves_on_ray(config: Config) -> bool:
    """Whether Ray Tune's ASHA leaves trials off, and not the search itself."""
    return config.tune.engine == "ray" and config.tune.pruner in ("auto", "asha")


def key_of(config: Config, settings: Mapping[str, Any]) -> str:
    """A name for what a trial with ``settings`` computes: equal names, equal results."""
    content = trial_config(config, settings).to_dict()
    train = {key: value for key, value in content["train"].items() if key not in OPERATIONAL}
    return digest([content["seed"], content["network"], content["augment"], train])


def digest(content: Any) -> str:
    """A short name for plain values."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def _factor_value(key: str, raw: Any, origin: str) -> FactorValue:
    settings = _flat(raw) if isinstance(raw, dict) else {key: raw}
    if key not in settings:
        raise ConfigError(f"{origin}: the table {raw!r} does not say what {key} itself is to be")
    for each in settings:
        _check_key(each, origin)
    return FactorValue(value=settings[key], settings=settings)


def _range(raw: dict[str, Any], origin: str) -> Range:
    numbers = all(isinstance(raw.get(end), int | float) and not isinstance(raw[end], bool) for end in ("low", "high"))
    if not numbers or set(raw) - {"low", "high", "log"} or not isinstance(raw.get("log", False), bool):
        raise ConfigError(f"{origin}: is {raw!r}, expected {{ low = NUMBER, high = NUMBER, log = true or false }}")
    found = Range(low=raw["low"], high=raw["high"], log=raw.get("log", False))
    if not found.low < found.high:
        raise ConfigError(f"{origin}: low is {found.low} and high {found.high}; low must be less than high")
    if found.log and found.low <= 0:
        raise ConfigError(f"{origin}: log is true and low {found.low}; a logarithm needs low above 0")
    return found


def _check_key(key: str, origin: str) -> None:
    if key in _NOT_TUNABLE:
        raise ConfigError(f"{origin}: {key} cannot be tried, it makes no difference to a trial")
    if key != "seed" and not key.startswith(_TUNABLE):
        raise ConfigError(f"{origin}: {key} cannot be tried; settings of network, augment and train can, and seed")


def _flat(raw: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Dotted keys, whether they were written quoted (one key) or not (tables in tables); a range stays a table."""
    flat: dict[str, Any] = {}
    for key, value in raw.items():
        if isinstance(value, dict) and not {"low", "high"} & set(value):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat
