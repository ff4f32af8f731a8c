"""What the user may choose about the reading of faces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from model.paths import DEFAULT_MODEL

FacesChoice = Literal["all", "main"]
DetectChoice = Literal["follow", "every"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingConfig:
    """How faces are read; the same for live and files."""

    model: str = DEFAULT_MODEL  # installed name or path of an .onnx file
    backend: str = "auto"  # auto: the quickest here; or one of model.classifier.BACKENDS
    faces: FacesChoice = "all"  # "main": only the largest and most central one
    detect: DetectChoice = "follow"  # "every": detect in every frame instead of following faces in between
    small_faces: bool = False  # look for faces of less than a twentieth of the width as well, part by part
    smoothing_s: float = 0.35  # time constant of the smoothing; 0 shows each frame's own scores
    margin: float = 0.10  # how much another label must lead before the label changes (0 to 1)
    min_confidence: float = 0.0  # below this smoothed score a label is not shown; tables keep it all the same
    threads: int = 0  # of the classifier on the CPU; 0: one, or with "auto" all cores for a large network
