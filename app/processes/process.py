"""This process's end of another one: started afresh, told what to do, heard, and dismissed."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from multiprocessing import resource_tracker
from typing import Any

from .serve import Work, serve

_LEAVE_S = 10.0  # until a process that was told to leave is ended


class Process:
    """A process that does one kind of work, and the pipe to it."""

    def __init__(self, work: Work) -> None:
        """Start it.

        Raises:
            OSError: the system starts no more.
        """
        # Started afresh everywhere, as Windows and macOS do: a copy would share threads that it does not have.
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        #: What it was given last and has not answered; None while it is idle.
        self.task: Any = None
        level = logging.getLogger().getEffectiveLevel()
        self.process = context.Process(target=serve, args=(theirs, work, level), name="affectcam-worker", daemon=True)
        try:
            with _undisturbed():
                self.process.start()
        except BaseException:
            self.pipe.close()
            raise
        finally:
            theirs.close()  # so that its end is seen here

    def begin(self, task: Any, sent: Any = None) -> None:
        """Let it do ``task``; what it gets is ``sent``, or the task itself."""
        self.task = task
        with contextlib.suppress(OSError):  # it died; listening tells
            self.pipe.send(task if sent is None else sent)

    def how_it_ended(self) -> str:
        """After its end: how, in words that go on from "its process"."""
        code = self.process.exitcode
        if code is not None and code < 0:
            with contextlib.suppress(ValueError):
                return f"was ended by {signal.Signals(-code).name}"
        return "left off when it was told to end" if code == 0 else f"ended unexpectedly, with code {code}"


def dismiss(processes: Sequence[Process]) -> None:
    """Tell all of them to leave what they do, and end those that do not within ten seconds."""
    for each in processes:
        each.pipe.close()  # they take that for a request to leave
    latest = time.monotonic() + _LEAVE_S
    for each in processes:
        each.process.join(max(0.0, latest - time.monotonic()))
        if each.process.is_alive():
            each.process.kill()
            each.process.join()


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Let Ctrl-C wait until a process has been started whole, and let that be born deaf to it: it is for us to hear."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM)
    handlers = {number: signal.signal(number, lambda number, _: heard.append(number)) for number in numbers}
    blocks = hasattr(signal, "pthread_sigmask")  # not on Windows
    if blocks:
        resource_tracker.ensure_running()  # else it is started with the first process, and then ends the blocking
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        if blocks:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for number, handler in handlers.items():
            signal.signal(number, handler or signal.SIG_DFL)
    if heard:
        signal.raise_signal(heard[0])
