"""Attention added to a file by hand is what an export gives, and nothing else in the file changes."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import onnx
import pytest

pytest.importorskip("torch", reason="making a model needs PyTorch (extra train)")

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

import torch

from model.architectures import build
from model.card import ModelCard
from model.classifier import Classifier
from model.errors import ModelError
from model.export import export
from scripts import add_attention

OPTIONS = {"stem": 4, "widths": [8, 8], "depths": [1, 1]}
CROPS = np.random.default_rng(0).integers(0, 255, (6, 20, 20), dtype=np.uint8)
CARD = ModelCard(
    name="tiny",
    architecture="compact",
    architecture_options=OPTIONS,
    input_size=16,
    colour="gray",
    mean=(0.5,),
    std=(0.25,),
    temperature=0.7,
)


@pytest.fixture
def network():
    torch.manual_seed(1)
    made = build("compact", channels=1, input_size=16, valence_arousal=False, **OPTIONS)
    for layer in made.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(layer.weight, 0.5, 1.5)
    return made.eval()


def test_it_is_what_an_export_gives(network, tmp_path, monkeypatch, capsys):
    plain, exported = tmp_path / "plain.onnx", tmp_path / "exported.onnx"
    export(network, CARD, plain)
    export(network, CARD, exported, attention=True)
    before = Classifier.load(plain).predict(CROPS)
    monkeypatch.setattr(sys, "argv", ["add_attention.py", str(plain)])
    add_attention.main()
    assert "scores as they were" in capsys.readouterr().out
    changed = Classifier.load(plain)
    read = changed.read(CROPS, attention=True)
    assert np.array_equal(read.scores, before)
    assert np.array_equal(changed.predict(CROPS), before)
    assert read.attention == pytest.approx(Classifier.load(exported).read(CROPS, attention=True).attention, abs=1e-5)
    assert changed.card == CARD
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(".")] == []
    with pytest.raises(ModelError, match="gives attention already"):
        add_attention.main()


def test_a_network_that_ends_otherwise_is_refused_and_left_as_it_is(tmp_path, monkeypatch):
    card = ModelCard(name="x", architecture="new-base", input_size=50, colour="gray", mean=(0.5,), std=(0.25,))
    network = build("new-base", channels=1, input_size=50, valence_arousal=False)
    export(network.eval(), card, tmp_path / "x.onnx")
    before = (tmp_path / "x.onnx").read_bytes()
    monkeypatch.setattr(sys, "argv", ["add_attention.py", str(tmp_path / "x.onnx")])
    with pytest.raises(ModelError, match="does not end in a mean over places"):
        add_attention.main()
    assert (tmp_path / "x.onnx").read_bytes() == before


def test_scores_that_change_are_noticed(network, tmp_path):
    export(network, CARD, tmp_path / "a.onnx")
    with torch.no_grad():
        network.classify.bias += torch.arange(8) * 1e-3
    export(network, CARD, tmp_path / "b.onnx", attention=True)
    with pytest.raises(ModelError, match="its scores are not those of"):
        add_attention.check(tmp_path / "a.onnx", tmp_path / "b.onnx")


def test_parts_that_are_not_the_logits_are_noticed(network, tmp_path):
    export(network, CARD, tmp_path / "a.onnx")
    model = add_attention.add_attention(onnx.load(str(tmp_path / "a.onnx")), "a.onnx")
    places = next(item for item in model.graph.initializer if item.name == "attention_places")
    places.CopyFrom(onnx.numpy_helper.from_array(np.asarray(np.float32(3)), "attention_places"))
    onnx.save(model, str(tmp_path / "b.onnx"))
    with pytest.raises(ModelError, match="the parts of a logit differ"):
        add_attention.check(tmp_path / "a.onnx", tmp_path / "b.onnx")
