"""The report's parts that are counted or looked up."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs its extra")
pytest.importorskip("jinja2", reason="training needs its extra")

from report_helpers import pictures

from training.checkpoint import save_checkpoint
from training.config import Config
from training.data.condense import condense
from training.network import build_network
from training.report.comparison import parameters_of
from training.report.curves import best_epoch
from training.report.inside import look_inside
from training.report.origins import as_toml
from training.report.second_check import reliability
from training.report.sweeps import joint_of, sweeps_of


def test_a_network_that_ends_in_a_single_place_has_no_attention_to_show(tmp_path):
    root = tmp_path / "condensed"
    condense(pictures(8, 1), root / "valid", size=44, channels=1, source="made")
    config = Config(name="single")
    config.network.architecture, config.network.input_size, config.data.root = "new-base", 44, str(root)
    best = tmp_path / "runs" / "train" / "best.pt"
    averaged = build_network(config).state_dict()
    save_checkpoint(best, {"config": config.to_dict(), "averaged": averaged})
    found = look_inside(config, tmp_path / "runs")
    assert found.attention == []
    assert "single place" in found.no_attention
    assert [row.block.title for row in found.graph][-1] == "linear"


def test_the_chosen_epoch_is_the_first_with_the_best_mean():
    rows = [(1, 0.5, 0.3), (2, 0.7, 0.4), (3, 0.6, 0.5), (4, 0.9, None)]
    log = [{"epoch": epoch, "accuracy": accuracy, "mean_recall": recall} for epoch, accuracy, recall in rows]
    assert best_epoch(log) == 2
    assert best_epoch([]) is None


def test_reliability_is_counted_in_tenths_of_confidence():
    confidence = np.array([0.05, 0.31, 0.39, 0.95, 1.0], np.float32)
    bins = reliability(confidence, np.array([False, True, False, True, True]))
    assert [number for *_, number in bins] == [1, 0, 0, 2, 0, 0, 0, 0, 0, 2]
    assert [right for _, _, right, _ in bins][::3] == [0.0, 0.5, None, 1.0]


def test_sweeps_stand_beside_the_reports_figures():
    rows = [
        {"state": "complete", "value": 32, "accuracy": 0.5, "mean_recall": 0.4},
        {"state": "complete", "value": 16, "accuracy": 0.6, "mean_recall": 0.4},
        {"state": "failed", "value": 7, "reason": "no memory"},
    ]
    (sweep,) = sweeps_of({"factors": [{"setting": "train.batch_size", "rows": rows}]})
    assert [(tried.shown, tried.theirs, tried.chosen, tried.best) for tried in sweep.tried] == [
        ("32", 0.3664, True, False),
        ("16", 0.3755, False, True),
        ("7", None, False, False),
    ]
    assert sweep.tried[2].note == "failed: no memory"
    assert sweep.chart is not None


def test_the_joint_search_lists_its_best_trials_first():
    rows = [
        {"state": "complete", "settings": {"train.learning_rate": 0.1}, "accuracy": 0.3, "mean_recall": 0.3},
        {"state": "complete", "settings": {"train.learning_rate": 0.0200312}, "accuracy": 0.5, "mean_recall": 0.4},
        {"state": "pruned", "settings": {}},
    ]
    joint = joint_of({"joint": {"rows": rows, "importance": {"a": 0.1, "b": 0.9}}})
    assert [tried.shown for tried in joint.tried] == ["learning_rate 0.02", "learning_rate 0.1"]
    assert (joint.total, joint.pruned, joint.failed) == (3, 1, 0)
    assert [key for key, _ in joint.importance] == ["b", "a"]


def test_parameters_are_counted_from_settings():
    assert parameters_of({"architecture": "new-base", "input_size": 224, "colour": "bgr", "options": {}}) == 2_423_560
    assert parameters_of({"architecture": "unheard-of", "input_size": 48}) is None
    assert parameters_of({}) is None


def test_settings_are_shown_as_a_config_file_would_have_them():
    import tomllib

    config = Config(name="shown")
    config.pretrain.settings = {"epochs": 3, "loss": "sum"}
    config.tune.factors = {"train.momentum": [0.3, 0.9]}
    assert tomllib.loads(as_toml(config)) == config.to_dict()
