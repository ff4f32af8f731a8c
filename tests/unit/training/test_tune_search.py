"""Which trial comes next: the best is found, nothing is done twice, what was left open is taken up."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

optuna = pytest.importorskip("optuna", reason="tuning needs the extra train")

from tune_fakes import calls_of, toy_accuracy, toy_config, toy_trial  # noqa: E402

from model.errors import DataError  # noqa: E402
from training.interrupted import Interrupted  # noqa: E402
from training.tuning.job import Outcome, State  # noqa: E402
from training.tuning.plan import FactorValue, Range  # noqa: E402
from training.tuning.runners import Task, run_here  # noqa: E402
from training.tuning.search import STORE, FactorSearch, JointSearch, open_store  # noqa: E402

ROOT = Path(__file__).resolve().parents[3]
SPACE = {"train.learning_rate": Range(low=1e-4, high=1.0, log=True), "augment.flip": Range(low=0.0, high=1.0)}


def storage():
    return optuna.storages.InMemoryStorage()


def carry_out(search, folder, config, *, trials=None, trial=toy_trial):
    """Carry out ``trials`` trials and stop in the one after; all if None."""
    asked = {"begun": 0}

    class Counting:
        def __getattr__(self, name):
            return getattr(search, name)

        def next(self):
            asked["begun"] += 1
            return search.next()

    with contextlib.suppress(Interrupted):
        run_here(
            Task(config=config, folder=folder / "trials", trial=trial),
            Counting(),
            stop=lambda: trials is not None and asked["begun"] > trials,
        )


def tried(search):
    return [(name, settings, outcome.state, outcome.accuracy) for name, settings, outcome, _ in search.outcomes()]


def test_the_known_best_is_found(tmp_path):
    config = toy_config(trials=40)
    search = JointSearch(storage(), config, SPACE)
    carry_out(search, tmp_path, config)
    complete = [
        (outcome.accuracy, settings) for _, settings, outcome, _ in search.outcomes() if outcome.state == "complete"
    ]
    accuracy, settings = max(complete, key=lambda each: each[0])
    assert accuracy > 0.95
    assert accuracy == toy_accuracy(settings)
    assert settings["train.learning_rate"] == pytest.approx(0.01, rel=0.6)
    assert settings["augment.flip"] == pytest.approx(0.3, abs=0.1)


def test_poor_trials_are_left_off_early_and_good_ones_are_not(tmp_path):
    config = toy_config(trials=30)
    search = JointSearch(storage(), config, SPACE)
    carry_out(search, tmp_path, config)
    outcomes = [outcome for _, _, outcome, _ in search.outcomes()]
    pruned = [outcome for outcome in outcomes if outcome.state is State.PRUNED]
    assert len(outcomes) == 30
    assert len(pruned) >= 5
    assert all(len(outcome.epochs) < config.tune.epochs for outcome in pruned)
    # Toy trials learn evenly: what a pruned one would have reached is no better than the best complete one.
    assert max(outcome.accuracy * 4 / len(outcome.epochs) for outcome in pruned) < max(
        outcome.accuracy for outcome in outcomes if outcome.state is State.COMPLETE
    )


def test_the_same_seed_tries_the_same_and_another_one_something_else(tmp_path):
    lists = []
    for place, seed in enumerate((1, 1, 2)):
        config = toy_config(trials=15)
        config.seed = seed
        search = JointSearch(storage(), config, SPACE)
        carry_out(search, tmp_path / str(place), config)
        lists.append(tried(search))
    assert lists[0] == lists[1]
    assert lists[0] != lists[2]


def test_an_interrupted_search_goes_on_as_it_would_have(tmp_path):
    config = toy_config(trials=15)
    whole = JointSearch(storage(), config, SPACE)
    carry_out(whole, tmp_path / "whole", config)
    kept = storage()
    for trials in (3, 5, None):
        search = JointSearch(kept, config, SPACE)
        carry_out(search, tmp_path / "parts", config, trials=trials)
    assert tried(search) == tried(whole)
    # The trial that was begun when the stop came was begun once more, and no other was.
    begun = [line.split()[0] for line in calls_of(tmp_path / "parts")]
    assert len(begun) == 15 + 2
    assert len(set(begun)) == 15


def test_a_trial_whose_process_was_killed_is_taken_up_with_its_settings_and_folder(tmp_path):
    config = toy_config(trials=2)
    kept = storage()
    search = JointSearch(kept, config, SPACE)
    lost = search.next()
    search.validated(lost, 1, 0.2)  # and then nothing: kill -9
    search = JointSearch(kept, config, SPACE)
    assert (search.total, search.done) == (2, 0)
    again = search.next()
    assert (again.name, again.settings) == (lost.name, lost.settings)
    search.validated(again, 1, 0.2)  # the epoch comes twice; that is no error
    search.ended(again, Outcome(state=State.COMPLETE, accuracy=0.5, mean_recall=0.5))
    assert search.next().name != lost.name
    assert search.next() is None


def test_more_trials_go_on_with_the_same_search(tmp_path):
    kept, config = storage(), toy_config(trials=4)
    first = JointSearch(kept, config, SPACE)
    carry_out(first, tmp_path, config)
    config.tune.trials = 6
    more = JointSearch(kept, config, SPACE)
    assert (more.total, more.done) == (6, 4)
    carry_out(more, tmp_path, config)
    assert tried(more)[:4] == tried(first)[:4]
    assert len(calls_of(tmp_path)) == 6


def test_choices_keep_their_types(tmp_path):
    config = toy_config(trials=12)
    space = {"augment.flip": [0, 0.5], "network.options": [{"dropout": 0.1}, {"dropout": True}]}
    search = JointSearch(storage(), config, space)
    carry_out(search, tmp_path, config)
    seen = {json.dumps(settings, sort_keys=True) for _, settings, _, _ in search.outcomes()}
    allowed = {
        json.dumps({"augment.flip": flip, "network.options": {"dropout": dropout}})
        for flip in (0, 0.5)
        for dropout in (0.1, True)
    }
    assert seen <= allowed
    assert len(seen) > 1


def test_the_setting_that_matters_is_the_most_important(tmp_path):
    config = toy_config(trials=25)
    space = {"train.learning_rate": Range(low=1e-4, high=1.0, log=True), "train.momentum": Range(low=0.0, high=0.9)}
    search = JointSearch(storage(), config, space)
    assert search.importance() is None  # nothing was tried yet
    carry_out(search, tmp_path, config)
    importance = search.importance()
    assert importance["train.learning_rate"] > 0.7
    assert sum(importance.values()) == pytest.approx(1, abs=0.001)


def values(setting, *several):
    return [FactorValue(value=value, settings={setting: value}) for value in several]


def test_values_that_mean_the_same_training_share_a_trial(tmp_path):
    config = toy_config()
    factors = {
        "train.learning_rate": values("train.learning_rate", config.train.learning_rate, 0.01),
        "augment.flip": values("augment.flip", 0.1, config.augment.flip),
    }
    search = FactorSearch(storage(), config, factors)
    carry_out(search, tmp_path, config)
    assert [line.split()[0] for line in calls_of(tmp_path)] == ["factors-0", "factors-1", "factors-2"]
    names = {
        (key, value.value): search.outcome(config, value.settings)[0] for key, each in factors.items() for value in each
    }
    assert names["train.learning_rate", config.train.learning_rate] == names["augment.flip", config.augment.flip]
    assert len(set(names.values())) == 3


def test_factors_go_on_where_they_were_stopped_and_a_new_value_is_all_that_is_added(tmp_path):
    config, kept = toy_config(), storage()
    factors = {"augment.flip": values("augment.flip", 0.1, 0.2, 0.3)}
    carry_out(FactorSearch(kept, config, factors), tmp_path, config, trials=1)
    search = FactorSearch(kept, config, factors)
    assert (search.total, search.done) == (3, 1)
    carry_out(search, tmp_path, config)
    factors["augment.flip"] += values("augment.flip", 0.4)
    search = FactorSearch(kept, config, factors)
    assert (search.total, search.done) == (4, 3)
    carry_out(search, tmp_path, config)
    begun = [line.split()[0] for line in calls_of(tmp_path)]
    assert sorted(set(begun)) == ["factors-0", "factors-1", "factors-2", "factors-3"]
    assert len(begun) <= 5
    accuracies = [search.outcome(config, value.settings)[1].accuracy for value in factors["augment.flip"]]
    assert accuracies == [toy_accuracy({"augment.flip": flip}) for flip in (0.1, 0.2, 0.3, 0.4)]


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"SQLite format 3\x00" + b"\xff" * 500])
def test_a_damaged_store_is_one_line(tmp_path, content):
    (tmp_path / STORE).write_bytes(content)
    said = r"study\.db: the search's store fails \(.*delete it to begin anew$"
    with pytest.raises(DataError, match=said), open_store(tmp_path / STORE) as store:
        JointSearch(store, toy_config(trials=1), SPACE)


def test_the_store_lies_where_it_should_whatever_the_path_is_called(tmp_path):
    path = tmp_path / "50%? #1 ü" / STORE
    with open_store(path) as store:
        FactorSearch(store, toy_config(), {"augment.flip": values("augment.flip", 0.1)}).next()
    with open_store(path) as store:
        assert [trial.user_attrs["settings"] for trial in store.get_all_trials(1)] == [{"augment.flip": 0.1}]
    assert [file.name for file in tmp_path.iterdir()] == ["50%? #1 ü"]


@pytest.mark.skipif(os.name != "posix", reason="kills by POSIX signals")
def test_a_search_that_was_killed_goes_on_with_the_trial_that_it_was_at(tmp_path):
    script = (
        "import sys; from pathlib import Path; from tune_fakes import *\n"
        "from training.tuning.plan import FactorValue\n"
        "from training.tuning.search import FactorSearch, open_store\n"
        "folder, config = Path(sys.argv[1]), toy_config()\n"
        "flips = [FactorValue(value=flip, settings={'augment.flip': flip}) for flip in (0.1, 0.2, 0.3)]\n"
        "with open_store(folder / 'study.db') as store:\n"
        "    search = FactorSearch(store, config, {'augment.flip': flips})\n"
        "    task = Task(config=config, folder=folder / 'trials', trial=lingering_trial)\n"
        "    run_here(task, search, stop=lambda: False)\n"
    )
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    command = [sys.executable, "-c", script, str(tmp_path)]
    search = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": paths})
    try:
        latest = time.monotonic() + 60
        while len(calls_of(tmp_path)) < 2:
            assert search.poll() is None, "it ended by itself"
            assert time.monotonic() < latest, "waited in vain"
            time.sleep(0.02)
        search.send_signal(signal.SIGKILL)
    finally:
        search.kill()
        search.wait()
    config = toy_config()
    flips = values("augment.flip", 0.1, 0.2, 0.3)
    with open_store(tmp_path / STORE) as store:
        again = FactorSearch(store, config, {"augment.flip": flips})
        carry_out(again, tmp_path, config)
        accuracies = [again.outcome(config, value.settings)[1].accuracy for value in flips]
    assert [line.split()[0] for line in calls_of(tmp_path)] == ["factors-0", "factors-1", "factors-1", "factors-2"]
    assert accuracies == [toy_accuracy({"augment.flip": flip}) for flip in (0.1, 0.2, 0.3)]
