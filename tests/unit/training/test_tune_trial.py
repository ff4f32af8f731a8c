"""One trial, for real: the loop with some settings changed, on a share of the pictures."""

from __future__ import annotations

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs its extra")

from hypothesis import given  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from tune_fakes import tiny_config, tiny_sets  # noqa: E402

from model.errors import ConfigError, DataError  # noqa: E402
from training.checkpoint import load_checkpoint  # noqa: E402
from training.interrupted import Interrupted  # noqa: E402
from training.loop import train  # noqa: E402
from training.tuning.check import check_plan  # noqa: E402
from training.tuning.job import TrialFailed  # noqa: E402
from training.tuning.plan import factors_of, space_of, trial_config  # noqa: E402
from training.tuning.trial import clear_trial, run_trial, stratified  # noqa: E402

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*:UserWarning:lightning"),
]


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("condensed")
    tiny_sets(root)
    return root


def stop_after(steps):
    left = iter([False] * (steps - 1))
    return lambda: next(left, True)


def test_a_trial_learns_and_tells_each_epoch(root, tmp_path):
    told = []
    found = run_trial(
        tiny_config(root, epochs=3),
        {"train.learning_rate": 0.05},
        tmp_path / "t",
        on_validation=lambda epoch, score: told.append((epoch, score)),
    )
    assert found["state"] == "complete"
    assert [row["epoch"] for row in found["epochs"]] == [1, 2, 3]
    assert found["epochs"][-1]["loss"] < found["epochs"][0]["loss"]
    assert found["accuracy"] == max(row["accuracy"] for row in found["epochs"]) >= 0.9
    assert told == [
        (row["epoch"], pytest.approx((row["accuracy"] + row["mean_recall"]) / 2)) for row in found["epochs"]
    ]
    assert found["loss"] == next(row["valid_loss"] for row in found["epochs"] if row["accuracy"] == found["accuracy"])


def test_settings_make_the_difference_they_name(root, tmp_path):
    config = tiny_config(root, epochs=1)
    run_trial(config, {"train.optimizer": "adam", "train.learning_rate": 0.003}, tmp_path / "t")
    kept = load_checkpoint(tmp_path / "t" / "last.pt")["config"]
    assert (kept["train"]["optimizer"], kept["train"]["learning_rate"], kept["train"]["epochs"]) == ("adam", 0.003, 1)
    assert config.train.optimizer == "sgd"


def test_a_share_of_the_training_pictures_and_all_validation_pictures_are_used(root, tmp_path, monkeypatch):
    seen = []

    def noting(config, train_set, valid_set, folder, **more):
        seen.append((len(train_set), len(valid_set), np.bincount(train_set.labels)[[1, 2]].tolist()))
        return train(config, train_set, valid_set, folder, **more)

    monkeypatch.setattr("training.tuning.trial.train", noting)
    run_trial(tiny_config(root, epochs=1, share=0.5), {}, tmp_path / "t")
    assert seen == [(36, 20, [18, 18])]


def test_a_stopped_trial_goes_on_to_the_same_end(root, tmp_path):
    config = tiny_config(root, epochs=2)
    whole = run_trial(config, {}, tmp_path / "whole")
    with pytest.raises(Interrupted):
        run_trial(config, {}, tmp_path / "stopped", stop=stop_after(3))
    again = run_trial(config, {}, tmp_path / "stopped")
    assert [again[key] for key in ("state", "accuracy", "loss", "epochs")] == [
        whole[key] for key in ("state", "accuracy", "loss", "epochs")
    ]


def test_a_trial_is_left_off_when_the_search_says_so_but_not_after_its_last_epoch(root, tmp_path):
    config = tiny_config(root, epochs=3)
    found = run_trial(config, {}, tmp_path / "a", on_validation=lambda epoch, _: epoch == 1)
    assert (found["state"], [row["epoch"] for row in found["epochs"]]) == ("pruned", [1])
    found = run_trial(config, {}, tmp_path / "b", on_validation=lambda epoch, _: epoch == 3)
    assert (found["state"], len(found["epochs"])) == ("complete", 3)


def test_a_loss_that_is_no_number_is_the_trials_own_fault(root, tmp_path):
    config = tiny_config(root, epochs=2)
    with pytest.raises(TrialFailed, match=r"^the loss is (nan|inf) at epoch \d, step \d+$"):
        run_trial(config, {"train.learning_rate": 1e30, "train.clip_norm": 0.0}, tmp_path / "t")


@pytest.mark.parametrize(
    "error",
    [
        torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 20 GiB"),
        RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory"),
        MemoryError(),
    ],
)
def test_too_little_memory_is_the_trials_own_fault(root, tmp_path, monkeypatch, error):
    def greedy(*_args, **_named):
        raise error

    monkeypatch.setattr("training.tuning.trial.train", greedy)
    with pytest.raises(TrialFailed, match=r"^out of memory; try a smaller train\.batch_size"):
        run_trial(tiny_config(root), {}, tmp_path / "t")


