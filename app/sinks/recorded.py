"""The files of a recording: a video and, if wanted, the table beside it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from itertools import chain, count
from pathlib import Path
from typing import Self

from app.types import FrameResult, Pixels

from .atomic import reported
from .disk_space import check_room, free_space
from .live_table import LiveTable
from .live_video import LiveVideo
from .new_file import make_folder

_LOOK_EVERY_S = 1.0  # at the room that the disk has left


class RecordedFiles:
    """Both files of one recording, for one thread; times and frame numbers of the table are those of the video."""

    def __init__(
        self,
        video: LiveVideo,
        table: LiveTable | None,
        *,
        room: Callable[[Path], int] = free_space,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take two new files; see :meth:`begin`."""
        self.video, self.table = video, table
        self._room, self._clock = room, clock
        self._looked_s = clock()
        self.frames = 0

    @classmethod
    def begin(
        cls,
        folder: Path,
        stem: str,
        *,
        size: tuple[int, int],
        fps: float,
        table: bool,
        room: Callable[[Path], int] = free_space,
    ) -> Self:
        """Make the files, called ``stem`` or, where that is taken, ``stem 2``, then ``stem 3`` and so on.

        Raises:
            SinkError: the folder cannot be written to, or has no room.
        """
        check_room(folder, room(folder))
        with reported(folder):
            make_folder(folder)
            for name in chain([stem], (f"{stem} {number}" for number in count(2))):
                with contextlib.suppress(FileExistsError):
                    return cls(*_make(folder / f"{name}.mp4", size, fps, table), room=room)
        raise AssertionError("there is always another number")

    @property
    def bytes_written(self) -> int:
        """The size of the video on the disk; a table is small beside it."""
        return self.video.bytes_written

    def write(self, result: FrameResult, pixels: Pixels) -> None:
        """Add a frame.

        Raises:
            SinkError: the disk is full, nearly full, or gone; what was written stays.
        """
        self._look()
        time_s = self.video.write(pixels, result.frame.time_s)
        if self.table is not None:
            self.table.write(replace(result, frame=replace(result.frame, time_s=time_s, index=self.frames)))
        self.frames += 1

    def wait(self) -> None:
        """Nothing came for a while: bring to the disk what waits for it.

        Raises:
            SinkError: the disk is full, nearly full, or gone.
        """
        self._look()
        if self.table is not None:
            self.table.flush()

    def close(self) -> None:
        """Finish both files; a video of which nothing can be played, and its table, are removed.

        Raises:
            SinkError: the disk is full or gone; what was written stays.
        """
        try:
            with ExitStack() as closing:
                if self.table is not None:
                    closing.callback(self.table.close)
                closing.callback(self.video.close)
        finally:
            if not self.video.playable:
                _remove(self.video.path)
                if self.table is not None:
                    _remove(self.table.path)

    def _look(self) -> None:
        now_s = self._clock()
        if now_s - self._looked_s >= _LOOK_EVERY_S:
            self._looked_s = now_s
            check_room(self.video.path.parent, self._room(self.video.path.parent))


def _make(path: Path, size: tuple[int, int], fps: float, table: bool) -> tuple[LiveVideo, LiveTable | None]:
    """Both files, or neither."""
    with ExitStack() as undo:
        video = LiveVideo(path, size=size, fps=fps)
        undo.callback(_remove, path)
        undo.callback(video.close)
        sheet = LiveTable(path.with_suffix(".csv")) if table else None
        undo.pop_all()
    return video, sheet


def _remove(path: Path) -> None:
    # Says nothing when it fails: something else already went wrong, and that is what the user must read.
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
