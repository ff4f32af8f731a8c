"""The loop: a run that was stopped anywhere ends with the weights of one that was not."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs its extra")

from model.emotions import Emotion  # noqa: E402
from model.errors import ConfigError, DataError  # noqa: E402
from training.checkpoint import load_checkpoint, save_checkpoint  # noqa: E402
from training.config import Config  # noqa: E402
from training.data.condense import condense  # noqa: E402
from training.data.sample import Sample, Split, one_hot  # noqa: E402
from training.loop import BEST, LAST, Interrupted, build_network, normalise, train  # noqa: E402

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*:UserWarning:lightning"),
]


def bright_and_dark(count):
    """Bright pictures are happy, dark ones sad: a task that a tiny network learns in a few steps."""
    rng = np.random.default_rng(count)

    def made(place):
        emotion = Emotion.HAPPINESS if place % 2 else Emotion.SADNESS
        pixels = (rng.normal(180 if place % 2 else 60, 20, (16, 16)).clip(0, 255)).astype(np.uint8)
        return Sample(name=str(place), label=emotion, target=one_hot(emotion), read=lambda: pixels)

    return Split("train", [made(place) for place in range(count)])


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    root = tmp_path_factory.mktemp("condensed")
    return tuple(
        condense(bright_and_dark(count), root / name, size=16, channels=1, source="made")
        for name, count in (("train", 70), ("valid", 20))
    )


def tiny(**train_settings):
    config = Config(name="tiny")
    config.network.input_size = 16
    config.network.options = {"stem": 4, "widths": [8, 8], "depths": [1, 1], "dropout": 0.2}
    config.train.batch_size = 16
    config.train.epochs = 3
    config.train.accelerator = "cpu"
    config.train.threads = 1
    config.train.learning_rate = 0.05
    for key, value in train_settings.items():
        setattr(config.train, key, value)
    return config


def stop_after(steps):
    left = iter([False] * (steps - 1))
    return lambda: next(left, True)


def test_it_learns_and_writes_a_log(data, tmp_path):
    best = train(tiny(epochs=6, ema_decay=0.5), *data, tmp_path)
    rows = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [row["epoch"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert rows[-1]["loss"] < rows[0]["loss"] * 0.7
    assert max(row["accuracy"] for row in rows) >= 0.9
    assert best == tmp_path / BEST


@pytest.fixture(scope="module")
def whole_run(data, tmp_path_factory):
    """The folder of a run of three epochs."""
    folder = tmp_path_factory.mktemp("whole")
    train(tiny(), *data, folder)
    return folder


@pytest.fixture(scope="module")
def first_epoch(data, tmp_path_factory):
    """The folder of a run of one epoch."""
    folder = tmp_path_factory.mktemp("first")
    train(tiny(epochs=1), *data, folder)
    return folder


@pytest.fixture
def begun(first_epoch, tmp_path):
    """A copy of it for this test alone."""
    return shutil.copytree(first_epoch, tmp_path / "begun")


@pytest.mark.parametrize("step", [1, 5, 7, 13])
def test_a_stopped_run_resumes_to_the_same_weights(data, whole_run, tmp_path, step):
    with pytest.raises(Interrupted):
        train(tiny(), *data, tmp_path / "stopped", stop=stop_after(step))
    assert load_checkpoint(tmp_path / "stopped" / LAST)["step"] == step
    train(tiny(), *data, tmp_path / "stopped")
    whole, stopped = (load_checkpoint(folder / LAST) for folder in (whole_run, tmp_path / "stopped"))
    for part in ("network", "averaged"):
        assert whole[part].keys() == stopped[part].keys()
        assert all(torch.equal(whole[part][key], stopped[part][key]) for key in whole[part])


def test_a_finished_run_is_not_done_again(data, begun):
    before = (begun / LAST).read_bytes()
    train(tiny(epochs=1), *data, begun)
    assert (begun / LAST).read_bytes() == before


def test_a_loss_that_is_no_number_stops_and_keeps_the_last_checkpoint(data, begun):
    before = (begun / LAST).read_bytes()
    with pytest.raises(DataError, match=r"the loss is nan at epoch 2.*with a lower train\.learning_rate"):
        train(tiny(epochs=9, learning_rate=float("nan"), clip_norm=0.0), *data, begun)
    assert (begun / LAST).read_bytes() == before


def test_a_checkpoint_of_another_network_is_refused_by_name(data, begun):
    config = tiny(epochs=2)
    config.network.options["stem"] = 8
    with pytest.raises(ConfigError, match=r"last\.pt: made with another network .network\.options differ"):
        train(config, *data, begun)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
@pytest.mark.parametrize("accelerator", ["cuda", "gpu"])
def test_cuda_where_there_is_none_is_refused_and_never_replaced_in_silence(data, tmp_path, accelerator):
    with pytest.raises(ConfigError, match=rf"train\.accelerator is '{accelerator}', and PyTorch sees no CUDA device"):
        train(tiny(accelerator=accelerator), *data, tmp_path)


def test_a_batch_in_parts_gives_the_weights_of_a_whole_one(data, tmp_path):
    configs = [tiny(accumulate=parts) for parts in (1, 3)]
    for config, name in zip(configs, ("whole", "parts"), strict=True):
        config.network.architecture, config.network.input_size = "basic-1", 25
        config.network.options = {}
        sets = [
            condense(bright_and_dark(count), tmp_path / name / split, size=25, channels=1, source="made")
            for split, count in (("train", 70), ("valid", 20))
        ]
        train(config, *sets, tmp_path / name / "run")
    whole, parts = (load_checkpoint(tmp_path / name / "run" / LAST)["network"] for name in ("whole", "parts"))
    assert all(torch.allclose(whole[key], parts[key], atol=1e-4) for key in whole)


def test_a_run_ends_early_when_nothing_gets_better_and_stays_ended(data, tmp_path):
    settings = {"epochs": 20, "patience": 2, "learning_rate": 0.0}
    train(tiny(**settings), *data, tmp_path)
    rows = (tmp_path / "log.jsonl").read_text().splitlines()
    assert len(rows) == 3  # the first one is the best, then two that are no better
    train(tiny(**settings), *data, tmp_path)
    assert (tmp_path / "log.jsonl").read_text().splitlines() == rows


def test_weights_that_are_no_numbers_are_never_saved(data, begun):
    before = (begun / LAST).read_bytes()
    with pytest.raises(DataError, match=r"(weights are no numbers|the loss is nan).*begin anew with a lower"):
        train(tiny(epochs=3, learning_rate=3e38, clip_norm=0.0, checkpoint_minutes=0.0), *data, begun)
    assert (begun / LAST).read_bytes() == before


@pytest.mark.parametrize("keep_head", [True, False])
def test_training_begins_with_the_weights_of_a_pre_training(data, first_epoch, tmp_path, keep_head):
    before = first_epoch / BEST
    config = tiny(epochs=1, learning_rate=0.0, ema_decay=0.0, momentum=0.0)
    config.pretrain.keep_head = keep_head
    config.seed = 5
    after = train(config, *data, tmp_path / "after", init=before)
    given, got = load_checkpoint(before)["averaged"], load_checkpoint(after)["network"]
    learned = {key for key in got if key.endswith("weight") and torch.equal(given[key], got[key])}
    head = {key for key in got if key.startswith("classify.")}
    assert head
    assert {key for key in got if key.endswith("weight")} - learned == (set() if keep_head else {"classify.weight"})


def test_batches_read_ahead_are_the_same(data, first_epoch, tmp_path):
    config = tiny(epochs=1)
    config.data.workers = 1
    train(config, *data, tmp_path)
    here, ahead = (load_checkpoint(folder / LAST)["network"] for folder in (first_epoch, tmp_path))
    assert all(torch.equal(here[key], ahead[key]) for key in here)


def test_an_unknown_optimizer_is_refused(data, tmp_path):
    with pytest.raises(ConfigError, match=r"train\.optimizer is 'lion', expected sgd, adam or adamw"):
        train(tiny(optimizer="lion"), *data, tmp_path)


def test_the_same_seed_builds_the_same_network():
    config = tiny()
    once, again = build_network(config).state_dict(), build_network(config).state_dict()
    assert all(torch.equal(once[key], again[key]) for key in once)


# A pickle that would run a command if it were loaded as one.
PICKLE = b"\x80\x04cos\nsystem\n(S'false'\ntR."


@pytest.mark.parametrize("content", [b"", b"no checkpoint", PICKLE])
def test_a_damaged_or_foreign_checkpoint_is_refused(tmp_path, content):
    path = tmp_path / "last.pt"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"last\.pt: not a whole checkpoint"):
        load_checkpoint(path)


def test_a_failed_save_keeps_the_earlier_checkpoint(tmp_path, monkeypatch):
    path = tmp_path / "last.pt"
    save_checkpoint(path, {"step": 1})

    def full_disk(*_args, **_named):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("training.checkpoint.torch.save", full_disk)
    with pytest.raises(DataError, match=r"cannot save the checkpoint .*No space left.*earlier one is kept"):
        save_checkpoint(path, {"step": 2})
    assert load_checkpoint(path) == {"step": 1}
    assert [file.name for file in tmp_path.iterdir()] == ["last.pt"]


def test_a_stop_at_the_last_step_of_an_epoch_validates_it_first(data, tmp_path):
    # Else the epoch, the only one here, would never be scored and there would be no best checkpoint to export.
    with pytest.raises(Interrupted):
        train(tiny(epochs=1), *data, tmp_path, stop=stop_after(5))
    assert (tmp_path / BEST).exists()
    assert train(tiny(epochs=1), *data, tmp_path) == tmp_path / BEST
    assert len((tmp_path / "log.jsonl").read_text().splitlines()) == 1


def test_a_resumed_run_logs_and_keeps_the_same_epochs_as_a_whole_one(data, tmp_path):
    settings = {"evaluate_every": 2, "balance": 0.5}
    configs = [tiny(**settings), tiny(**settings)]
    for config in configs:
        config.augment.mixup = 0.5
    train(configs[0], *data, tmp_path / "whole")
    for step in (3, 2, 5, 1):  # after steps 3, 5, 10, 11 of 15
        with pytest.raises(Interrupted):
            train(configs[1], *data, tmp_path / "stopped", stop=stop_after(step))
    train(configs[1], *data, tmp_path / "stopped")
    for name in (LAST, BEST):
        whole, stopped = (load_checkpoint(tmp_path / folder / name) for folder in ("whole", "stopped"))
        assert whole["step"] == stopped["step"]
        assert all(torch.equal(whole["averaged"][key], stopped["averaged"][key]) for key in whole["averaged"])
    rows = [
        [json.loads(line)["epoch"] for line in (tmp_path / folder / "log.jsonl").read_text().splitlines()]
        for folder in ("whole", "stopped")
    ]
    assert rows[0] == rows[1] == [2, 3]


@pytest.mark.parametrize("change", [{"optimizer": "adam"}, {"batch_size": 8}])
def test_going_on_with_other_steps_or_another_optimizer_is_refused(data, begun, change):
    with pytest.raises(ConfigError, match=r"last\.pt: made with sgd and 5 steps per epoch, now"):
        train(tiny(epochs=2, **change), *data, begun)


@pytest.mark.parametrize("lacking", ["config", "network", "optimizer", "step"])
def test_a_checkpoint_of_something_else_is_one_line(data, begun, lacking):
    state = load_checkpoint(begun / LAST)
    del state[lacking]
    save_checkpoint(begun / LAST, state)
    with pytest.raises(DataError, match=r"last\.pt: not a checkpoint of a run .KeyError.; delete it"):
        train(tiny(epochs=2), *data, begun)


@pytest.mark.parametrize(("key", "value"), [("input_size", 24), ("colour", "bgr")])
def test_pictures_that_the_network_does_not_take_are_refused(data, tmp_path, key, value):
    config = tiny()
    setattr(config.network, key, value)
    with pytest.raises(
        ConfigError, match=rf"train: pictures of 16 pixels with 1 channel.*--size {config.network.input_size}"
    ):
        train(config, *data, tmp_path)


def test_an_rgb_network_is_trained_on_what_the_app_gives_it():
    from model.card import ModelCard
    from model.preprocess import prepare

    config = tiny()
    config.network.colour = "rgb"
    picture = np.zeros((16, 16, 3), np.uint8)
    picture[..., 0] = 255  # blue
    card = ModelCard(
        name="x",
        architecture="compact",
        input_size=16,
        colour="rgb",
        mean=(config.network.mean,) * 3,
        std=(config.network.std,) * 3,
    )
    ours = normalise(torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 255, config)
    assert np.allclose(ours.numpy(), prepare([picture], card), atol=1e-5)


def test_a_save_into_what_is_no_folder_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"x\.pt: cannot save the checkpoint"):
        save_checkpoint(tmp_path / "file" / "x.pt", {})
