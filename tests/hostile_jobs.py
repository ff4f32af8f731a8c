"""What is done with a hostile file in a process of its own; see tests/hostile.py."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from mutants import model_mutant

from model.classifier import Classifier
from model.errors import ModelError
from model.paths import models_folder

_CROPS = list(np.random.default_rng(0).integers(0, 255, (2, 60, 60, 3), dtype=np.uint8))


def load_mutant(task: tuple[str, int]) -> tuple[str, str]:
    """Load a mutant of a shipped model, ``(name, seed)``, and read two faces with it."""
    name, seed = task
    return load_bytes(model_mutant((models_folder() / f"{name}.onnx").read_bytes(), seed))


def load_bytes(content: bytes) -> tuple[str, str]:
    """Load a model file of this content and read two faces with it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mutant.onnx"
        path.write_bytes(content)
        try:
            classifier = Classifier.load(path, backend="onnx", threads=1)
            read = classifier.read(_CROPS, attention=classifier.gives_attention)
        except ModelError as error:
            text = str(error)
            whole = "\n" not in text and ("mutant.onnx" in text or text.startswith("model "))
            return ("refused" if whole else "broken", text)
    fine = read.scores.shape == (2, 8) and np.allclose(read.scores.sum(axis=1), 1, atol=0.011)
    fine = fine and np.isfinite(read.valence_arousal).all() and (np.abs(read.valence_arousal) <= 1).all()
    return ("accepted" if fine else "broken", f"scores {read.scores}")