@pytest.mark.parametrize("error", [DataError("last.pt: cannot save the checkpoint"), RuntimeError("a defect")])
def test_other_errors_are_not(root, tmp_path, monkeypatch, error):
    def failing(*_args, **_named):
        raise error

    monkeypatch.setattr("training.tuning.trial.train", failing)
    with pytest.raises(type(error), match=str(error)):
        run_trial(tiny_config(root), {}, tmp_path / "t")


def test_pretrained_weights_are_begun_with_also_when_the_dropout_differs(root, tmp_path):
    config = tiny_config(root, epochs=6)
    init = tmp_path / "pretrain" / "best.pt"
    run_trial(config, {}, init.parent)
    config.tune.epochs = 1
    slow = {"train.learning_rate": 1e-4, "network.options.dropout": 0.0}
    fresh = run_trial(config, slow, tmp_path / "fresh")
    begun = run_trial(config, slow, tmp_path / "begun", init=init)
    assert begun["accuracy"] >= 0.9 > fresh["accuracy"]


def test_a_cleared_trial_keeps_its_log_alone(root, tmp_path):
    run_trial(tiny_config(root, epochs=1), {}, tmp_path)
    assert (tmp_path / "last.pt").exists()
    clear_trial(tmp_path)
    clear_trial(tmp_path / "never begun")
    assert [path.name for path in tmp_path.iterdir()] == ["log.jsonl"]
    assert len((tmp_path / "log.jsonl").read_text().splitlines()) == 1


@given(
    counts=st.lists(st.integers(0, 40), min_size=8, max_size=8).filter(any),
    share=st.floats(0.001, 1),
    seed=st.integers(0, 99),
)
def test_a_share_is_the_share_of_every_class(counts, share, seed):
    labels = np.random.default_rng(0).permutation(np.repeat(np.arange(8, dtype=np.uint8), counts))
    places = stratified(labels, share, seed=seed)
    assert np.all(np.diff(places) > 0)
    chosen = np.bincount(labels[places], minlength=8)
    for kept, count in zip(chosen, counts, strict=True):
        assert kept == (0 if count == 0 else max(1, round(share * count)))
    assert np.array_equal(places, stratified(labels, share, seed=seed))


def test_another_seed_chooses_other_pictures():
    labels = np.zeros(100, np.uint8)
    assert not np.array_equal(stratified(labels, 0.5, seed=1), stratified(labels, 0.5, seed=2))


@pytest.mark.parametrize(
    ("factors", "space", "said"),
    [
        ({"train.momentun": [0.3]}, {}, r"tune\.factors train\.momentun: unknown key train\.momentun"),
        ({"train.batch_size": [16, "32"]}, {}, r"tune\.factors train\.batch_size: train\.batch_size is '32' .str."),
        ({"train.momentum": [0.3, 1.5]}, {}, r"train\.momentum is 1\.5, expected at most 0\.9999"),
        ({"train.optimizer": ["sgd", "lion"]}, {}, r"train\.optimizer is 'lion', expected sgd, adam or adamw"),
        ({"network.options.drpout": [0.1]}, {}, r"tune\.factors network\.options\.drpout.*architecture compact"),
        ({"network.options.dropout": [0.1, 2.0]}, {}, r"network\.options\.dropout.*compact cannot be built .*dropout"),
        ({"network.input_size": [16, 32]}, {}, r"pictures of 16 pixels.*say 32"),
        (
            {},
            {"train.momentum": {"low": 0.1, "high": 2.0}},
            r"tune\.space train\.momentum: .* is 2\.0, expected",
        ),
        (
            {},
            {"train.balance": [0.0, 0.5], "train.class_weights": [0.0, 0.5]},
            r"tune\.space train\.balance with train\.class_weights: .*both would balance the classes twice",
        ),
    ],
)
def test_what_a_trial_would_stumble_over_is_refused_before(root, factors, space, said):
    from training.data.condense import open_condensed

    config = tiny_config(root, factors=factors, space=space)
    data = tuple(open_condensed(root / name) for name in ("train", "valid"))
    with pytest.raises(ConfigError, match=said):
        check_plan(config, factors_of(config), space_of(config), data=data, init=None)


def test_pretrained_weights_that_do_not_fit_are_refused_before(root, tmp_path):
    from training.data.condense import open_condensed

    config = tiny_config(root, epochs=1)
    run_trial(config, {}, tmp_path)
    data = tuple(open_condensed(root / name) for name in ("train", "valid"))
    config.tune.factors = {"network.options.dropout": [0.0, 0.5]}
    check_plan(config, factors_of(config), {}, data=data, init=tmp_path / "best.pt")
    config.tune.factors = {"network.options.stem": [4, 8]}
    with pytest.raises(ConfigError, match=r"'network\.options\.stem': 8.*pre-trained weights do not fit this network"):
        check_plan(config, factors_of(config), {}, data=data, init=tmp_path / "best.pt")


def test_the_log_of_a_trial_is_the_loops(root, tmp_path):
    found = run_trial(tiny_config(root, epochs=2), {}, tmp_path)
    rows = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [row["accuracy"] for row in rows] == [row["accuracy"] for row in found["epochs"]]
    assert trial_config(tiny_config(root, epochs=2), {}).train.epochs == len(rows)
