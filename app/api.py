"""The Python interface: ``from app import analyse``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypedDict, Unpack

from .config import DetectChoice, FacesChoice, ReadingConfig
from .span import Span
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


def analyse(
    source: str | Path, *, every: int = 1, clip: str | None = None, **options: Unpack[ReadingOptions]
) -> Iterator[FrameResult]:
    """Read the faces in the frames of a video file, in order.

    Args:
        source: a path, or ``"demo"`` for the bundled clip.
        every: read only the frames whose number it divides.
        clip: read only this part, ``"START-END"`` in seconds or as ``MM:SS`` or ``HH:MM:SS.mmm`` from the beginning of
            the file; either may be left out. Frames keep the numbers and times that they have in the whole file.
        options: fields of :class:`app.config.ReadingConfig`, for example ``model="compact"``, ``faces="main"``.
            A model named so is run in int8 where only a processor can run it; by the path of its file, as it is.

    Yields:
        One :class:`app.types.FrameResult` per frame that is read; a frame without a face has no readings.

    Raises:
        ConfigError: ``every`` or ``clip`` is none.
        SourceError: the file cannot be read, or the part of it is empty.
        ModelError: the model cannot be used.
    """
    from .capture.open import is_still, open_part, open_source
    from .pipeline.load import load_classifier
    from .pipeline.pipeline import Pipeline

    span = None if clip is None else Span.parse(clip)
    config = replace(ReadingConfig(), **options)
    classifier = load_classifier(config)
    opened = open_source(source) if every == 1 and span is None else open_part(source, every=every, span=span)
    try:
        with Pipeline(classifier, config, still=is_still(opened)) as pipeline:
            yield from pipeline.results(opened)
    finally:
        opened.close()
