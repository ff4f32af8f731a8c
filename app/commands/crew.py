"""Several files at once, each by a process of its own; results in the order of the files."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import signal
import threading
import time
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from multiprocessing import resource_tracker
from multiprocessing.connection import wait
from pathlib import Path

from app.sinks.atomic import part_of
from model.errors import AffectcamError

from .member import serve
from .one_file import Row, Wanted
from .progress import FilesProgress

_LEAVE_S = 10.0  # until a process that was told to leave is ended


def classify_together(
    paths: Sequence[Path], wanted: Wanted, *, jobs: int, progress: FilesProgress
) -> Generator[Row | AffectcamError, None, None]:
    """Classify ``paths`` with ``jobs`` processes; for each, in their order, its summary or why there is none.

    A process that dies costs the file that it was at, and no other. Closing the iterator, or Ctrl-C, ends all of them;
    what they had begun to write is removed.

    Raises:
        ModelError: the model cannot be used.
        AffectcamError: no process can be started.
    """
    crew = _Crew(wanted, jobs)
    waiting = deque(enumerate(paths))
    done: dict[int, Row | AffectcamError] = {}
    try:
        for place in range(len(paths)):
            while place not in done:
                crew.hand_out(waiting)
                done.update(crew.listen(progress))
            yield done.pop(place)
    finally:
        crew.dismiss()


class _Crew:
    def __init__(self, wanted: Wanted, jobs: int) -> None:
        self._wanted, self._jobs = wanted, jobs
        self._members: list[_Member] = []

    def hand_out(self, waiting: deque[tuple[int, Path]]) -> None:
        """Give every idle process a file, and start those that are missing."""
        while waiting:
            member = next((each for each in self._members if each.task is None), None)
            if member is None:
                if len(self._members) == self._jobs:
                    return
                member = self._start()
                if member is None:
                    return
            member.begin(*waiting.popleft())

    def listen(self, progress: FilesProgress) -> dict[int, Row | AffectcamError]:
        """Wait for what the processes say; the files that are done.

        Raises:
            Exception: what ended a process and is no file's fault.
        """
        done: dict[int, Row | AffectcamError] = {}
        for pipe in wait([member.pipe for member in self._members]):
            member = next(each for each in self._members if each.pipe is pipe)
            try:
                kind, content = member.pipe.recv()
            except (EOFError, OSError):
                self._members.remove(member)
                done.update(self._buried(member))
                continue
            if kind == "unfit":
                raise content
            if member.task is None:  # cannot be: only who has a file speaks
                continue
            place, _ = member.task
            if kind == "tick":
                progress.tick(place, *content)
            else:
                done[place] = content
                member.task = None
        for place in done:
            progress.ended(place)
        return done

    def dismiss(self) -> None:
        """End every process, and remove what it had begun to write."""
        for member in self._members:
            member.pipe.close()  # they take that for a request to leave
        latest = time.monotonic() + _LEAVE_S
        for member in self._members:
            member.process.join(max(0.0, latest - time.monotonic()))
            if member.process.is_alive():
                member.process.kill()
                member.process.join()
            self._clean_up(member)
        self._members.clear()

    def _start(self) -> _Member | None:
        try:
            member = _Member(self._wanted)
        except OSError as error:
            if not self._members:
                raise AffectcamError(f"cannot start another process: {error.strerror or error}; use --jobs 1") from None
            self._jobs = len(self._members)  # too many for this machine: those that run do it alone
            return None
        self._members.append(member)
        return member

    def _buried(self, member: _Member) -> dict[int, AffectcamError]:
        member.pipe.close()
        member.process.join()
        self._clean_up(member)
        if member.task is None:
            return {}
        place, path = member.task
        how = _how(member.process.exitcode)
        return {place: AffectcamError(f"{path}: its process {how}; if memory is short, use fewer --jobs")}

    def _clean_up(self, member: _Member) -> None:
        if member.task is not None and member.process.exitcode != 0:
            for output in self._wanted.outputs(member.task[1]):
                with contextlib.suppress(OSError):
                    part_of(output).unlink(missing_ok=True)


class _Member:
    """A process, and the pipe to it."""

    def __init__(self, wanted: Wanted) -> None:
        # Started afresh everywhere, as Windows and macOS do: a copy would share threads that it does not have.
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.task: tuple[int, Path] | None = None
        level = logging.getLogger().getEffectiveLevel()
        self.process = context.Process(
            target=serve, args=(theirs, wanted, level), name="affectcam-classify", daemon=True
        )
        try:
            with _undisturbed():
                self.process.start()
        except BaseException:
            self.pipe.close()
            raise
        finally:
            theirs.close()  # so that its end is seen here

    def begin(self, place: int, path: Path) -> None:
        self.task = (place, path)
        with contextlib.suppress(OSError):  # it died; listening tells
            self.pipe.send(path)


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


def _how(code: int | None) -> str:
    if code is not None and code < 0:
        with contextlib.suppress(ValueError):
            return f"was ended by {signal.Signals(-code).name}"
    return "left off when it was told to end" if code == 0 else f"ended unexpectedly, with code {code}"
