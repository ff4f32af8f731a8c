"""One video file of ``affectcam classify``: what is asked of it, the run, and what it gave."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.capture.video_file import VideoFile
from app.config import ReadingConfig
from app.pipeline.draw import Drawer, DrawStyle
from app.pipeline.pipeline import Pipeline
from app.pipeline.runner import Summary, run_file
from app.pipeline.which_model import model_file
from app.sinks.atomic import all_or_none
from app.sinks.every_frame import EveryFrame
from app.sinks.files import open_file_sinks, output_path
from app.sinks.video_file import AnnotatedVideoSink
from app.span import Span
from app.stamp import Stamp
from app.stopping import told_to_stop
from app.types import Sink
from app.unexpected import unexpected
from model.classifier import Classifier
from model.errors import AffectcamError

#: Called with how many frames are done, and how many there are, if that is known.
Tick = Callable[[int, int | None], None]
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked of every file; it can be sent to another process."""

    out: Path
    formats: tuple[str, ...]
    config: ReadingConfig
    style: DrawStyle
    every: int = 1
    span: Span | None = None
    overwrite: bool = False

    def outputs(self, path: Path) -> list[Path]:
        """The files that come of a source."""
        return [output_path(self.out, path, name) for name in dict.fromkeys(self.formats)]


def classify_one(path: Path, wanted: Wanted, classifier: Classifier, tick: Tick) -> Row:
    """Classify a file; the summary as plain values. All outputs appear, or none.

    Raises:
        SourceError: nothing of it can be read, or something that nobody foresaw came of it.
        SinkError: an output cannot be written.
        ConfigError: what is asked fits no file.
    """
    try:
        with all_or_none():
            return _classify(path, wanted, classifier, tick)
    except AffectcamError:
        raise
    except Exception as error:
        if told_to_stop():  # no file's fault: the others are not begun either
            raise KeyboardInterrupt from error
        raise unexpected(path, error) from error


def _classify(path: Path, wanted: Wanted, classifier: Classifier, tick: Tick) -> Row:
    with VideoFile(path, every=wanted.every, span=wanted.span) as source:
        sinks = _sinks(source, wanted, classifier)
        started = time.monotonic()
        tick(0, source.frame_count)
        with Pipeline(classifier, wanted.config, still=source.still) as pipeline:
            summary = run_file(
                source,
                pipeline,
                sinks,
                drawer=Drawer(wanted.style),
                tick=lambda so_far: tick(so_far.frames, source.frame_count),
            )
    return _row(path, wanted, summary, time.monotonic() - started, classifier)


def _sinks(source: VideoFile, wanted: Wanted, classifier: Classifier) -> list[Sink]:
    stamp = None
    if "parquet" in wanted.formats:
        stamp = Stamp.of(classifier.card.name, model_file(wanted.config))
    sinks = open_file_sinks(
        wanted.out,
        source.path,
        wanted.formats,
        size=source.size,
        fps=source.fps,
        every=wanted.every,
        part=source.part,
        end_s=source.end_s,
        stamp=stamp,
        overwrite=wanted.overwrite,
    )
    if wanted.every == 1:
        return sinks

    def all_frames() -> VideoFile:
        return VideoFile(source.path, span=wanted.span)

    return [
        EveryFrame(sink, all_frames, Drawer(wanted.style).draw) if isinstance(sink, AnnotatedVideoSink) else sink
        for sink in sinks
    ]


def _row(path: Path, wanted: Wanted, summary: Summary, seconds: float, classifier: Classifier) -> Row:
    return {
        "source": str(path),
        "every": wanted.every,
        "clip": None if wanted.span is None else [wanted.span.start_s, wanted.span.end_s],
        "frames": summary.frames,
        "frames_with_face": summary.frames_with_face,
        "faces": len(summary.tracks),
        "rows": summary.rows,
        "labels": {emotion.label: count for emotion, count in summary.labels.most_common()},
        "seconds": round(seconds, 3),
        "model": classifier.card.name,
        "provider": classifier.provider,
        "valence_arousal": classifier.card.valence_arousal_origin,
        "loss": summary.loss,
        "outputs": [str(output) for output in wanted.outputs(path)],
    }
