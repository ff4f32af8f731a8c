"""The tune step: from a config to results.json and pictures, over stops, kills and failures."""

from __future__ import annotations

import io
import json
import shutil

import pytest

pytest.importorskip("torch", reason="training needs its extra")

from rich.console import Console
from tune_fakes import calls_of, failing_trial, tiny_config, tiny_sets, toy_accuracy, toy_trial

from model.errors import ConfigError, DataError
from training.interrupted import Interrupted
from training.tune import best_settings, read_results, show, tune
from training.tuning.results import Results, write_results
from training.tuning.search import STORE, open_store

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*:UserWarning:lightning"),
]

FACTORS = {"train.learning_rate": [1e-3, 1e-4], "augment.flip": [0.1, 0.5]}
SPACE = {
    "train.learning_rate": {"low": 1e-4, "high": 1.0, "log": True},
    "augment.flip": [0.0, 0.3, 1.0],
}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("condensed")
    tiny_sets(root)
    return root


@pytest.fixture(scope="module")
def empty_store(tmp_path_factory):
    """Making the tables takes a second; a copy takes none."""
    path = tmp_path_factory.mktemp("store") / STORE
    with open_store(path):
        pass
    return path


@pytest.fixture
def folder(tmp_path, empty_store):
    shutil.copy(empty_store, tmp_path / STORE)
    return tmp_path


@pytest.fixture
def no_pictures(monkeypatch):
    """They take half a second each."""
    monkeypatch.setattr("training.tune.draw", lambda *_: [])


def without_times(folder):
    content = json.loads((folder / "results.json").read_text())
    del content["seconds"]
    return content


def test_the_factors_and_the_joint_search_become_results_and_pictures(root, folder):
    config = tiny_config(root, factors=FACTORS, space=SPACE, trials=4)
    config.train.learning_rate = 0.1
    results = tune(config, folder, trial=toy_trial)
    rates, flips = results.factors
    assert [(row.value, row.accuracy, row.report_accuracy) for row in rates.rows] == [
        (1e-3, toy_accuracy({"train.learning_rate": 1e-3}), 0.3945),
        (1e-4, toy_accuracy({"train.learning_rate": 1e-4}), 0.3780),
    ]
    assert [(row.value, row.report_accuracy) for row in flips.rows] == [(0.1, None), (0.5, None)]
    assert [row["epoch"] for row in rates.rows[0].epochs] == [1, 2, 3, 4]
    assert len(results.joint.rows) == 4
    best = max((row for row in results.joint.rows if row.state == "complete"), key=lambda row: row.accuracy)
    assert best_settings(folder) == results.joint.best.settings == best.settings
    assert read_results(folder) == results
    pictures = sorted(path.name for path in folder.glob("*.png"))
    assert pictures == [
        "factor-augment-flip.png",
        "factor-train-learning-rate.png",
        "joint-history.png",
        "joint-settings.png",
    ]
    assert all((folder / name).read_bytes().startswith(b"\x89PNG") for name in pictures)
    assert [path.name for path in folder.glob("trials/factors-0/*")] == ["log.jsonl"]
    assert results.conditions == {
        "architecture": "compact",
        "input_size": 16,
        "epochs": 4,
        "share": 1.0,
        "pretrained": False,
        "seed": 1,
    }


@pytest.mark.usefixtures("no_pictures")
def test_finished_trials_are_not_done_again_and_the_results_are_those_of_a_whole_search(
    root, folder, tmp_path_factory, empty_store
):
    config = tiny_config(root, factors={"augment.flip": [0.1, 0.4]}, space=SPACE, trials=3)
    left = iter([False] * 8)
    with pytest.raises(Interrupted):
        tune(config, folder, trial=toy_trial, stop=lambda: next(left, True))
    assert not (folder / "results.json").exists()
    tune(config, folder, trial=toy_trial)
    tune(config, folder, trial=toy_trial)
    begun = calls_of(folder)
    assert len(begun) == len({line.split()[0] for line in begun}) + 1 == 6
    assert [line for line in begun if not line.endswith("from 0")] != []  # it went on from its own checkpoint
    whole = tmp_path_factory.mktemp("whole")
    shutil.copy(empty_store, whole / STORE)
    tune(config, whole, trial=toy_trial)
    assert without_times(folder) == without_times(whole)


