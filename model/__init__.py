"""What a model is and how it runs; imports neither ``app`` nor ``training``."""

from __future__ import annotations

from .card import ModelCard
from .classifier import Classifier
from .emotions import LABELS, Emotion
from .errors import AffectcamError

__all__ = ["LABELS", "AffectcamError", "Classifier", "Emotion", "ModelCard"]
