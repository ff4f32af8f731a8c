"""The Python interface: ``from app import analyse``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypedDict, Unpack

from .config import DetectChoice, FacesChoice, ReadingConfig
from .types import FrameResult


class ReadingOptions(TypedDict, total=False):
    """The fields of :class:`app.config.ReadingConfig` as keywords."""

    model: str
    backend: str
    faces: FacesChoice
    detect: DetectChoice
    small_faces: bool
    smoothing_s: float
    margin: float
    min_confidence: float
    threads: int


def analyse(source: str | Path, **options: Unpack[ReadingOptions]) -> Iterator[FrameResult]:
    """Read the faces in every frame of a video file, in order.

    Args:
        source: a path, or ``"demo"`` for the bundled clip.
        options: fields of :class:`app.config.ReadingConfig`, for example ``model="compact"``, ``faces="main"``.

    Yields:
        One :class:`app.types.FrameResult` per frame; a frame without a face has no readings.

    Raises:
        SourceError: the file cannot be read.
        ModelError: the model cannot be used.
    """
    from .capture.open import is_still, open_source
    from .pipeline.load import load_classifier
    from .pipeline.pipeline import Pipeline

    config = replace(ReadingConfig(), **options)
    classifier = load_classifier(config)
    opened = open_source(source)
    try:
        with Pipeline(classifier, config, still=is_still(opened)) as pipeline:
            yield from pipeline.results(opened)
    finally:
        opened.close()
