"""Threads: failures reach the owner, the newest value wins live, nothing is lost for files."""

from __future__ import annotations

import threading
import time

import pytest

from app.pipeline.rate import Rate
from app.pipeline.worker import Ahead, Slot, Worker


def affectcam_threads():
    return [thread for thread in threading.enumerate() if thread.name.startswith("affectcam-")]


def test_a_workers_failure_is_kept_for_its_owner():
    called = threading.Event()
    worker = Worker("w", lambda: 1 / 0, on_failure=called.set)
    worker.start()
    assert worker.join(5)
    assert isinstance(worker.failure, ZeroDivisionError)
    assert called.is_set()


def test_a_slot_keeps_only_the_newest():
    slot = Slot()
    for value in "abc":
        slot.put(value)
    version, value = slot.wait_newer(0)
    assert (version, value) == (3, "c")
    slot.close()
    assert slot.wait_newer(version) is None


def test_a_closed_slot_wakes_a_waiting_taker():
    slot = Slot()
    got = []
    thread = threading.Thread(target=lambda: got.append(slot.wait_newer(0)))
    thread.start()
    slot.close()
    thread.join(5)
    assert got == [None]


def test_running_ahead_keeps_everything_in_order():
    with Ahead(range(500), depth=3, name="test") as values:
        assert list(values) == list(range(500))
    assert not affectcam_threads()


def test_a_failure_ahead_is_raised_after_the_values_before_it():
    def failing():
        yield from (1, 2)
        raise OSError("the disk is gone")

    with Ahead(failing(), depth=2, name="test") as values:
        assert [next(values), next(values)] == [1, 2]
        with pytest.raises(OSError, match="the disk is gone"):
            next(values)
    assert not affectcam_threads()


def test_leaving_early_stops_the_thread_and_does_not_run_on():
    made = []

    def endless():
        for value in range(10**9):
            made.append(value)
            yield value

    with Ahead(endless(), depth=4, name="test") as values:
        assert next(values) == 0
    assert not affectcam_threads()
    count = len(made)
    time.sleep(0.05)
    assert len(made) == count <= 8


def test_an_interrupt_while_the_thread_starts_leaves_no_thread(monkeypatch):
    start = Worker.start

    def interrupted(self):
        start(self)
        raise KeyboardInterrupt

    monkeypatch.setattr(Worker, "start", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Ahead(iter(range(10**9)), depth=2, name="test").__enter__()
    assert not affectcam_threads()


def test_a_thread_that_starts_after_the_end_touches_nothing():
    touched = []

    def values():
        touched.append(1)
        yield 1

    late = Ahead(values(), depth=2, name="test")
    late.__exit__()
    late._worker.start()
    assert late._worker.join(5)
    assert not touched


def test_a_rate_is_events_per_second_of_the_last_two():
    now = [0.0]
    rate = Rate(clock=lambda: now[0])
    assert rate.per_second() == 0
    for _ in range(40):
        now[0] += 0.1
        rate.count()
    assert rate.per_second() == pytest.approx(10)
    now[0] += 5
    assert rate.per_second() == 0
