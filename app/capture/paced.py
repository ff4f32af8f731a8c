"""A file played in real time, as if it were a camera."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

from app.types import Frame, Source
from model.closing import Closing

#: A picture later than this is shown nevertheless and the clock set anew (a slow disk, a machine that slept): a file
#: that cannot be decoded in real time plays slowly instead of not at all.
TOO_LATE_S = 0.5


class Paced(Closing):
    """Plays file sources by their own times as a live :class:`app.types.Source`, looped if wanted.

    ``time_s`` is when the picture was due on the monotonic clock. Pictures that are late are left out. Iterating again
    goes on from the beginning of the file.
    """

    live = True
    frame_count = None

    def __init__(
        self,
        open_file: Callable[[], Source],
        *,
        loop: bool = False,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], bool] | None = None,
    ) -> None:
        """Open the file once, so that a bad one fails here.

        Args:
            open_file: opens the file source; called again for each round.
            loop: begin again after the end.
            clock: monotonic seconds.
            wait: sleeps for so many seconds or until the source is closed, and returns True if it has been closed.

        Raises:
            SourceError: the file cannot be opened.
        """
        self._open_file, self._loop, self._clock = open_file, loop, clock
        self._stopped = threading.Event()
        self._wait = wait if wait is not None else self._stopped.wait
        self._file: Source | None = open_file()
        self.name, self.size, self.fps = self._file.name, self._file.size, self._file.fps
        self.loss: str | None = None
        self._index = 0
        self._last_s = -float("inf")  # the time of the newest picture that was due

    def __iter__(self) -> Iterator[Frame]:
        """Yield each picture when it is due, until the end or until closed.

        Raises:
            SourceError: the file is gone when a new round begins.
        """
        while not self._stopped.is_set():
            yield from self._round()
            if not self._loop:
                return

    def close(self) -> None:
        """Stop, at once, also from another thread, and release the file."""
        self._stopped.set()
        file = self._file  # once: the playing thread sets it to None at the end of a round
        if file is not None:
            file.close()

    def _round(self) -> Iterator[Frame]:
        file = self._file if self._file is not None else self._open_file()
        self._file = file
        if self._stopped.is_set():  # closed while the file was being opened
            file.close()
            return
        begin_s: float | None = None  # of the file's time 0, on the monotonic clock
        period_s = 1 / self.fps
        try:
            for frame in file:
                now_s = self._clock()
                if begin_s is None:
                    # A new round follows one period after the last picture, unless that is past.
                    begin_s = max(now_s, self._last_s + period_s) - frame.time_s
                due_s = begin_s + frame.time_s
                if now_s - due_s > TOO_LATE_S:
                    begin_s, due_s = now_s - frame.time_s, now_s
                elif now_s - due_s > period_s:
                    continue
                if due_s > now_s and self._wait(due_s - now_s):
                    return
                if self._stopped.is_set():
                    return
                self._last_s = due_s
                yield Frame(pixels=frame.pixels, time_s=due_s, index=self._index)
                self._index += 1
        finally:
            self.loss = file.loss
            file.close()
            self._file = None
