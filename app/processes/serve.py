"""The other process: tasks come in, what came of them goes out."""

from __future__ import annotations

import _thread
import contextlib
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from types import FrameType
from typing import Any, Literal, Protocol

from app.pipeline.worker import Worker
from app.terminal import log_to_stderr, print_any_name
from model.errors import AffectcamError, ConfigError
from model.no_opengl import forgo_opengl
from model.portable import portable

#: Called with how many frames of a task are done, and how many there are, if that is known.
Tick = Callable[[int, int | None], None]
#: Does a task. An ``AffectcamError`` is the task's own fault; a ``ConfigError``, or any other, that of all.
Do = Callable[[Any, Tick], Any]
#: What this process says: a task's progress (done, total), its outcome, why it gave none; or why nothing will come.
Word = tuple[Literal["tick", "done", "error", "unfit"], Any]


class Work(Protocol):
    """What processes are for; it is sent to them."""

    def prepare(self) -> Do:
        """Load what every task needs, once."""


_TICK_S = 0.2  # between two reports of progress


def serve(pipe: Connection, work: Work, log_level: int) -> None:
    """The life of the process: when the other end of ``pipe`` is gone it leaves off, and no half-written file stays."""
    member = _Member(pipe)
    # Ctrl-C reaches every process of a terminal; the first one says what to do.
    signal.signal(signal.SIGINT, member.on_interrupt)
    signal.signal(signal.SIGTERM, member.on_termination)
    log_to_stderr(log_level)
    print_any_name()
    forgo_opengl()
    with contextlib.suppress(KeyboardInterrupt):
        member.work(work)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    sys.stderr.flush()
    # An interrupt may have left native libraries in any state, and files are closed by now: nothing is taken apart.
    os._exit(0)


class _Member:
    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._tasks: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._leaving = threading.Event()
        self._busy = False  # there is something to leave off
        self._listener = Worker("listen", self._listen, on_failure=self._leave)

    def on_interrupt(self, _number: int, _frame: FrameType | None) -> None:
        """Leave what is being done; a terminal's Ctrl-C is not for us."""
        if self._leaving.is_set():
            self._leave_off()

    def on_termination(self, _number: int, _frame: FrameType | None) -> None:
        """Somebody wants this process to end."""
        self._leaving.set()
        self._tasks.put(None)
        self._leave_off()

    def _leave_off(self) -> None:
        if self._busy:  # once: what is left behind must not be disturbed while it is put away
            self._busy = False
            raise KeyboardInterrupt

    def work(self, work: Work) -> None:
        """Prepare, and do what comes until nothing more does."""
        self._listener.start()
        self._busy = True
        try:
            do = work.prepare()
        except Exception as error:
            self._say(("unfit", portable(error)))
            return
        self._busy = False
        while (task := self._tasks.get()) is not None:
            self._busy = True
            if not self._leaving.is_set():
                self._say(self._outcome(task, do))
            self._busy = False

    def _outcome(self, task: Any, do: Do) -> Word:
        try:
            return "done", do(task, self._tick())
        except AffectcamError as error:
            return "unfit" if isinstance(error, ConfigError) else "error", portable(error)
        except Exception as error:
            return "unfit", portable(error)

    def _tick(self) -> Tick:
        due_s = 0.0

        def tick(done: int, total: int | None) -> None:
            nonlocal due_s
            if time.monotonic() >= due_s:
                due_s = time.monotonic() + _TICK_S
                self._say(("tick", (done, total)))

        return tick

    def _say(self, word: Word) -> None:
        try:
            self._pipe.send(word)
        except OSError:  # nobody is there any more
            raise KeyboardInterrupt from None

    def _listen(self) -> None:
        while True:
            try:
                self._tasks.put(self._pipe.recv())
            except (EOFError, OSError):
                self._leave()
                return

    def _leave(self) -> None:
        self._leaving.set()
        self._tasks.put(None)
        _thread.interrupt_main()
