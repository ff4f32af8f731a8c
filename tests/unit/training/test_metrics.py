"""The figures, on cases that can be counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs its extra")

from training.metrics import measure


def sure(classes, confidence=1.0):
    scores = np.full((len(classes), 8), (1 - confidence) / 7, np.float32)
    scores[np.arange(len(classes)), classes] = confidence
    return scores


def test_figures_of_a_small_case():
    true = np.array([0, 0, 0, 0, 1, 1, 2, 2])
    read = [0, 0, 0, 1, 1, 1, 0, 2]
    figures = measure(sure(read), true)
    assert figures.count == 8
    assert figures.accuracy == pytest.approx(6 / 8)
    assert figures.mean_recall == pytest.approx((3 / 4 + 1 + 1 / 2) / 3)  # only classes that occur
    assert figures.recall == pytest.approx({"neutral": 3 / 4, "happiness": 1.0, "sadness": 1 / 2})
    assert figures.precision == pytest.approx({"neutral": 3 / 4, "happiness": 2 / 3, "sadness": 1.0})
    assert figures.confusion[0][:3] == [3, 1, 0]
    assert figures.confusion[2][:3] == [1, 0, 1]


def test_calibration_error_is_the_gap_between_confidence_and_accuracy():
    true = np.zeros(100, int)
    read = [0] * 60 + [1] * 40
    assert measure(sure(read, 0.9), true).calibration_error == pytest.approx(0.3, abs=1e-5)
    assert measure(sure(read, 0.6), true).calibration_error == pytest.approx(0.0, abs=1e-5)


def test_the_fitted_temperature_undoes_overconfidence():
    from training.temperature import fit_temperature

    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (4000, 8)).astype(np.float32)
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = np.array([rng.choice(8, p=row / row.sum()) for row in chances], np.uint8)
    assert fit_temperature(logits, labels) == pytest.approx(1.0, abs=0.06)
    assert fit_temperature(logits * 2.5, labels) == pytest.approx(2.5, abs=0.15)
