"""The eight emotions: order, names, derived valence and arousal."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from model.emotions import LABELS, Emotion, derive_valence_arousal


def test_order_is_that_of_affectnet():
    assert LABELS == ("neutral", "happiness", "sadness", "surprise", "fear", "disgust", "anger", "contempt")


@pytest.mark.parametrize(
    ("name", "emotion"),
    [("Happy", Emotion.HAPPINESS), ("joy", Emotion.HAPPINESS), (" ANGRY ", Emotion.ANGER), ("sad", Emotion.SADNESS)],
)
def test_foreign_names_are_known(name, emotion):
    assert Emotion.from_name(name) is emotion


@given(st.sampled_from(Emotion), st.sampled_from([str.lower, str.upper, str.title]))
def test_every_label_maps_back_to_its_emotion(emotion, case):
    assert Emotion.from_name(case(emotion.label)) is emotion


def test_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match=r"unknown emotion 'boredom'.*contempt"):
        Emotion.from_name("boredom")


def test_colours_differ_for_every_emotion():
    assert len({emotion.colour for emotion in Emotion}) == len(Emotion)


@given(hnp.arrays(np.float32, (5, 8), elements=st.floats(0.0078125, 1, width=32)))
def test_derived_valence_and_arousal_stay_in_range(weights):
    scores = weights / weights.sum(axis=1, keepdims=True)
    both = derive_valence_arousal(scores)
    assert both.shape == (5, 2)
    assert np.abs(both).max() <= 1


def test_a_sure_happy_face_is_pleasant_and_a_neutral_one_is_nothing():
    sure = np.eye(8, dtype=np.float32)
    assert derive_valence_arousal(sure[Emotion.HAPPINESS])[0] > 0.5
    assert derive_valence_arousal(sure[Emotion.NEUTRAL]).tolist() == [0, 0]
    assert derive_valence_arousal(sure[Emotion.SADNESS])[1] < 0 < derive_valence_arousal(sure[Emotion.ANGER])[1]
