"""What a frame is read by: one value, exchanged whole, so that no frame sees half a change."""

from __future__ import annotations

from dataclasses import dataclass

from app.config import ReadingConfig
from model.classifier import Classifier

from .calibrate import Calibration


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan:
    """Everything about the reading that may change while it runs."""

    config: ReadingConfig
    classifier: Classifier
    calibration: Calibration | None = None  # of the main face; of no effect on another model than its own
    ask_attention: bool = False

    @property
    def applied(self) -> Calibration | None:
        """The calibration, if it is this model's."""
        fits = self.calibration is not None and self.calibration.fits(self.classifier.card.name)
        return self.calibration if fits else None

    @property
    def attention(self) -> bool:
        """Whether readings carry attention: it is asked for, and this model gives it."""
        return self.ask_attention and self.classifier.gives_attention
