"""A training that begins with an exported model's weights: the same readings, also in a deeper network."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs its extra")

import torch

from model.architectures import build
from model.card import ModelCard
from model.errors import AffectcamError, ConfigError
from model.export import export
from training.begin import begin_with
from training.config import Config
from training.load_config import load_config
from training.network import build_network

SMALL = {"stem": 8, "widths": [8, 16], "depths": [1, 2]}
CARD = ModelCard(name="small", architecture="compact", input_size=16, colour="gray", mean=(0.5,), std=(0.25,))


def config_for(**options):
    config = Config()
    config.network.input_size = 16
    config.network.options = {**SMALL, **options}
    return config


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """A small network whose norms have seen data, and its file."""
    torch.manual_seed(5)
    network = build("compact", channels=1, input_size=16, **SMALL)
    for part in network.modules():
        if isinstance(part, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(part.weight, 0.5, 1.5)
            part.running_mean.uniform_(-0.2, 0.2)
            part.running_var.uniform_(0.5, 2)
    path = tmp_path_factory.mktemp("exported") / "small.onnx"
    export(network, CARD, path)
    return network.eval(), path


@pytest.fixture(scope="module")
def pixels():
    return torch.from_numpy(np.random.default_rng(0).normal(size=(5, 1, 16, 16)).astype(np.float32))


def test_the_same_network_gives_the_same_logits(exported, pixels):
    network, path = exported
    config = config_for()
    begun = build_network(config)
    taken = begin_with(begun, path, config)
    assert (taken.fresh, taken.left) == ([], [])
    assert torch.equal(begun.eval()(pixels), network(pixels))


@pytest.mark.parametrize("depths", [[2, 2], [1, 4], [3, 3]])
def test_a_deeper_network_begins_with_the_shallower_ones_logits(exported, pixels, depths):
    network, path = exported
    config = config_for(depths=depths)
    begun = build_network(config)
    taken = begin_with(begun, path, config)
    assert taken.left == []
    assert all(name.startswith("stages.") for name in taken.fresh)
    assert torch.allclose(begun.eval()(pixels), network(pixels), atol=1e-6)


def test_a_shallower_network_takes_what_it_has_a_place_for(exported):
    network, path = exported
    config = config_for(depths=[1, 1])
    begun = build_network(config)
    taken = begin_with(begun, path, config)
    assert taken.fresh == []
    assert taken.left
    assert all(name.startswith("stages.1.1.") for name in taken.left)
    assert torch.equal(begun.classify.weight, network.classify.weight)


def test_the_last_layer_may_begin_fresh(exported):
    network, path = exported
    config = config_for()
    config.pretrain.keep_head = False
    begun = build_network(config)
    taken = begin_with(begun, path, config)
    assert taken.fresh == ["classify.bias", "classify.weight"]
    assert not torch.equal(begun.classify.weight, network.classify.weight)


@pytest.mark.parametrize(
    ("key", "value", "names"),
    [("input_size", 32, "network.input_size"), ("mean", 0.4, "network.mean"), ("colour", "bgr", "network.colour")],
)
def test_another_input_is_refused_by_name(exported, key, value, names):
    config = config_for()
    setattr(config.network, key, value)
    with pytest.raises(ConfigError, match=names):
        begin_with(build_network(config), exported[1], config)


def test_a_file_that_is_no_model_is_one_line(tmp_path):
    path = tmp_path / "no.onnx"
    path.write_bytes(b"\x00no model")
    config = config_for()
    with pytest.raises(AffectcamError) as caught:
        begin_with(build_network(config), path, config)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_weights_and_a_pre_training_exclude_each_other(tmp_path):
    path = tmp_path / "both.toml"
    path.write_text('[pretrain]\nweights = "compact"\nroot = "condensed/lfw"\n')
    with pytest.raises(ConfigError, match=r"pretrain\.weights"):
        load_config(path)
