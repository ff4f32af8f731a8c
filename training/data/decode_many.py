"""Pictures decoded by several processes, in order, with a bounded number of them on the way."""

from __future__ import annotations

import atexit
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from multiprocessing.synchronize import Event

import cv2

from model.errors import DataError

from .decode import Decoded, Recipe, decode, undecoded
from .faces import FaceCutter
from .sample import Sample
from .to_processes import packed, unpacked

_TASK_PICTURES = 256
_TASK_BYTES = 4 << 20  # decoded


def decode_many(samples: Sequence[Sample], recipe: Recipe, *, jobs: int = 1) -> Iterator[list[Decoded]]:
    """Decode ``samples`` with ``jobs`` processes; yields runs of outcomes, in order, the same whatever ``jobs`` is.

    With one job, or too few pictures for two, this process decodes itself. Close the iterator to stop early.

    Raises:
        DataError: a process died.
    """
    length = max(1, min(_TASK_PICTURES, _TASK_BYTES // recipe.picture_bytes))
    tasks = [samples[start : start + length] for start in range(0, len(samples), length)]
    jobs = min(jobs, len(tasks))
    if jobs > 1:
        yield from _elsewhere(tasks, recipe, jobs)
        return
    with FaceCutter(recipe.faces) as cutter:
        for task in tasks:
            yield [decode(undecoded(sample), recipe, cutter) for sample in task]


def _elsewhere(tasks: Sequence[Sequence[Sample]], recipe: Recipe, jobs: int) -> Iterator[list[Decoded]]:
    # Started afresh everywhere, as Windows and macOS do: a copy of this process would share its open archives.
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin, initargs=(recipe, stop))
    waiting: deque[Future[list[Decoded]]] = deque()
    try:
        for task in tasks:
            content = packed([undecoded(sample) for sample in task])
            waiting.append(_undisturbed(lambda content=content: pool.submit(_decode_task, content)))  # type: ignore[misc]
            if len(waiting) > 2 * jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool:
        raise DataError(
            "a process that decodes pictures ended unexpectedly, perhaps for want of memory; the same command goes on; "
            f"use fewer than --jobs {jobs} if it happens again"
        ) from None
    finally:
        stop.set()
        pool.shutdown(wait=True, cancel_futures=True)


def _undisturbed(submit: Callable[[], Future[list[Decoded]]]) -> Future[list[Decoded]]:
    """Submit a task; a process that this starts is born deaf to Ctrl-C, which is for this one to hear."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        return submit()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return submit()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# -- in the other process ----------------------------------------------------------------------------------------------

_recipe: Recipe
_cutter: FaceCutter
_stop: Event


def _begin(recipe: Recipe, stop: Event) -> None:
    global _recipe, _cutter, _stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)
    _recipe, _cutter, _stop = recipe, FaceCutter(recipe.faces), stop
    atexit.register(_cutter.close)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Whoever asked for pictures may be killed, and then nobody would tell us to stop."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _decode_task(content: bytes) -> list[Decoded]:
    outcomes: list[Decoded] = []
    for task in unpacked(content):
        if _stop.is_set():
            break  # nobody will look at them
        outcomes.append(decode(task, _recipe, _cutter))
    return outcomes
