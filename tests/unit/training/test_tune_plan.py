"""What a config asks to be tried: read in every form, and refused before anything runs."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from model.errors import ConfigError
from training.config import Config
from training.load_config import load_config
from training.report_figures import SWEEPS
from training.tuning.plan import Range, factors_of, key_of, space_of, trial_config

CONFIGS = Path(__file__).resolve().parents[3] / "training" / "configs"


def tuned(text):
    config = Config()
    for key, value in tomllib.loads(text).items():
        setattr(config.tune, key, value)
    return config


@pytest.mark.parametrize(
    "text",
    [
        'factors = { "train.momentum" = [0.3, 0.6] }',
        "factors = { train.momentum = [0.3, 0.6] }",
        "[factors.train]\nmomentum = [0.3, 0.6]",
    ],
)
def test_a_factor_may_be_written_quoted_or_as_tables(text):
    values = factors_of(tuned(text))["train.momentum"]
    assert [(value.value, value.settings) for value in values] == [
        (0.3, {"train.momentum": 0.3}),
        (0.6, {"train.momentum": 0.6}),
    ]


def test_a_value_may_bring_companions():
    text = 'factors."train.optimizer" = ["adam", { "train.optimizer" = "sgd", train.learning_rate = 0.01 }]'
    adam, sgd = factors_of(tuned(text))["train.optimizer"]
    assert (adam.value, adam.settings) == ("adam", {"train.optimizer": "adam"})
    assert (sgd.value, sgd.settings) == ("sgd", {"train.optimizer": "sgd", "train.learning_rate": 0.01})


def test_a_space_is_choices_or_ranges():
    text = """
    space."train.optimizer" = ["sgd", "adam"]
    space."train.learning_rate" = { low = 1e-4, high = 0.1, log = true }
    space."train.batch_size" = { low = 16, high = 64 }
    """
    space = space_of(tuned(text))
    assert space == {
        "train.optimizer": ["sgd", "adam"],
        "train.learning_rate": Range(low=1e-4, high=0.1, log=True),
        "train.batch_size": Range(low=16, high=64),
    }
    assert [space[key].whole for key in ("train.learning_rate", "train.batch_size")] == [False, True]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('factors."train.momentum" = 0.9', r"tune\.factors train\.momentum: is 0\.9, expected a list of values"),
        ('factors."train.momentum" = []', r"expected a list of values"),
        (
            'factors."train.momentum" = [{ "train.optimizer" = "sgd" }]',
            r"the table .* does not say what train\.momentum itself is to be",
        ),
        ('factors."train.epochs" = [1, 2]', r"train\.epochs cannot be tried, it makes no difference to a trial"),
        ('factors."train.threads" = [1, 2]', r"train\.threads cannot be tried, it makes no difference"),
        ('factors."data.root" = ["a"]', r"data\.root cannot be tried; settings of network, augment and train can"),
    ],
)
def test_a_wrong_factor_is_refused_by_name(text, said):
    with pytest.raises(ConfigError, match=said):
        factors_of(tuned(text))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('space."train.momentum" = 0.9', r"tune\.space train\.momentum: is 0\.9, expected a list of choices or"),
        ('space."train.momentum" = { low = 0.1 }', r"expected \{ low = NUMBER, high = NUMBER, log = true or false \}"),
        ('space."train.momentum" = { low = 0.1, high = 0.9, stp = 1 }', r"expected \{ low = NUMBER"),
        ('space."train.momentum" = { low = 0.9, high = 0.1 }', r"low is 0\.9 and high 0\.1; low must be less"),
        ('space."train.momentum" = { low = 0.0, high = 0.1, log = true }', r"a logarithm needs low above 0"),
        ('space."export.name" = ["a"]', r"export\.name cannot be tried"),
    ],
)
def test_a_wrong_space_is_refused_by_name(text, said):
    with pytest.raises(ConfigError, match=said):
        space_of(tuned(text))


def test_a_trial_is_the_run_in_small():
    config = Config()
    config.train.epochs, config.train.warmup_epochs, config.augment.calm_epochs = 20, 2.0, 10
    config.train.evaluate_every, config.train.devices, config.tune.epochs = 5, 4, 4
    small = trial_config(config, {"train.learning_rate": 0.01})
    assert (small.train.epochs, small.train.warmup_epochs, small.augment.calm_epochs) == (4, pytest.approx(0.4), 2)
    assert (small.train.evaluate_every, small.train.devices, small.train.learning_rate) == (1, 1, 0.01)
    assert config.train.epochs == 20


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.toml")), ids=lambda path: path.stem)
def test_what_the_shipped_configs_ask_for_can_be_tried(path):
    config = load_config(path)
    factors, space = factors_of(config), space_of(config)
    for setting, values in factors.items():
        keys = [key_of(config, value.settings) for value in values]
        assert len(set(keys)) == len(keys), f"{setting} has a value twice"
    for setting, choices in space.items():
        for value in [choices.low, choices.high] if isinstance(choices, Range) else choices:
            trial_config(config, {setting: value})
    assert bool(space) == bool(config.tune.trials)


def test_the_reports_config_sweeps_what_the_report_swept():
    factors = factors_of(load_config(CONFIGS / "report.toml"))
    assert {key: {value.value for value in values} for key, values in factors.items()} == {
        key: {each.value for each in values} for key, values in SWEEPS.items()
    }


def test_settings_that_mean_the_same_training_have_the_same_key():
    config = Config()
    config.train.learning_rate, config.train.threads = 0.1, 2
    same = key_of(config, {"train.learning_rate": 0.1})
    assert same == key_of(config, {}) == key_of(config, {"train.momentum": config.train.momentum})
    config.train.threads = 1
    assert same == key_of(config, {})
    assert same != key_of(config, {"train.learning_rate": 0.2})
    assert same != key_of(config, {"seed": 2})
