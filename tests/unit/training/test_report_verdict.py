"""The verdict in words, by the figures alone."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs its extra")
pytest.importorskip("jinja2", reason="training needs its extra")

from training.config import Config
from training.report.second_check import SecondCheck
from training.report.verdict import verdict


def check(**changed):
    values = {"bins": [], "count": 1000, "accuracy": 0.8, "confidence": 0.8, "train_count": 500, "train_accuracy": 0.81}
    return SecondCheck(**{**values, **changed})


def evaluation(**changed):
    confusion = np.zeros((8, 8), int)
    confusion[0, 0], confusion[1, 1], confusion[5, 5], confusion[5, 6] = 60, 25, 3, 12
    recall = {"neutral": 1.0, "happiness": 1.0, "disgust": 0.2}
    return {
        "count": 100, "accuracy": 0.88, "mean_recall": 0.7333, "calibration_error": 0.02, "recall": recall,
        "precision": recall, "confusion": confusion.tolist(), "split": "test", **changed,
    }  # fmt: skip


def said(*arguments):
    return " ".join(verdict(*arguments)).replace("\N{NARROW NO-BREAK SPACE}", " ")


def test_the_verdict_names_the_weak_classes_and_the_baseline():
    text = said(evaluation(), None, Config())
    assert text.startswith(
        "88.0 % of 100 pictures are read right, where always answering neutral would give 60.0 %. "
        "Counting every class alike it is 73.3 %."
    )
    assert "Weakest: disgust (20 % of 15); there are so few pictures of disgust that this is rough." in text
    assert "The most frequent mistake: 80 % of disgust is taken for anger." in text
    assert "slightly kind" not in text


def test_the_verdict_is_hard_on_what_learned_nothing_and_on_the_split_that_chose_it():
    text = said(evaluation(accuracy=0.55, split="valid"), None, Config())
    assert "would give 60.0 %: it has learned nothing of use" in text
    assert text.endswith("these figures are slightly kind.")
    assert "which may be chance" in said(evaluation(interval={"accuracy": [0.59, 0.95]}), None, Config())
    assert "which may be chance" not in said(evaluation(interval={"accuracy": [0.61, 0.95]}), None, Config())


@pytest.mark.parametrize(
    ("error", "confidence", "expected"),
    [
        (0.02, 0.8, "can be taken at its word: it is off by 2.0 points on average."),
        (0.05, 0.86, "Its confidence is off by 5.0 points on average, it is too sure of itself."),
        (
            0.09,
            0.7,
            "cannot be taken at its word: it is off by 9.0 points on average, it is right more often than it says.",
        ),
    ],
)
def test_the_verdict_on_confidence(error, confidence, expected):
    assert expected in said(evaluation(calibration_error=error), check(confidence=confidence), Config())


@pytest.mark.parametrize(
    ("learned", "expected"),
    [
        (0.65, "has not learned these either"),
        (0.81, "carries over"),
        (0.86, "6.0 points more than of new ones: some over-fitting"),
        (0.95, "heavy over-fit"),
    ],
)
def test_the_verdict_on_over_fitting(learned, expected):
    assert expected in said(evaluation(), check(train_accuracy=learned), Config())


def test_there_is_no_verdict_without_figures():
    assert verdict({}, check(), Config()) == []
