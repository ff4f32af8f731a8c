"""Hand: one worker's model and detector, loaded once, and what it does with a task; one core's work."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2

from app.capture.video_file import VideoFile
from app.pipeline.find import open_detector
from app.pipeline.load import load_classifier
from app.pipeline.pipeline import Pipeline
from app.sinks.arrow import require_arrow, table_of
from app.sinks.parquet import GROUP_ROWS
from app.sinks.rows import Row, rows_of
from app.types import FrameResult
from app.unexpected import unexpected
from model.errors import AffectcamError, ConfigError, SourceError

from .cuts import parts_of
from .dataset import Facts
from .found import Found, find_in
from .joined import joined
from .remote import local_copy
from .task import Asked, Cut, Outcome, Rows, Task


class Hand:
    """Reads files, one after the other, for one thread.

    The stages follow one another instead of overlapping: several hands side by side use the cores better.
    """

    def __init__(self, asked: Asked) -> None:
        """Load the model and the detector.

        Raises:
            ModelError: they cannot be used.
            ConfigError: there is no such back end.
        """
        cv2.setNumThreads(1)
        self._asked = asked
        self._config = replace(asked.config, threads=1)
        self._classifier = load_classifier(self._config, as_named=True)
        self._detector = open_detector(self._config)

    def do(self, task: Task) -> Outcome:
        """Do a task.

        Raises:
            SourceError: the file cannot be read, whatever the reason; it does not stop the others.
        """
        try:
            if task.found:
                return self._joined(task.found)
            with local_copy(task.item) as path:
                try:
                    return self._read(path, task)
                except AffectcamError as error:
                    # Of a copy, whose name says nothing to anybody.
                    raise type(error)(str(error).replace(str(path), task.item.name)) from None
        except ConfigError as error:  # of this file alone: that which is asked fits no frame of it
            raise SourceError(str(error)) from None
        except AffectcamError:
            raise
        except Exception as error:
            raise unexpected(task.item.name, error) from error

    def _read(self, path: Path, task: Task) -> Outcome:
        asked = self._asked
        if task.part is not None:
            return find_in(
                path,
                task.part,
                every=asked.every,
                span=asked.span,
                classifier=self._classifier,
                detector=self._detector,
            )
        if asked.splits and asked.split_s is not None and not task.whole:
            parts = parts_of(path, asked=asked.span, split_s=asked.split_s)
            if parts:
                return Cut(parts=parts)
        return self._whole(path)

    def _whole(self, path: Path) -> Rows:
        asked = self._asked
        with VideoFile(path, every=asked.every, span=asked.span, threads=1) as source:
            if source.still:
                with Pipeline(self._classifier, self._config, still=True) as pipeline:
                    return _rows(pipeline.results(source), lambda: source.loss)
            self._detector.restart()
            pipeline = Pipeline(self._classifier, self._config, detector=self._detector)
            return _rows(pipeline.results(source), lambda: source.loss)

    def _joined(self, found: tuple[Found, ...]) -> Rows:
        results = joined(found, config=self._config, classifier=self._classifier)
        return _rows(results, lambda: None)


def _rows(results: Iterable[FrameResult], loss: Callable[[], str | None]) -> Rows:
    waiting: list[Row] = []
    tables: list[Any] = []  # a row as a dictionary takes twenty times the memory
    frames = with_face = 0
    first_s: float | None = None
    last_s = step_s = 0.0
    for result in results:
        time_s = result.frame.time_s
        first_s = time_s if first_s is None else first_s
        step_s = time_s - last_s if frames else 0.0
        last_s = time_s
        frames += 1
        with_face += bool(result.readings)
        waiting.extend(rows_of(result))
        if len(waiting) >= GROUP_ROWS:
            tables.append(table_of(waiting))
            waiting = []
    tables.append(table_of(waiting))
    facts = Facts(
        frames=frames,
        frames_with_face=with_face,
        video_s=round(last_s - (first_s or 0.0) + step_s, 3),
        loss=loss(),
    )
    return Rows(table=require_arrow().concat_tables(tables), facts=facts)
