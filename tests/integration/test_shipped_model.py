"""The weights that ship, on FER+'s validation split by the headline rule, one pass: the bars, and the card's truth."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="scoring needs the extra train")

from model.classifier import Classifier
from model.paths import models_folder
from training.data.condense import condense
from training.data.ferplus import read_splits
from training.evaluate import score
from training.prepare import open_root


@pytest.fixture(scope="module")
def scored(shared_folder, tmp_path_factory):
    """``compact`` on the validation split."""
    pack = shared_folder / "data" / "ferplus-train-valid.zip"
    if not pack.is_file():
        pytest.skip("../shared/data/ferplus-train-valid.zip is not there")
    valid = read_splits(open_root(pack))["valid"]
    data = condense(valid, tmp_path_factory.mktemp("ferplus") / "valid", size=48, channels=1, source="ferplus")
    return score(Classifier.load("compact", backend="onnx", threads=1), data, 64)


def test_accuracy_and_mean_recall_reach_the_bars(scored):
    assert scored.figures.count == 3555  # 3,579 less those whose winner is unknown or no face
    assert scored.figures.accuracy >= 0.84
    assert scored.figures.mean_recall >= 0.60


def test_no_emotion_is_never_read(scored):
    assert set(np.unique(scored.scores.argmax(axis=1))) == set(range(8))


def test_the_card_says_what_is_measured(scored):
    figures = Classifier.load("compact").card.figures
    assert figures["valid accuracy"] == pytest.approx(scored.figures.accuracy, abs=0.001)
    assert figures["valid mean_recall"] == pytest.approx(scored.figures.mean_recall, abs=0.005)
    assert figures["valid calibration_error"] == pytest.approx(scored.figures.calibration_error, abs=0.005)


def test_every_shipped_model_has_its_figures_and_their_command():
    for path in models_folder().glob("*.onnx"):
        card = Classifier.load(path).card
        assert path.stat().st_size <= 6_000_000
        assert card.figures
        assert all("training.run evaluate" in card.commands[name] for name in card.figures)
        assert card.data
        assert card.licence
