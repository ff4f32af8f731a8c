"""What int8 costs the shipped ``compact``: at most half a point of validation accuracy on FER+.

As a command it prints the figures: ``python tests/benchmarks/test_int8_accuracy.py``. It needs the condensed FER+:
``python -m training.prepare ferplus FERPlus.zip condensed/ferplus``.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="exporting needs PyTorch (extra train)")

from model.classifier import Classifier, find_model
from model.preprocess import prepare
from model.quantise import CALIBRATION_BATCH, quantise
from training.data.condense import CondensedSet, open_condensed

FERPLUS = Path(__file__).parents[2] / "condensed" / "ferplus"
BAR = 0.5  # points
CALIBRATION = 512  # pictures
SEEDS = (0, 1, 2)


def accuracy(classifier: Classifier, data: CondensedSet) -> float:
    """The share of pictures that are read as they are labelled."""
    parts = np.array_split(np.arange(len(data)), len(data) // 256)
    read = np.concatenate([classifier.predict(data.take(part)[..., 0]).argmax(axis=1) for part in parts])
    return float((read == data.labels).mean())


def losses(folder: Path) -> tuple[float, list[float]]:
    """Accuracy of fp32, and the points that int8 loses, calibrated on several draws of training pictures."""
    exact = Classifier.load("compact", backend="onnx")
    train, valid = (open_condensed(FERPLUS / split) for split in ("train", "valid"))
    before, lost = accuracy(exact, valid), []
    for seed in SEEDS:
        chosen = np.sort(np.random.default_rng(seed).choice(len(train), CALIBRATION, replace=False))
        pictures = prepare(train.take(chosen)[..., 0], exact.card)
        quantise(find_model("compact"), np.split(pictures, CALIBRATION // CALIBRATION_BATCH), folder / "int8.onnx")
        small = Classifier.load(folder / "int8.onnx", backend="onnx")
        lost.append(100 * (before - accuracy(small, valid)))
    return before, lost


@pytest.mark.slow
@pytest.mark.skipif(not FERPLUS.is_dir(), reason=f"no condensed FER+ in {FERPLUS}")
def test_int8_loses_at_most_half_a_point(tmp_path):
    _, lost = losses(tmp_path)
    assert max(lost) <= BAR


def main() -> None:
    """Print the accuracy and the losses."""
    with tempfile.TemporaryDirectory() as folder:
        before, lost = losses(Path(folder))
    shown = ", ".join(f"{points:.2f}" for points in lost)
    print(f"fp32 {100 * before:.2f} %; int8 loses {shown} points ({len(lost)} draws of {CALIBRATION} pictures)")  # noqa: T201


if __name__ == "__main__":
    main()
