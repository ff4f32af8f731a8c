"""A recording of a live run: the picture, drawn or clean, with its real times, and the table beside it."""

from __future__ import annotations

import contextlib
import queue
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from app.pipeline.worker import Worker
from app.types import FrameResult
from model.errors import SinkError

from .disk_space import free_space
from .new_file import stem_of
from .recorded import RecordedFiles

#: Pictures that wait for the encoder; when there are more, new ones are left out. A 1080p picture is 6 MB.
QUEUE_FRAMES = 12
#: A disk that has not finished a file after so many seconds is given up.
FINISH_S = 10.0
_IDLE_S = 1.0


class Recording:
    """Writes an MP4, and a CSV of its rows, in a thread of its own; a slow disk or encoder never keeps the run waiting.

    Whatever ends it (:meth:`__exit__`, a full disk, a killed program), what was written up to a second before stays and
    can be played: it is the user's, and cannot be recorded again. Files are for this user alone, since they show faces.
    """

    def __init__(
        self,
        folder: Path,
        *,
        size: tuple[int, int],
        fps: float,
        drawn: bool,
        table: bool,
        name: str | None = None,
        now: Callable[[], float] = time.time,
        room: Callable[[Path], int] = free_space,
    ) -> None:
        """Choose; nothing is written before the sink is entered.

        Args:
            folder: where to; made if it is missing.
            size: ``(width, height)`` of the video in pixels.
            fps: nominal rate: how long the last picture lasts.
            drawn: record the drawn picture, not the clean one.
            table: write the readings into a ``.csv`` beside it.
            name: of the files, without folder and suffix; else "affectcam" and the time. A taken one gets a number.
            now: seconds since 1970.
            room: bytes that are free on a folder's disk.

        Raises:
            SinkError: ``name`` is no name of a file.
        """
        if name is not None and (not name or Path(name).name != name):
            raise SinkError(f"{name!r} is no name for a recording; leave out folders and slashes")
        self.dropped = 0  # pictures left out because the encoder or the disk was slow
        self._folder, self._size, self._fps = folder, size, fps
        self._drawn, self._table, self._room = drawn, table, room
        self._stem = stem_of(now()) if name is None else name
        self._files: RecordedFiles | None = None
        self._worker: Worker | None = None
        self._queue: queue.SimpleQueue[FrameResult | None] = queue.SimpleQueue()
        self._newest: int | None = None  # index of the newest frame taken
        self._told = False  # whether write() has raised what went wrong

    @property
    def needs_drawing(self) -> bool:
        """Whether it records the drawn picture."""
        return self._drawn

    @property
    def path(self) -> Path:
        """The video; its number is known once the sink has been entered."""
        return self._folder / f"{self._stem}.mp4" if self._files is None else self._files.video.path

    @property
    def table_path(self) -> Path | None:
        """The table, if there is one."""
        return self.path.with_suffix(".csv") if self._table else None

    @property
    def seconds(self) -> float:
        """How long the video is."""
        return 0.0 if self._files is None else self._files.video.seconds

    @property
    def bytes_written(self) -> int:
        """The size of the video on the disk."""
        return 0 if self._files is None else self._files.bytes_written

    @property
    def bytes_per_second(self) -> float:
        """How quickly it grows; 0 until that is known."""
        return 0.0 if self.seconds == 0 else self.bytes_written / self.seconds

    def __enter__(self) -> Self:
        """Make the files.

        Raises:
            SinkError: the folder cannot be written to or has no room, or there is no encoder.
        """
        self._files = RecordedFiles.begin(
            self._folder, self._stem, size=self._size, fps=self._fps, table=self._table, room=self._room
        )
        self._worker = Worker("record", self._work, on_failure=lambda: None)
        self._worker.start()
        return self

    def write(self, result: FrameResult) -> None:
        """Hand a frame to the encoder, at once; one that was sent before is left out.

        Raises:
            SinkError: writing an earlier one failed: the disk is full, nearly full, or gone.
            ValueError: ``result.drawn`` is missing, or the sink was not entered.
        """
        if self._worker is None:
            raise ValueError("write() outside the sink's with block")
        if self._drawn and result.drawn is None:
            raise ValueError("the recording needs result.drawn; needs_drawing says so")
        if self._worker.failure is not None:
            self._told = True
            raise self._worker.failure
        if result.frame.index == self._newest:
            return
        self._newest = result.frame.index
        if self._queue.qsize() < QUEUE_FRAMES:
            self._queue.put(result)
        else:
            self.dropped += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish the files, also if an exception is under way; without a single frame nothing is left.

        Raises:
            SinkError: writing failed, and :meth:`write` has not said so.
        """
        worker, self._worker = self._worker, None
        if worker is None:
            return
        self._queue.put(None)
        ended = worker.join(FINISH_S)
        if kind is not None or self._told:
            return
        if not ended:
            raise SinkError(f"cannot finish {self.path}: the disk does not answer; use another folder")
        if worker.failure is not None:
            raise worker.failure

    def _work(self) -> None:
        files = self._files
        assert files is not None
        try:
            while (result := self._next(files)) is not None:
                pixels = result.drawn if self._drawn else result.frame.pixels
                assert pixels is not None
                files.write(result, pixels)
        except BaseException:
            with contextlib.suppress(SinkError):  # the first error is the one to tell
                files.close()
            raise
        files.close()

    def _next(self, files: RecordedFiles) -> FrameResult | None:
        while True:
            try:
                return self._queue.get(timeout=_IDLE_S)
            except queue.Empty:
                files.wait()
