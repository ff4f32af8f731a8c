"""Smoothing: in seconds, the same at any frame rate, with labels that do not flicker."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.pipeline.smooth import Smoother
from model.emotions import Emotion

NOTHING = np.zeros(2, np.float32)


def sure(emotion, confidence=0.9):
    scores = np.full(8, (1 - confidence) / 7, np.float32)
    scores[emotion] = confidence
    return scores


def play(smoother, emotions, *, fps=30, track=1, start_s=0.0):
    return [smoother.update(track, start_s + i / fps, sure(each), NOTHING) for i, each in enumerate(emotions)]


@given(st.lists(st.sampled_from(Emotion), min_size=1, max_size=40), st.floats(0, 2))
def test_scores_stay_a_distribution(emotions, constant):
    for shown in play(Smoother(time_constant_s=constant), emotions):
        assert shown.scores.dtype == np.float32
        assert shown.scores.sum() == pytest.approx(1, abs=1e-5)
        assert shown.scores.min() >= 0


def test_the_first_reading_is_shown_as_it_is():
    first = play(Smoother(), [Emotion.FEAR])[0]
    assert first.emotion is Emotion.FEAR
    assert first.scores == pytest.approx(sure(Emotion.FEAR), abs=1e-6)


def test_a_single_odd_frame_does_not_change_the_label():
    emotions = [Emotion.NEUTRAL] * 30 + [Emotion.SURPRISE] + [Emotion.NEUTRAL] * 30
    assert {shown.emotion for shown in play(Smoother(), emotions)} == {Emotion.NEUTRAL}


def test_two_labels_taking_turns_do_not_flicker():
    emotions = [Emotion.NEUTRAL, Emotion.SADNESS] * 100
    labels = [shown.emotion for shown in play(Smoother(), emotions)]
    assert sum(a is not b for a, b in itertools.pairwise(labels)) <= 1


@pytest.mark.parametrize("fps", [5, 10, 30, 60, 120])
def test_a_change_of_expression_shows_within_half_a_second_at_any_rate(fps):
    shown = play(Smoother(), [Emotion.NEUTRAL] * (3 * fps) + [Emotion.HAPPINESS] * (2 * fps), fps=fps)
    changed = next(i for i, each in enumerate(shown) if each.emotion is Emotion.HAPPINESS)
    assert 0 < (changed - 3 * fps) / fps <= 0.5


def test_no_smoothing_shows_each_frame():
    shown = play(Smoother(time_constant_s=0, margin=0), [Emotion.NEUTRAL, Emotion.ANGER, Emotion.FEAR])
    assert [each.emotion for each in shown] == [Emotion.NEUTRAL, Emotion.ANGER, Emotion.FEAR]


def test_tracks_do_not_mix():
    smoother = Smoother()
    play(smoother, [Emotion.NEUTRAL] * 30, track=1)
    assert play(smoother, [Emotion.DISGUST], track=2, start_s=1.0)[0].emotion is Emotion.DISGUST


def test_a_clock_that_goes_back_is_the_same_moment():
    smoother = Smoother()
    play(smoother, [Emotion.NEUTRAL] * 10, start_s=100.0)
    shown = smoother.update(1, 3.0, sure(Emotion.NEUTRAL), NOTHING)
    assert np.isfinite(shown.scores).all()


def test_tracks_that_are_gone_are_forgotten():
    smoother = Smoother()
    for track in range(200):
        smoother.update(track, track * 1.0, sure(Emotion.NEUTRAL), NOTHING)
    assert len(smoother._tracks) < 20


def test_valence_and_arousal_are_smoothed_alike():
    smoother = Smoother()
    for i in range(30):
        smoother.update(1, i / 30, sure(0), np.array([0.5, -0.5], np.float32))
    shown = smoother.update(1, 1.0, sure(0), np.array([-0.5, 0.5], np.float32))
    assert 0.3 < shown.valence < 0.5
    assert -0.5 < shown.arousal < -0.3
