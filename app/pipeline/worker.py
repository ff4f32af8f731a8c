"""Threads: a worker whose failure is kept for its owner, and the two hand-overs between loops."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Worker:
    """A thread that runs ``work`` once; an exception is kept and ``on_failure`` is called."""

    def __init__(self, name: str, work: Callable[[], None], *, on_failure: Callable[[], None]) -> None:
        self.failure: BaseException | None = None
        self._work = work
        self._on_failure = on_failure
        self._thread = threading.Thread(target=self._run, name=f"affectcam-{name}", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait for its end; True if it has ended. Joining from the thread itself returns at once."""
        if self._thread.ident is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._work()
        except BaseException as failure:  # handed to the owner, who raises it
            self.failure = failure
            self._on_failure()


class Slot(Generic[T]):
    """Holds only the newest value; a slow taker misses the older ones."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._value: T | None = None
        self._version = 0
        self._closed = False

    def put(self, value: T) -> None:
        """Replace the value."""
        with self._changed:
            self._value = value
            self._version += 1
            self._changed.notify_all()

    def newest(self) -> tuple[int, T | None]:
        """The newest value and its version (0: none yet), without waiting."""
        with self._changed:
            return self._version, self._value

    def wait_newer(self, version: int, *, timeout_s: float | None = None) -> tuple[int, T] | None:
        """Wait for a value newer than ``version``; None once closed, or after ``timeout_s`` seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._version > version, timeout_s)
            if self._version <= version:
                return None
            assert self._value is not None
            return self._version, self._value

    def close(self) -> None:
        """Wake and end all takers; a value put before can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()


class Ahead(Generic[T]):
    """Iterates ``values`` in a thread of its own, up to ``depth`` ahead: nothing is lost, order is kept.

    A context manager: leaving it stops and joins the thread.
    """

    _END = object()

    def __init__(self, values: Iterable[T], *, depth: int, name: str) -> None:
        self._values = values
        self._queue: queue.Queue[object] = queue.Queue(maxsize=depth)
        self._stopping = threading.Event()
        self._worker = Worker(name, self._fill, on_failure=self._end)

    def __enter__(self) -> Iterator[T]:
        try:
            self._worker.start()
        except BaseException:  # Ctrl-C while the thread starts: leaving is not told, so stop it here
            self.__exit__()
            raise
        return self._take()

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        while not self._worker.join(0.02):
            self._drain()

    def _fill(self) -> None:
        if self._stopping.is_set():  # interrupted while it was being started: nobody waits for this thread any more
            return
        for value in self._values:
            if not self._offer(value):
                return
        self._end()

    def _end(self) -> None:
        self._offer(self._END)

    def _offer(self, value: object) -> bool:
        while not self._stopping.is_set():
            try:
                self._queue.put(value, timeout=0.1)
            except queue.Full:
                continue
            return True
        return False

    def _take(self) -> Iterator[T]:
        while (value := self._queue.get()) is not self._END:
            yield value  # type: ignore[misc]
        if self._worker.failure is not None:
            raise self._worker.failure

    def _drain(self) -> None:
        try:
            while True:
                self._queue.get_nowait()
        except queue.Empty:
            pass
