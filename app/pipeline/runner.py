"""Runs a file through the pipeline into sinks: lossless, in order; decode, analyse and encode overlap."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

from app.types import FrameResult, Sink, Source
from model.emotions import Emotion

from .draw import Drawer
from .opencv_threads import one_opencv_thread
from .pipeline import Pipeline, frames_at_once
from .worker import Ahead

#: Frames decoded ahead, and results waiting to be drawn and written. A 1080p frame is 6 MB.
QUEUE_FRAMES = 12


@dataclass(slots=True)
class Summary:
    """What went through."""

    frames: int = 0
    frames_with_face: int = 0
    rows: int = 0  # faces over all frames
    tracks: set[int] = field(default_factory=set)
    labels: Counter[Emotion] = field(default_factory=Counter)  # rows by label
    last_time_s: float = 0.0
    loss: str | None = None  # what could not be read, if anything

    def count(self, result: FrameResult) -> None:
        """Add one frame."""
        self.frames += 1
        self.frames_with_face += bool(result.readings)
        self.rows += len(result.readings)
        self.tracks.update(reading.track for reading in result.readings)
        self.labels.update(reading.emotion for reading in result.readings)
        self.last_time_s = result.frame.time_s


def run_file(
    source: Source,
    pipeline: Pipeline,
    sinks: Sequence[Sink],
    *,
    drawer: Drawer | None = None,
    tick: Callable[[Summary], None] = lambda _: None,
) -> Summary:
    """Send every frame of ``source`` through ``pipeline`` into ``sinks``; ``tick`` is called after each frame.

    An exception, Ctrl-C included, leaves no output behind and no thread running.

    Raises:
        SourceError: nothing could be read.
        SinkError: an output could not be written.
    """
    drawer = drawer or Drawer()
    summary = Summary()
    width, height = source.size
    depth = frames_at_once(width * height * 3, QUEUE_FRAMES)
    with one_opencv_thread(), ExitStack() as open_sinks:
        for sink in sinks:
            # Its end is arranged before its beginning: Ctrl-C in between must not leave a half-written file.
            open_sinks.push(sink)
            sink.__enter__()
        with (
            Ahead(source, depth=depth, name="decode") as frames,
            Ahead(pipeline.find_all(frames), depth=1, name="find") as found,
        ):
            results = pipeline.read_all(found)
            if any(sink.needs_drawing for sink in sinks):
                # Drawing and encoding cost as much as the analysis: they go on beside it.
                with Ahead(results, depth=depth, name="read") as ready:
                    _write(_drawn(ready, drawer), sinks, summary, tick)
            else:
                _write(results, sinks, summary, tick)
        summary.loss = source.loss
    return summary


def _drawn(results: Iterator[FrameResult], drawer: Drawer) -> Iterator[FrameResult]:
    for result in results:
        yield replace(result, drawn=drawer.draw(result.frame.pixels, result.readings))


def _write(
    results: Iterator[FrameResult], sinks: Sequence[Sink], summary: Summary, tick: Callable[[Summary], None]
) -> None:
    for result in results:
        for sink in sinks:
            sink.write(result)
        summary.count(result)
        tick(summary)
