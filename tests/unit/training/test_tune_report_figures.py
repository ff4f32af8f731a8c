"""The report's figures as they stand in the report, by our settings."""

from __future__ import annotations

import pytest

from training.config import Config
from training.load_config import with_settings
from training.report_figures import (
    CHOSEN,
    FINAL,
    NETWORKS,
    PRETRAINING,
    SWEEPS,
    is_chosen,
    sweep_accuracy,
)


@pytest.mark.parametrize(
    ("setting", "value", "accuracy"),
    [
        ("train.learning_rate", 1e-3, 0.3945),
        ("train.learning_rate", 0.00001, 0.3560),
        ("train.batch_size", 128, 0.3377),
        ("train.batch_size", 80.0, 0.3659),
        ("train.optimizer", "sgd", 0.3458),
        ("network.options.dropout", 0, 0.42),
        ("network.options.dropout", 0.65, 0.42),
        ("train.momentum", 0.95, 0.1234),
        ("train.momentum", 0.5, None),
        ("train.optimizer", "adamw", None),
        ("augment.flip", 0.5, None),
    ],
)
def test_a_swept_value_is_found_whatever_type_its_number_has(setting, value, accuracy):
    assert sweep_accuracy(setting, value) == accuracy


def test_every_sweep_is_whole_and_holds_what_the_report_chose():
    assert {key: len(values) for key, values in SWEEPS.items()} == {
        "train.learning_rate": 3,
        "train.batch_size": 5,
        "train.optimizer": 2,
        "network.options.dropout": 6,
        "train.momentum": 5,
    }
    assert set(CHOSEN) == set(SWEEPS)
    for setting, value in CHOSEN.items():
        assert [is_chosen(setting, each.value) for each in SWEEPS[setting]].count(True) == 1
        assert sweep_accuracy(setting, value) is not None


@pytest.mark.parametrize("setting", list(SWEEPS))
def test_every_sweep_is_over_a_setting_of_ours(setting):
    for each in SWEEPS[setting]:
        with_settings(Config(), {setting: each.value}, "test")


def test_networks_pretraining_and_the_last_run():
    assert {each.name: (each.train, each.valid) for each in NETWORKS} == {
        "Basic 1": (None, None),
        "Basic 2": (0.60, 0.15),
        "Mod 1": (0.80, 0.28),
        "Mod 2": (0.66, 0.32),
        "Mod 3": (0.63, 0.28),
        "New 1": (0.884, 0.43),
        "New-Base": (0.82, 0.47),
    }
    assert {each.epochs: each.accuracies for each in PRETRAINING} == {
        8: (0.55,),
        10: (0.59,),
        15: (0.615,),
        25: (0.612, 0.56),
    }
    assert dict(FINAL) == {"train": 0.917, "valid": 0.397, "test": 0.399}
