"""Reading ahead by threads: a condensed set needs no decoding, so no other process need do it.

What a process reads it has to hand over through shared memory, which costs twice what the reading does
(docs/decisions/condensed-set.md); copying pictures leaves Python's lock alone, so a thread is enough.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Places = TypeVar("Places")
Batch = TypeVar("Batch")


def ahead(
    fetch: Callable[[Places], Batch], order: Iterable[Places], *, workers: int, depth: int = 4
) -> Iterator[Batch]:
    """``fetch`` of each of ``order``, in order, by ``workers`` threads up to ``depth`` batches each ahead.

    With no workers each batch is fetched when it is asked for. What a thread raises is raised where its batch would
    have come. Close the iterator to stop the threads early.
    """
    if workers == 0:
        yield from map(fetch, order)
        return
    pool = ThreadPoolExecutor(workers, thread_name_prefix="ahead")
    waiting: deque[Future[Batch]] = deque()
    try:
        for places in order:
            waiting.append(pool.submit(fetch, places))
            if len(waiting) > workers * depth:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
