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


def labels_of(smoother, scores, *, fps=30):
    return [smoother.update(1, i / fps, each, NOTHING).emotion for i, each in enumerate(scores)]


def test_evidence_is_the_same_at_any_frame_rate():
    weak = sure(Emotion.ANGER, 0.4)
    waits = []
    for fps in (15, 30, 60, 120):
        labels = labels_of(Smoother(), [sure(Emotion.NEUTRAL, 0.4)] * fps + [weak] * (5 * fps), fps=fps)
        waits.append(labels.index(Emotion.ANGER) / fps - 1)
    assert max(waits) - min(waits) < 0.08


def test_a_clear_change_shows_sooner_than_a_doubtful_one():
    waits = [
        labels_of(Smoother(), [sure(Emotion.NEUTRAL)] * 30 + [sure(Emotion.ANGER, confidence)] * 150).index(
            Emotion.ANGER
        )
        for confidence in (0.95, 0.6, 0.3)
    ]
    assert waits == sorted(waits)
    assert waits[0] < waits[-1]
    assert waits[0] - 30 <= 0.25 * 30


@pytest.mark.parametrize("before_s", [1, 10, 100])
def test_a_long_calm_is_not_saved_up_against_a_change(before_s):
    labels = labels_of(Smoother(), [sure(Emotion.NEUTRAL, 0.99)] * (30 * before_s) + [sure(Emotion.FEAR, 0.7)] * 30)
    assert labels.index(Emotion.FEAR) / 30 - before_s <= 0.5


def test_a_lead_within_the_margin_never_changes_the_label():
    close = np.float32([0.31, 0.29, *[0.4 / 6] * 6])
    other = np.float32([0.30, 0.33, *[0.37 / 6] * 6])  # a difference of 0.05 between the two
    assert set(labels_of(Smoother(margin=0.10), [close] * 30 + [other] * 600)) == {Emotion.NEUTRAL}
    assert labels_of(Smoother(margin=0.02), [close] * 30 + [other] * 600)[-1] is Emotion.HAPPINESS


@pytest.mark.parametrize("fps", [5, 10, 15, 30])
def test_no_single_frame_changes_the_label_however_sure_it_is(fps):
    emotions = [sure(Emotion.NEUTRAL)] * (2 * fps) + [sure(Emotion.SURPRISE, 0.9999)] + [sure(Emotion.NEUTRAL)] * fps
    assert set(labels_of(Smoother(), emotions, fps=fps)) == {Emotion.NEUTRAL}


def test_a_blink_does_nothing():
    frames = [sure(Emotion.NEUTRAL)] * 60
    for start in (10, 30, 45):
        frames[start : start + 4] = [sure(Emotion.SADNESS)] * 4  # 0.13 s
    assert set(labels_of(Smoother(), frames)) == {Emotion.NEUTRAL}


def test_with_a_new_label_the_scores_are_already_its_own():
    shown = play(Smoother(), [Emotion.NEUTRAL] * 90 + [Emotion.ANGER] * 30)
    first = next(each for each in shown if each.emotion is Emotion.ANGER)
    assert first.scores[Emotion.ANGER] > 0.85


@given(st.lists(st.tuples(st.sampled_from(Emotion), st.floats(0.2, 1.0)), min_size=2, max_size=60), st.floats(0.05, 1))
def test_a_label_is_never_one_that_no_frame_spoke_for(frames, constant):
    labels = labels_of(Smoother(time_constant_s=constant), [sure(*each) for each in frames])
    spoken = {emotion for emotion, _ in frames}
    assert set(labels) <= spoken


def test_a_certain_zero_does_not_break_the_mean():
    certain = np.zeros(8, np.float32)
    certain[Emotion.FEAR] = 1
    smoother = Smoother()
    smoother.update(1, 0.0, sure(Emotion.NEUTRAL), NOTHING)
    shown = smoother.update(1, 0.03, certain, NOTHING)
    assert np.isfinite(shown.scores).all()
    assert shown.scores.sum() == pytest.approx(1, abs=1e-5)


def test_what_is_seen_stays_when_the_constants_change():
    smoother = Smoother(time_constant_s=1.0)
    play(smoother, [Emotion.NEUTRAL] * 60)
    smoother.change(time_constant_s=3.0, margin=0.1, min_confidence=0.0)
    assert smoother.update(1, 2.0, sure(Emotion.FEAR), NOTHING).scores[Emotion.NEUTRAL] > 0.8


def confidence_of(values, least):
    smoother = Smoother(time_constant_s=0, margin=0, min_confidence=least)
    return [smoother.update(1, i / 30, sure(Emotion.ANGER, each), NOTHING).sure for i, each in enumerate(values)]


def test_a_reading_is_sure_from_the_confidence_asked_for_and_does_not_flicker_about_it():
    assert confidence_of([0.49, 0.51, 0.49, 0.46, 0.44, 0.46, 0.49, 0.51], 0.5) == [
        False, True, True, True, False, False, False, True,
    ]  # fmt: skip


def test_without_a_least_confidence_every_reading_is_sure():
    assert confidence_of([0.2, 0.9, 0.15], 0.0) == [True, True, True]


def test_a_new_label_must_reach_the_confidence_itself():
    smoother = Smoother(time_constant_s=0, margin=0, min_confidence=0.5)
    assert smoother.update(1, 0.0, sure(Emotion.ANGER, 0.9), NOTHING).sure
    assert not smoother.update(1, 0.1, sure(Emotion.FEAR, 0.47), NOTHING).sure
