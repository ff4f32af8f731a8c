"""Words of the command line are bounded as the settings are."""

from __future__ import annotations

import math

import pytest

from app.option_words import reading_of
from model.errors import ConfigError


def smoothing_of(seconds):
    return reading_of("compact", "auto", "all", seconds, "follow", small_faces=False).smoothing_s


@pytest.mark.parametrize("seconds", [math.inf, -math.inf, math.nan, -0.1, 3.1, 1e308])
def test_a_smoothing_that_no_setting_could_be_is_refused(seconds):
    with pytest.raises(ConfigError, match=r"^--smoothing is \S+, expected 0 to 3 seconds$"):
        smoothing_of(seconds)


def test_the_ends_of_the_smoothing_are_taken():
    assert [smoothing_of(seconds) for seconds in (0.0, 3.0)] == [0.0, 3.0]
