"""What an evaluation found, as values and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .end_to_end import EndToEnd
from .group_misses import Reach
from .groups import GroupFigures
from .intervals import Intervals
from .metrics import Figures
from .robustness import Spoilt
from .robustness import to_dict as robustness_rows
from .valence_arousal import Agreement


@dataclass(frozen=True, slots=True, kw_only=True)
class Smaller:
    """The int8 file beside the model, on the same pictures."""

    model: str
    sha256: str
    figures: Figures
    same_answers: float  # share of pictures on which both say the same

    def to_dict(self, figures: Figures) -> dict[str, Any]:
        """Plain values; ``figures`` are the model's, to be compared with."""
        keys = ("accuracy", "mean_recall", "calibration_error", "log_loss")
        own = {key: getattr(self.figures, key) for key in keys}
        difference = {key: own[key] - getattr(figures, key) for key in keys}
        return {
            "model": self.model,
            "sha256": self.sha256,
            **own,
            "difference": difference,
            "same_answers": self.same_answers,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """A model file's figures on a split, and what was asked for beside them."""

    model: str  # as it was named
    sha256: str  # of the model file
    split: str
    data_fingerprint: str  # of the condensed split
    provider: str  # what the model really ran on
    seconds: float  # all of the evaluation
    figures: Figures
    intervals: Intervals
    temperature: float  # the card's
    calibration_error_before_temperature: float
    valence_arousal: dict[str, Agreement]  # empty where the data have no values
    learned_valence_arousal: bool  # by a head of the network; else derived from the scores
    groups: GroupFigures | None = None
    photographs: dict[str, Any] | None = None  # which they are
    end_to_end: EndToEnd | None = None
    end_to_end_groups: dict[str, dict[str, Reach]] | None = None  # by column, by group
    int8: Smaller | None = None
    robustness: list[Spoilt] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values; the figures of the split are the top-level keys."""
        both = {name: agreement.to_dict() for name, agreement in self.valence_arousal.items()}
        return {
            **self.figures.to_dict(),
            "confusion_axes": ["true", "predicted"],
            "calibration_error_before_temperature": self.calibration_error_before_temperature,
            "temperature": self.temperature,
            "interval": self.intervals.to_dict(),
            "valence_arousal": {**both, "learned": self.learned_valence_arousal} if both else None,
            "groups": self.groups.to_dict() if self.groups else None,
            "end_to_end": self._whole_pictures(),
            "int8": self.int8.to_dict(self.figures) if self.int8 else None,
            "robustness": robustness_rows(self.robustness, self.figures) if self.robustness else None,
            "model": self.model,
            "sha256": self.sha256,
            "data_fingerprint": self.data_fingerprint,
            "split": self.split,
            "provider": self.provider,
            "seconds": self.seconds,
        }

    def _whole_pictures(self) -> dict[str, Any] | None:
        if self.end_to_end is None:
            return None
        by_group = {
            column: {name: reach.to_dict() for name, reach in groups.items()}
            for column, groups in (self.end_to_end_groups or {}).items()
        }
        return {**(self.photographs or {}), **self.end_to_end.to_dict(), "groups": by_group or None}
