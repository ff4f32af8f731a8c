"""What a model is and how it runs; imports neither ``app`` nor ``training``."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .card import ModelCard
    from .classifier import Classifier
    from .emotions import LABELS, Emotion
    from .errors import AffectcamError

__all__ = ["LABELS", "AffectcamError", "Classifier", "Emotion", "ModelCard"]

_HOMES = {
    "AffectcamError": "errors",
    "Classifier": "classifier",
    "Emotion": "emotions",
    "LABELS": "emotions",
    "ModelCard": "card",
}


def __getattr__(name: str) -> object:
    """The public names, imported when first asked for: OpenCV and ONNX Runtime are slow to load."""
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