@pytest.mark.usefixtures("no_pictures")
def test_several_at_once_find_the_same_factors(root, folder):
    config = tiny_config(root, factors=FACTORS, jobs=2)
    results = tune(config, folder, trial=toy_trial)
    accuracies = [row.accuracy for factor in results.factors for row in factor.rows]
    config.train.learning_rate = 0.05
    assert accuracies == [
        toy_accuracy(settings)
        for settings in (
            {"train.learning_rate": 1e-3},
            {"train.learning_rate": 1e-4},
            {"augment.flip": 0.1},
            {"augment.flip": 0.5},
        )
    ]


@pytest.mark.usefixtures("no_pictures")
def test_a_failed_trial_is_recorded_with_its_reason_and_the_sweep_goes_on(root, folder):
    config = tiny_config(root, factors={"train.learning_rate": [1.0, 0.01]})
    failed, done = tune(config, folder, trial=failing_trial).factors[0].rows
    assert (failed.state, failed.accuracy, failed.reason) == ("failed", None, "the loss is nan at epoch 1, step 3")
    assert (done.state, done.accuracy) == ("complete", toy_accuracy({"train.learning_rate": 0.01}))
    console = Console(file=io.StringIO(), width=200)
    show(read_results(folder), console)
    assert "failed: the loss is nan at epoch 1, step 3" in console.file.getvalue()


def test_when_no_trial_could_be_completed_there_are_no_results(root, folder):
    config = tiny_config(root, factors={"train.learning_rate": [1.0]})
    with pytest.raises(DataError, match=r"none of 1 trials could be completed \(the loss is nan at epoch 1, step 3\)"):
        tune(config, folder, trial=failing_trial)
    assert not (folder / "results.json").exists()


def test_a_wrong_setting_stops_before_anything_is_run(root, folder):
    config = tiny_config(root, factors={"train.learning_rate": [0.1], "train.optimizer": ["adam", "lion"]})
    with pytest.raises(ConfigError, match=r"tune\.factors train\.optimizer: train\.optimizer is 'lion'"):
        tune(config, folder, trial=toy_trial)
    assert calls_of(folder) == []


def test_a_second_search_in_the_same_folder_is_refused_while_the_first_one_works(root, folder):
    config = tiny_config(root, factors={"augment.flip": [0.1]})

    def meanwhile(*given, **more):
        with pytest.raises(DataError, match=r"another search is at work here; wait for its end, or stop it"):
            tune(config, folder, trial=toy_trial)
        return toy_trial(*given, **more)

    assert tune(config, folder, trial=meanwhile).factors[0].rows[0].state == "complete"
    assert len(calls_of(folder)) == 1


def test_nothing_to_search_is_said(root, folder):
    with pytest.raises(ConfigError, match=r"tune\.factors is empty and tune\.trials is 0"):
        tune(tiny_config(root), folder, trial=toy_trial)


@pytest.mark.usefixtures("no_pictures")
def test_a_real_search_from_end_to_end(root, folder):
    config = tiny_config(
        root, factors={"train.learning_rate": [0.05, 1e-5]}, space={"train.batch_size": [16, 32]}, trials=1, epochs=3
    )
    console = Console(file=io.StringIO(), width=160)
    results = tune(config, folder, console=console)
    quick, slow = results.factors[0].rows
    assert quick.accuracy >= 0.9 > slow.accuracy
    assert quick.trial == "factors-0"
    said = console.file.getvalue()
    assert f"trial 1/3  train.learning_rate = 0.05: accuracy {quick.accuracy:.4f}" in said
    assert "joint search: 1 complete" in said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, r"results\.json: not there yet; run the tune step first"),
        ("{", r"results\.json: unreadable .*; run the tune step again"),
        ('{"format": 0}', r"results\.json: unreadable .another format."),
        ('{"format": 1, "factors": [{}], "joint": null, "conditions": {}}', r"results\.json: unreadable"),
    ],
)
def test_results_that_cannot_be_used_are_one_line(tmp_path, content, said):
    if content is not None:
        (tmp_path / "results.json").write_text(content)
    with pytest.raises(DataError, match=said):
        best_settings(tmp_path)


def test_without_a_joint_search_there_are_no_best_settings(tmp_path):
    write_results(tmp_path, Results(conditions={}))
    with pytest.raises(DataError, match=r"no completed trial of a joint search; set tune\.trials, or tune"):
        best_settings(tmp_path)
