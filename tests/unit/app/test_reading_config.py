"""How faces are read, as the Python interface takes it: what cannot be meant is refused at once."""

from __future__ import annotations

import math

import numpy as np
import pytest

from app import analyse
from app.config import MOST_SMOOTHING_S, ReadingConfig
from app.settings import Settings
from model.errors import ConfigError


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("smoothing_s", math.inf),
        ("smoothing_s", math.nan),
        ("smoothing_s", -0.1),
        ("smoothing_s", "0.3"),
        ("smoothing_s", True),
        ("margin", 1.5),
        ("min_confidence", -1),
        ("threads", -1),
        ("threads", 2.0),
        ("threads", 10**9),
        ("faces", "mine"),
        ("detect", ""),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused_by_its_name(name, value):
    with pytest.raises(ConfigError, match=rf"^{name} is .*, expected "):
        ReadingConfig(**{name: value})
    with pytest.raises(ConfigError, match=rf"^{name} is .*, expected "):
        next(analyse("demo", **{name: value}))


@pytest.mark.parametrize(
    ("name", "value"),
    [("smoothing_s", 0), ("smoothing_s", MOST_SMOOTHING_S), ("smoothing_s", np.float32(0.5)), ("threads", np.int64(2))],
)
def test_numbers_of_any_kind_within_the_bounds_are_taken(name, value):
    assert getattr(ReadingConfig(**{name: value}), name) == value


def test_every_setting_that_the_window_allows_can_be_read_with():
    for edge in ("least", "most"):
        values = {name: getattr(Settings.row(name), edge) for name in ("smoothing_s", "min_confidence")}
        assert Settings(**values).reading.smoothing_s == values["smoothing_s"]
