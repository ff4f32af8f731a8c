"""However a live run ends, everything is released, and the first reason is told."""

from __future__ import annotations

import threading

import pytest
from live_helpers import BRIGHT, endless, runner_on, threads_left
from pipeline_fakes import FixedDetector, FrameList, ListSink


@pytest.fixture(autouse=True)
def no_thread_left():
    yield
    assert not threads_left()


def test_it_ends_with_its_source_and_says_so():
    ended = threading.Event()
    sink = ListSink()
    runner = runner_on(FrameList([BRIGHT] * 10, fps=50.0, live=True), on_end=ended.set)
    runner.add_sink(sink)
    runner.start()
    assert ended.wait(10)
    runner.stop()
    assert sink.results[-1].frame.index == 9
    assert runner.failure is None


@pytest.mark.parametrize("broken", ["detector", "sink", "source"])
def test_a_failure_stops_it_and_reaches_the_caller(broken):
    ended = threading.Event()
    source = endless()
    detector = FixedDetector(fail_at=3 if broken == "detector" else None)
    if broken == "source":

        class Unplugged(FrameList):
            def __iter__(self):
                yield from FrameList([BRIGHT] * 3, live=True)
                raise RuntimeError("the source broke")

        source = Unplugged([BRIGHT])
    runner = runner_on(source, detector=detector, on_end=ended.set)
    runner.add_sink(ListSink(fail_at=3 if broken == "sink" else None))
    runner.start()
    assert ended.wait(10)
    with pytest.raises((RuntimeError, OSError), match=f"the {broken} broke"):
        runner.stop()
    runner.stop()  # again: nothing more to say
    assert detector.closed >= 1


def test_stopping_before_starting_releases_everything():
    source, sink = endless(), ListSink()
    runner = runner_on(source)
    runner.add_sink(sink)
    runner.stop()
    assert source.closed.is_set()
    assert sink.left == [None]


def test_a_source_without_a_frame_ends_it():
    ended = threading.Event()
    source = FrameList([BRIGHT])
    source.closed.set()
    runner = runner_on(source, on_end=ended.set)
    runner.start()
    try:
        assert ended.wait(5)
        assert runner.wait(5)
    finally:
        runner.stop()


def test_everything_is_closed_whatever_fails_in_closing():
    class Stubborn(ListSink):
        def __exit__(self, kind, error, trace):
            super().__exit__(kind, error, trace)
            raise OSError("cannot be closed")

    source, detector = endless(), FixedDetector()
    closed = source.close

    def close():
        closed()
        raise OSError("the source cannot be closed")

    source.close = close
    sinks = [ListSink(), Stubborn(), ListSink()]
    runner = runner_on(source, detector=detector)
    for sink in sinks:
        runner.add_sink(sink)
    runner.start()
    with pytest.raises(OSError, match="cannot be closed"):
        runner.stop()
    assert [len(sink.left) for sink in sinks] == [1, 1, 1]
    assert detector.closed == 1


def test_the_first_failure_is_told_also_when_closing_fails():
    class Stubborn(ListSink):
        def __exit__(self, kind, error, trace):
            raise OSError("cannot be closed")

    runner = runner_on(endless(), detector=FixedDetector(fail_at=2))
    runner.add_sink(Stubborn())
    runner.start()
    assert runner.wait(5)
    with pytest.raises(RuntimeError, match="the detector broke"):
        runner.stop()


def test_it_may_be_stopped_before_it_started_from_its_own_thread_and_from_two_at_once():
    sink, source = ListSink(), endless()
    never = runner_on(source)
    never.add_sink(sink)
    never.stop()
    never.stop()
    assert source.closed.is_set()
    assert sink.left == [None]

    runner = runner_on(FrameList([BRIGHT] * 3), on_end=lambda: runner.stop())
    runner.start()
    assert runner.wait(5)
    runner.stop()

    both = runner_on(endless())
    both.start()
    threads = [threading.Thread(target=both.stop) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
        assert not thread.is_alive()
