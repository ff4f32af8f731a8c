"""Runs jobs on hostile files in processes of their own, where a crash, a hang or hunger for memory shows.

A process is used again and again, since starting one takes longer than most files; after a crash or a hang it is
replaced, and the file that caused it is known.
"""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

START_S = 120.0  # a new process imports much, on a busy machine


@dataclass(frozen=True)
class Outcome:
    """What became of one file."""

    task: Any
    state: str  # what the job said; or "crashed", "hung"
    detail: str
    seconds: float
    peak_mb: float  # most memory that the process held until then


def outcomes(
    job: Callable[[Any], tuple[str, str]], tasks: Iterable[Any], *, limit_s: float, memory_mb: int, workers: int = 1
) -> list[Outcome]:
    """Run ``job(task)`` for each task; it returns a state and a detail, and may crash, hang or take too much memory."""
    tasks = list(tasks)
    shares = [tasks[place::workers] for place in range(workers)]
    with ThreadPoolExecutor(workers) as pool:
        done = pool.map(lambda share: _share(job, share, limit_s, memory_mb), shares)
    return [outcome for share in done for outcome in share]


def counts(found: Iterable[Outcome]) -> Counter[str]:
    """How often each state came out."""
    return Counter(outcome.state for outcome in found)


def tell(capsys: Any, text: str) -> None:
    """Show a figure in the tests' output, passed or not."""
    with capsys.disabled():
        sys.stdout.write(f"\n{text}\n")


def _share(job: Callable[[Any], tuple[str, str]], tasks: list[Any], limit_s: float, memory_mb: int) -> list[Outcome]:
    found, worker = [], None
    try:
        for task in tasks:
            worker = worker or _Worker(job, memory_mb)
            outcome, alive = worker.ask(task, limit_s)
            found.append(outcome)
            if not alive:
                worker.end()
                worker = None
    finally:
        if worker is not None:
            worker.end()
    return found


class _Worker:
    def __init__(self, job: Callable[[Any], tuple[str, str]], memory_mb: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, job, memory_mb), daemon=True)
        self._process.start()
        theirs.close()
        if not self._ours.poll(START_S):
            self.end()
            raise RuntimeError("a worker did not start")
        self._ours.recv()

    def ask(self, task: Any, limit_s: float) -> tuple[Outcome, bool]:
        """What becomes of a task, and whether the worker has survived it."""
        started = time.monotonic()
        try:
            self._ours.send(task)
            if not self._ours.poll(limit_s):
                return Outcome(task, "hung", f"longer than {limit_s:g} s", time.monotonic() - started, 0.0), False
            state, detail, peak_mb = self._ours.recv()
        except (EOFError, OSError):
            self._process.join(10)
            detail = f"exit code {self._process.exitcode}"
            return Outcome(task, "crashed", detail, time.monotonic() - started, 0.0), False
        return Outcome(task, state, detail, time.monotonic() - started, peak_mb), True

    def end(self) -> None:
        self._ours.close()
        self._process.kill()
        self._process.join(10)


def _work(pipe: Connection, job: Callable[[Any], tuple[str, str]], memory_mb: int) -> None:
    faulthandler.enable()  # where a crash was goes to stderr
    os.environ.setdefault("MPLBACKEND", "agg")
    job_of = job  # imported with what it needs by unpickling it
    pipe.send("ready")
    _limit(memory_mb)
    while True:
        try:
            task = pipe.recv()
        except EOFError:
            return
        try:
            state, detail = job_of(task)
        except BaseException as error:
            state, detail = "broken", f"{type(error).__name__}: {error}"
        pipe.send((state, detail, _peak_mb()))


def _limit(memory_mb: int) -> None:
    """No more address space than this, so that hunger for memory ends the process and not the machine."""
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory_mb * 2**20, memory_mb * 2**20))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _peak_mb() -> float:
    """Most memory held since this program began; getrusage would tell that of the process that started it."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 2**10
