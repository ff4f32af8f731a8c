"""What the user may choose about the reading of faces."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral, Real
from typing import Literal, get_args

from model.errors import ConfigError
from model.paths import DEFAULT_MODEL

FacesChoice = Literal["all", "main"]
DetectChoice = Literal["follow", "every"]

MOST_SMOOTHING_S = 3.0
_BOUNDS = {"smoothing_s": MOST_SMOOTHING_S, "margin": 1.0, "min_confidence": 1.0, "threads": 1024}
_WORDS = {"faces": get_args(FacesChoice), "detect": get_args(DetectChoice)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingConfig:
    """How faces are read; the same for live and files.

    Raises:
        ConfigError: a value is none that could be meant.
    """

    model: str = DEFAULT_MODEL  # installed name or path of an .onnx file
    backend: str = "auto"  # auto: the quickest here; or one of model.classifier.BACKENDS
    faces: FacesChoice = "all"  # "main": only the largest and most central one
    detect: DetectChoice = "follow"  # "every": detect in every frame instead of following faces in between
    small_faces: bool = False  # look for faces of less than a twentieth of the width as well, part by part
    smoothing_s: float = 0.35  # time constant of the smoothing; 0 shows each frame's own scores
    margin: float = 0.10  # how much another label must lead before the label changes (0 to 1)
    min_confidence: float = 0.0  # below this smoothed score a label is not shown; tables keep it all the same
    threads: int = 0  # of the classifier on the CPU; 0: one, or with "auto" all cores for a large network

    def __post_init__(self) -> None:
        """Refuse what would hang, or be taken silently for something else."""
        for name, words in _WORDS.items():
            if getattr(self, name) not in words:
                raise ConfigError(f"{name} is {getattr(self, name)!r}, expected {' or '.join(words)}")
        for name, most in _BOUNDS.items():
            value = getattr(self, name)
            kind, number = (Integral, "a whole number from 0") if name == "threads" else (Real, "0")
            if isinstance(value, bool) or not isinstance(value, kind) or not 0 <= float(value) <= most:  # NaN as well
                raise ConfigError(f"{name} is {value!r}, expected {number} to {most:g}")
