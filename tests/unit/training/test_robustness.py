"""Spoilt faces: more of it is worse, each picture is spoilt alike each time, and the figures follow."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import skimage.data

pytest.importorskip("torch", reason="training needs its extra")

import cv2
from brightness_model import SIDE, write_brightness_model
from hypothesis import given
from hypothesis import strategies as st

from model.classifier import Classifier
from model.emotions import Emotion
from training.data.condense import condense
from training.data.sample import Sample, Split, one_hot
from training.degrade import DEGRADATIONS
from training.robustness import LEVELS, PASSES, robustness, to_dict


@cache
def photograph():
    return skimage.data.astronaut()[60:180, 165:285]


def face(side, channels):
    picture = cv2.resize(photograph(), (side, side), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(picture if channels == 3 else cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))


@pytest.mark.parametrize("degradation", DEGRADATIONS, ids=lambda each: each.name)
def test_more_of_it_leaves_less_of_the_face(degradation):
    clean = face(48, 1)
    left = []
    for amount in degradation.levels:
        kept = []
        for seed in range(20):
            spoilt = degradation.spoil(clean, amount, np.random.default_rng(seed))
            back = cv2.resize(spoilt, (48, 48)).astype(float)
            kept.append(np.corrcoef(back.ravel(), clean.ravel())[0, 1])
        left.append(np.mean(kept))
    assert 1 > left[0] > left[1] > left[2]


@pytest.mark.parametrize("degradation", DEGRADATIONS, ids=lambda each: each.name)
@given(side=st.integers(8, 96), channels=st.sampled_from((1, 3)), level=st.integers(0, 2), seed=st.integers(0, 2**32))
def test_any_crop_stays_a_crop_and_is_not_changed_in_place(degradation, side, channels, level, seed):
    clean = face(side, channels)
    before = clean.copy()
    spoilt = degradation.spoil(clean, degradation.levels[level], np.random.default_rng(seed))
    assert spoilt.dtype == np.uint8
    assert spoilt.ndim == clean.ndim
    assert spoilt.shape[0] == spoilt.shape[1] <= side
    assert np.array_equal(clean, before)


def test_less_light_costs_a_reader_of_brightness_what_it_must(tmp_path):
    """Bright is happy, dark is sad: at half the light or less all look sad; noise and tilt change nothing."""
    samples = [
        Sample(
            name=f"{number}.png",
            label=label,
            target=one_hot(label),
            read=lambda level=level: np.full((SIDE, SIDE), level, np.uint8),
        )
        for number, (level, label) in enumerate([(200, Emotion.HAPPINESS), (60, Emotion.SADNESS)] * 6)
    ]
    data = condense(Split("valid", samples), tmp_path / "valid", size=SIDE, channels=1, source="made")
    path = tmp_path / "brightness.onnx"
    write_brightness_model(path)
    classifier, told = Classifier.load(path, backend="onnx"), []

    found = robustness(classifier, data, batch_size=5, tick=told.append)
    again = robustness(classifier, data, batch_size=12)

    assert [each.figures for each in found] == [each.figures for each in again]
    assert told == sorted(told)
    assert told[-1] == PASSES * len(data)
    accuracy = {(each.name, each.level): each.figures.accuracy for each in found}
    assert {accuracy["low light", level] for level in LEVELS} == {0.5}
    assert accuracy["rotation", "strong"] == accuracy["blur", "strong"] == accuracy["noise", "mild"] == 1
    rows = to_dict(found, found[0].figures)
    assert rows[0] | {"difference": {"accuracy": 0.0, "mean_recall": 0.0}} == rows[0]
    assert {row["name"] for row in rows} == {each.name for each in DEGRADATIONS}
