"""Teachers: their readings become a share of the targets, and what is no teacher is refused before a step is made."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs its extra")

from model.emotions import Emotion  # noqa: E402
from model.errors import ConfigError, DataError  # noqa: E402
from training.checkpoint import load_checkpoint, save_checkpoint  # noqa: E402
from training.config import Config  # noqa: E402
from training.data.condense import condense  # noqa: E402
from training.data.sample import Sample, Split, one_hot  # noqa: E402
from training.distil import Teachers  # noqa: E402
from training.load_config import pretrain_config  # noqa: E402
from training.loop import train  # noqa: E402
from training.network import build_network, normalise  # noqa: E402

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*:UserWarning:lightning"),
]

CPU = torch.device("cpu")
NO_PRECISION = contextlib.nullcontext()


def tiny(name="tiny", *, width=8, teachers=(), **distil):
    config = Config(name=name)
    config.network.input_size = 16
    config.network.options = {"stem": 4, "widths": [width, width], "depths": [1, 1], "dropout": 0.0}
    config.train.batch_size = 16
    config.train.epochs = 2
    config.train.accelerator = "cpu"
    config.train.threads = 1
    config.distil.teachers = [str(each) for each in teachers]
    for key, value in distil.items():
        setattr(config.distil, key, value)
    return config


def made_teacher(folder, favourite, *, width=8, certain=8.0, **network):
    """A run's folder whose network reads every picture alike."""
    config = tiny(folder.name, width=width)
    for key, value in network.items():
        setattr(config.network, key, value)
    built = build_network(config)
    with torch.no_grad():
        built.classify.weight.zero_()
        built.classify.bias.zero_()
        built.classify.bias[favourite] = certain
    save_checkpoint(folder / "train" / "best.pt", {"config": config.to_dict(), "averaged": built.state_dict()})
    return folder


def shown(config, *, step=0, count=3):
    targets = torch.zeros(count, 10)
    targets[:, Emotion.NEUTRAL] = 1.0
    targets[:, 8:] = 0.25
    teachers = Teachers(config, CPU)
    return teachers.blend(torch.rand(count, 1, 16, 16), targets, step, NO_PRECISION)


def test_two_teachers_share_what_the_label_leaves(tmp_path):
    happy = made_teacher(tmp_path / "happy", Emotion.HAPPINESS, certain=50.0)
    sad = made_teacher(tmp_path / "sad", Emotion.SADNESS, width=12, certain=50.0)
    blended = shown(tiny(teachers=[happy, sad], share=0.8))
    assert torch.allclose(blended[:, Emotion.NEUTRAL], torch.tensor(0.2), atol=1e-5)
    assert torch.allclose(blended[:, Emotion.HAPPINESS], torch.tensor(0.4), atol=1e-5)
    assert torch.allclose(blended[:, Emotion.SADNESS], torch.tensor(0.4), atol=1e-5)
    assert torch.equal(blended[:, 8:], torch.full((3, 2), 0.25))  # nobody's reading touches valence and arousal


@pytest.mark.parametrize(("step", "spoken"), [(0, Emotion.HAPPINESS), (1, Emotion.SADNESS), (2, Emotion.HAPPINESS)])
def test_one_at_a_time_they_take_turns_by_the_step(tmp_path, step, spoken):
    happy = made_teacher(tmp_path / "happy", Emotion.HAPPINESS, certain=50.0)
    sad = made_teacher(tmp_path / "sad", Emotion.SADNESS, certain=50.0)
    blended = shown(tiny(teachers=[happy, sad], share=1.0, at_once=1), step=step)
    assert torch.allclose(blended[:, spoken], torch.tensor(1.0), atol=1e-5)


def test_a_teacher_sees_the_picture_as_it_was_taught_to(tmp_path):
    """Its own mean and spread, not the pupil's."""
    folder = made_teacher(tmp_path / "other", Emotion.FEAR, mean=0.1, std=0.9)
    state = load_checkpoint(folder / "train" / "best.pt")
    network = build_network(tiny())
    state["averaged"] = network.state_dict()
    save_checkpoint(folder / "train" / "best.pt", state)
    config = tiny(teachers=[folder], share=1.0)
    pixels = torch.rand(4, 1, 16, 16)
    own = tiny()
    own.network.mean, own.network.std = 0.1, 0.9
    with torch.no_grad():
        wanted = torch.softmax(network.eval()(normalise(pixels, own)), dim=1)
    blended = Teachers(config, CPU).blend(pixels, torch.zeros(4, 10), 0, NO_PRECISION)
    assert torch.allclose(blended[:, :8], wanted, atol=1e-6)


def test_a_network_learns_what_its_teacher_says_and_no_label_says(tmp_path):
    rng = np.random.default_rng(3)

    def sample(place):
        pixels = rng.integers(0, 256, (16, 16), dtype=np.uint8)
        emotion = Emotion.ANGER
        return Sample(name=str(place), label=emotion, target=one_hot(emotion), read=lambda: pixels)

    split = Split("train", [sample(place) for place in range(64)])
    data = condense(split, tmp_path / "data", size=16, channels=1, source="made")
    teacher = made_teacher(tmp_path / "disgusted", Emotion.DISGUST)
    config = tiny("pupil", teachers=[teacher], share=1.0)
    config.train.epochs, config.train.learning_rate = 6, 0.05
    best = train(config, data, data, tmp_path / "run")
    network = build_network(config)
    network.load_state_dict(load_checkpoint(best)["averaged"])
    with torch.no_grad():
        read = network.eval()(normalise(torch.rand(8, 1, 16, 16), config)).argmax(dim=1)
    assert set(read.tolist()) == {int(Emotion.DISGUST)}


def test_a_teacher_that_is_not_there_is_one_line_that_says_what_to_do(tmp_path):
    with pytest.raises(ConfigError, match=r"distil\.teachers names .*nobody.*train that run first"):
        Teachers(tiny(teachers=[tmp_path / "nobody"]), CPU)


def test_a_teacher_of_other_pictures_is_refused(tmp_path):
    teacher = made_teacher(tmp_path / "colour", Emotion.FEAR, colour="rgb")
    with pytest.raises(ConfigError, match=r"network\.colour 'rgb', this run 'gray'"):
        Teachers(tiny(teachers=[teacher]), CPU)


def test_a_checkpoint_of_something_else_is_refused(tmp_path):
    save_checkpoint(tmp_path / "other.pt", {"weights": torch.zeros(3)})
    with pytest.raises(DataError, match="not a checkpoint of a run"):
        Teachers(tiny(teachers=[tmp_path / "other.pt"]), CPU)


def test_a_pre_training_has_no_teachers():
    config = tiny(teachers=["runs/one"])
    config.pretrain.root = "condensed/other"
    assert pretrain_config(config).distil.teachers == []
