"""Reading ahead by threads: in order, bounded, and what fails is raised in its place."""

from __future__ import annotations

import threading
import time
from contextlib import closing

import pytest

from training.data.ahead import ahead


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_batches_come_in_order_whoever_is_quick(workers):
    def fetch(place):
        time.sleep(0.003 if place % 3 == 0 else 0)
        return place * 10

    assert list(ahead(fetch, range(30), workers=workers)) == [place * 10 for place in range(30)]


def test_threads_read_while_the_caller_works_but_not_without_end():
    read = []
    with closing(ahead(read.append, range(1000), workers=2, depth=3)) as batches:
        next(batches)
        until = time.monotonic() + 10
        while len(read) < 7 and time.monotonic() < until:
            time.sleep(0.001)
        time.sleep(0.02)
        assert sorted(read) == list(range(7))  # the one that was asked for, and three ahead for each
    assert len(read) <= 7
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("ahead")]


def test_without_workers_nothing_is_read_ahead():
    read = []
    batches = ahead(read.append, range(10), workers=0)
    next(batches)
    next(batches)
    assert read == [0, 1]


@pytest.mark.parametrize("workers", [0, 2])
def test_a_failure_is_raised_where_its_batch_would_have_come(workers):
    batches = ahead(lambda place: 1 // (3 - place), range(6), workers=workers)
    assert [next(batches) for _ in range(3)] == [0, 0, 1]
    with pytest.raises(ZeroDivisionError):
        next(batches)
