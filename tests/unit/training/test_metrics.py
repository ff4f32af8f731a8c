"""The figures, on cases that can be counted by hand."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("torch", reason="training needs its extra")

from training.intervals import (
    MISSED,
    accuracy_of,
    intervals_of,
    mean_recall_of,
    recalls_of,
    resampled,
    resampled_mean,
    span,
)
from training.metrics import in_report_orientation, measure
from training.temperature import fit_temperature, without_temperature
from training.valence_arousal import agreement_of


def sure(classes, confidence=1.0):
    scores = np.full((len(classes), 8), (1 - confidence) / 7, np.float32)
    scores[np.arange(len(classes)), classes] = confidence
    return scores


def softmax(logits):
    chances = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (chances / chances.sum(axis=1, keepdims=True)).astype(np.float32)


def test_figures_of_a_small_case():
    true = np.array([0, 0, 0, 0, 1, 1, 2, 2])
    read = [0, 0, 0, 1, 1, 1, 0, 2]
    figures = measure(sure(read), true)
    assert figures.count == 8
    assert figures.accuracy == pytest.approx(6 / 8)
    assert figures.mean_recall == pytest.approx((3 / 4 + 1 + 1 / 2) / 3)  # only classes that occur
    assert figures.recall == pytest.approx({"neutral": 3 / 4, "happiness": 1.0, "sadness": 1 / 2})
    assert figures.precision == pytest.approx({"neutral": 3 / 4, "happiness": 2 / 3, "sadness": 1.0})
    assert figures.macro_f1 == pytest.approx((3 / 4 + 4 / 5 + 2 / 3) / 3)
    assert figures.confusion[0][:3] == [3, 1, 0]
    assert figures.confusion[2][:3] == [1, 0, 1]


def test_the_report_drew_what_is_read_against_what_is_true():
    figures = measure(sure([0, 0, 0, 1, 1, 1, 0, 2]), np.array([0, 0, 0, 0, 1, 1, 2, 2]))
    assert figures.confusion[0][1] == 1  # true neutral, read as happiness
    assert in_report_orientation(figures.confusion)[1][0] == 1
    assert in_report_orientation(figures.confusion)[0][:3] == [3, 0, 1]


def test_calibration_error_is_the_gap_between_confidence_and_accuracy():
    true = np.zeros(100, int)
    read = [0] * 60 + [1] * 40
    assert measure(sure(read, 0.9), true).calibration_error == pytest.approx(0.3, abs=1e-5)
    assert measure(sure(read, 0.6), true).calibration_error == pytest.approx(0.0, abs=1e-5)


def test_calibration_error_weighs_its_bins_by_their_pictures():
    # 30 of 90 pictures with 0.95 are right 27 times: 0.05 off; 60 with 0.55 are right 45 times: 0.20 off.
    scores = np.concatenate([sure([0] * 27 + [1] * 3, 0.95), sure([0] * 45 + [1] * 15, 0.55)])
    figures = measure(scores, np.zeros(90, int))
    assert figures.calibration_error == pytest.approx((30 * 0.05 + 60 * 0.20) / 90, abs=1e-5)


def test_log_loss_is_the_mean_of_minus_log_and_never_infinite():
    true = np.array([0, 1])
    scores = np.array([[0.5, 0.5, 0, 0, 0, 0, 0, 0], [0.75, 0.25, 0, 0, 0, 0, 0, 0]], np.float32)
    assert measure(scores, true).log_loss == pytest.approx((math.log(2) + math.log(4)) / 2)
    assert 80 < measure(sure([1]), np.array([0])).log_loss < 90  # the least float32


def test_the_fitted_temperature_undoes_overconfidence():
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (4000, 8)).astype(np.float32)
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = np.array([rng.choice(8, p=row / row.sum()) for row in chances], np.uint8)
    assert fit_temperature(logits, labels) == pytest.approx(1.0, abs=0.06)
    assert fit_temperature(logits * 2.5, labels) == pytest.approx(2.5, abs=0.15)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000), st.floats(0.3, 3.0))
def test_the_temperature_can_be_taken_out_of_scores(seed, temperature):
    logits = np.random.default_rng(seed).normal(0, 3, (20, 8))
    undone = without_temperature(softmax(logits / temperature), temperature)
    assert np.allclose(undone, softmax(logits), atol=1e-5)


def test_a_score_that_was_rounded_to_nothing_stays_a_probability():
    undone = without_temperature(sure([3, 0]), 0.5)
    assert np.isfinite(undone).all()
    assert undone.argmax(axis=1).tolist() == [3, 0]


def test_agreement_of_a_known_pair():
    # Means 0.25 and 0.0, both variances 0.05 with n = 4 and n - 1 below: covariance as the variance, shift 0.25.
    true = np.array([-0.3, -0.1, 0.1, 0.3])
    both = np.stack([true + 0.25, true], axis=1)
    found = agreement_of(both, np.stack([true, true], axis=1))
    variance = true.var(ddof=1)
    assert found["valence"].rmse == pytest.approx(0.25)
    assert found["valence"].ccc == pytest.approx(2 * variance / (2 * variance + 0.25**2))
    assert found["valence"].same_sign == pytest.approx(3 / 4)  # -0.3 becomes -0.05, -0.1 becomes 0.15
    assert found["arousal"].ccc == pytest.approx(1.0)
    assert found["arousal"].same_sign == 1.0


def test_agreement_leaves_out_what_has_no_value():
    true = np.array([[0.5, np.nan], [-0.5, np.nan], [np.nan, 0.1], [0.0, np.nan]])
    found = agreement_of(np.zeros((4, 2)), true)
    assert set(found) == {"valence"}
    assert found["valence"].count == 3
    assert found["valence"].rmse == pytest.approx(math.sqrt(0.5 / 3))
    assert found["valence"].ccc == 0.0  # a constant agrees with nothing
    assert agreement_of(np.zeros((2, 2)), np.full((2, 2), np.nan)) == {}


def test_interval_of_an_accuracy_is_the_binomial_one():
    labels = np.zeros(400, int)
    predicted = np.array([0] * 320 + [1] * 80)
    low, high = intervals_of(labels, predicted).accuracy
    spread = 1.96 * math.sqrt(0.8 * 0.2 / 400)
    assert low == pytest.approx(0.8 - spread, abs=0.004)
    assert high == pytest.approx(0.8 + spread, abs=0.004)
    assert intervals_of(labels, predicted) == intervals_of(labels, predicted)  # seeded


def test_pictures_of_one_person_count_as_one():
    # Twenty persons with twenty pictures each, all of a person right or all wrong: twenty facts, not four hundred.
    persons = [f"p{place // 20}" for place in range(400)]
    labels = np.zeros(400, int)
    predicted = np.array([int(place // 20 >= 16) for place in range(400)])
    by_picture, by_person = intervals_of(labels, predicted), intervals_of(labels, predicted, persons)
    assert (by_picture.unit, by_person.unit) == ("picture", "person")
    assert by_person.accuracy[1] - by_person.accuracy[0] > 3 * (by_picture.accuracy[1] - by_picture.accuracy[0])
    assert intervals_of(labels, predicted, [""] * 400).unit == "picture"


def test_a_rare_class_does_not_lift_the_interval_of_mean_recall():
    labels = np.array([0] * 500 + [1])  # the one is never read, and not drawn in a third of the resamples
    low, high = intervals_of(labels, np.zeros(501, int)).mean_recall
    assert (low, high) == (0.5, 0.5)


def test_a_miss_is_wrong():
    table = np.zeros((8, 9))
    table[0, 0], table[0, MISSED], table[1, 1] = 3, 1, 4
    assert float(accuracy_of(table)) == pytest.approx(7 / 8)
    assert recalls_of(table)[:2].tolist() == [3 / 4, 1.0]
    assert np.isnan(recalls_of(table)[2])
    assert float(mean_recall_of(table)) == pytest.approx(7 / 8)
    assert float(mean_recall_of(table, [0])) == pytest.approx(3 / 4)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 40), st.integers(0, 100), st.booleans())
def test_every_resample_has_whole_units(count, seed, by_person):
    rng = np.random.default_rng(seed)
    labels, predicted = rng.integers(8, size=count), rng.integers(9, size=count)
    persons = [f"p{place // 2}" for place in range(2 * count)] if by_person else None
    if by_person:  # two pictures each
        labels, predicted = labels.repeat(2), predicted.repeat(2)
    drawn = resampled(labels, predicted, persons)
    assert drawn.shape == (1000, 8, 9)
    assert (drawn.sum(axis=(1, 2)) == len(labels)).all()
    if by_person:
        assert (drawn % 2 == 0).all()
    low, high = span(resampled_mean(np.full(len(labels), 0.25), persons))
    assert (low, high) == pytest.approx((0.25, 0.25))


def test_intervals_of_four_thousand_pictures_take_no_time():
    rng = np.random.default_rng(0)
    labels, predicted = rng.integers(8, size=4000), rng.integers(8, size=4000)
    persons = [str(number) for number in rng.integers(3000, size=4000)]
    started = time.process_time()
    intervals_of(labels, predicted)
    intervals_of(labels, predicted, persons)
    assert time.process_time() - started < 0.5
