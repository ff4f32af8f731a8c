"""ModelCard: what is read back is what was written, and anything else is refused with what was expected."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from model.card import ModelCard
from model.errors import ModelError

CARD = ModelCard(
    name="tiny",
    architecture="compact",
    architecture_options={"stem": 4},
    input_size=48,
    colour="gray",
    mean=(0.5,),
    std=(0.25,),
    figures={"valid accuracy": 0.84},
    fingerprints={"valid": "0" * 64},
    made_with="python -m training.run --config tiny.toml",
)


def test_a_card_survives_its_json():
    assert ModelCard.from_json(CARD.to_json(), origin="x.onnx") == CARD


def test_a_key_of_a_later_version_is_ignored():
    raw = json.loads(CARD.to_json()) | {"invented_later": 1}
    assert ModelCard.from_json(json.dumps(raw), origin="x.onnx") == CARD


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"labels": ["anger", "contempt"]}, r"labels are \[anger, contempt\], expected \[neutral, happiness"),
        ({"labels": 3}, "labels are"),
        ({"input_size": 0}, "input_size is 0, expected 8 to 1024"),
        ({"input_size": 10**9}, "input_size"),
        ({"input_size": "48"}, "input_size is '48'"),
        ({"colour": "yuv"}, "colour is 'yuv', expected gray, bgr or rgb"),
        ({"mean": [0.5, 0.5, 0.5]}, "mean is .*expected 1 number"),
        ({"std": [0.0]}, "std is .*above 0"),
        ({"std": ["a"]}, "std is"),
        ({"name": 7}, "name in the model card is not a text"),
        ({"std": [float("nan")]}, "std is"),
        ({"mean": [float("inf")]}, "mean is"),
        ({"mean": [10**400]}, "mean is"),
        ({"temperature": 0}, "temperature is 0, expected a number above 0"),
        ({"temperature": float("nan")}, "temperature is nan"),
        ({"temperature": "1"}, "temperature is '1'"),
        ({"temperature": 1e-30}, "temperature is 1e-30"),
        ({"std": [1e-30]}, "std is"),
        ({"name": "compact\x1b]0;taken over\x07"}, "name in the model card is not a text"),
        ({"commands": {"a\x1b[2J": "b"}}, "commands in the model card"),
        ({"architecture_options": {"stem": 10**9}}, "architecture_options in the model card"),
        ({"architecture_options": {"depths": [1] * 1000}}, "architecture_options in the model card"),
        ({"architecture_options": {"widths": [[8]]}}, "architecture_options in the model card"),
        ({"architecture_options": {"dropout": {"p": 0.1}}}, "architecture_options in the model card"),
        ({"notes": "a" * 2_000_000}, "the model card has 2000"),
        ({"valence_arousal": 1}, "valence_arousal is 1"),
        ({"precision": "int4"}, "precision 'int4'"),
        ({"version": 2}, "version 2; install a newer affectcam"),
        ({"figures": [0.84]}, r"figures in the model card is \[0.84\]"),
        ({"figures": {"accuracy": "0.84"}}, "figures in the model card"),
        ({"commands": {"accuracy": 3}}, "commands in the model card"),
        ({"architecture_options": "stem"}, "architecture_options in the model card"),
        ({"fingerprints": {"train": 1}}, "fingerprints in the model card"),
        ({"made_with": ["python"]}, "made_with in the model card is not a text"),
    ],
)
def test_a_wrong_value_is_refused_by_name(change, expected):
    raw = json.loads(CARD.to_json()) | change
    with pytest.raises(ModelError, match=r"x\.onnx: .*" + expected):
        ModelCard.from_json(json.dumps(raw), origin="x.onnx")


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "[" * 100_000, '{"name": "x"}'])
def test_what_is_no_card_is_refused(text):
    with pytest.raises(ModelError, match=r"x\.onnx: the model card"):
        ModelCard.from_json(text, origin="x.onnx")


def test_colour_says_the_number_of_channels():
    assert CARD.channels == 1
    assert replace(CARD, colour="rgb", mean=(0.5,) * 3, std=(0.5,) * 3).channels == 3


def test_it_says_in_words_where_valence_and_arousal_come_from():
    assert CARD.valence_arousal_origin == "derived from the scores"
    assert replace(CARD, valence_arousal="learned").valence_arousal_origin == "learned by the network"
