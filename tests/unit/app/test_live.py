"""Live: newest frame, one picture per tick; a slow model makes labels older, not video slower."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
from pipeline_fakes import BrightnessClassifier, FixedDetector, FrameList, ListSink

from app.config import ReadingConfig
from app.pipeline.live import LiveRunner
from app.pipeline.look import Look
from app.pipeline.pipeline import Pipeline
from model.emotions import Emotion
from model.face import Face

BRIGHT = np.full((48, 64, 3), 230, np.uint8)
HALVES = np.hstack([np.full((48, 32, 3), 230, np.uint8), np.full((48, 32, 3), 30, np.uint8)])
CONFIG = ReadingConfig()


@pytest.fixture(autouse=True)
def no_thread_left():
    yield
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("affectcam-")]


def endless(picture=BRIGHT, fps=60.0):
    return FrameList([picture], fps=fps, live=True, endless=True)


def runner_on(source, *, detector=None, classifier=None, **named):
    pipeline = Pipeline(classifier or BrightnessClassifier(), CONFIG, detector=detector or FixedDetector())
    return LiveRunner(source, pipeline, **named)


def wait_for(condition, timeout_s=10.0):
    until = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.01)


def test_a_labelled_picture_reaches_the_sink():
    sink, runner = ListSink(), runner_on(endless())
    runner.add_sink(sink)
    runner.start()
    try:
        wait_for(lambda: sink.results and sink.results[-1].readings)
    finally:
        runner.stop()
    result = sink.results[-1]
    assert result.readings[0].emotion is Emotion.HAPPINESS
    assert (result.drawn != BRIGHT).any()
    assert sink.left == [None]


def test_one_picture_per_tick():
    sink, runner = ListSink(), runner_on(endless(fps=100.0), fps=25.0)
    runner.add_sink(sink)
    started = time.monotonic()
    runner.start()
    try:
        wait_for(lambda: len(sink.results) >= 25)
        took = time.monotonic() - started
    finally:
        runner.stop()
    assert 0.9 <= took <= 2.0  # 25 ticks of 40 ms, and a slow machine


def test_a_slow_model_does_not_slow_the_video():
    sink = ListSink()
    runner = runner_on(endless(), classifier=BrightnessClassifier(delay_s=0.4), fps=30.0)
    runner.add_sink(sink)
    runner.start()
    try:
        wait_for(lambda: sink.results and sink.results[-1].readings)
        before, since = len(sink.results), time.monotonic()
        time.sleep(0.8)
        rate = (len(sink.results) - before) / (time.monotonic() - since)
    finally:
        runner.stop()
    assert rate > 15  # the classifier alone would allow 2.5
    assert runner.status().reading_fps < 5


def test_a_slow_detector_does_not_slow_the_video():
    sink, runner = ListSink(), runner_on(endless(), detector=FixedDetector(delay_s=0.4), fps=30.0)
    runner.add_sink(sink)
    runner.start()
    try:
        wait_for(lambda: len(sink.results) > 20, 3.0)
    finally:
        runner.stop()


class AgeSink(ListSink):
    """Notes how old each picture was when it was sent, and when that was."""

    def __init__(self):
        super().__init__()
        self.sent = []

    def write(self, result):
        super().write(result)
        now = time.monotonic()
        self.sent.append((now, now - result.frame.time_s))


def test_a_machine_that_slows_down_in_mid_call_shows_older_labels_not_older_pictures():
    sink, detector, classifier = AgeSink(), FixedDetector(delay_s=0.01), BrightnessClassifier(delay_s=0.01)
    runner = runner_on(endless(), detector=detector, classifier=classifier, fps=30.0)
    runner.add_sink(sink)
    runner.start()
    try:
        wait_for(lambda: sink.results and sink.results[-1].readings)
        time.sleep(0.5)
        detector.delay_s, classifier.delay_s = 0.25, 0.25
        slowed_s, read = time.monotonic(), len(classifier.batches)
        time.sleep(1.5)
        detector.delay_s, classifier.delay_s = 0.01, 0.01
        quick_again_s, read_slowly = time.monotonic(), len(classifier.batches) - read
        wait_for(lambda: len(classifier.batches) > read + read_slowly + 10)
    finally:
        runner.stop()
    ages = [age for at_s, age in sink.sent if slowed_s <= at_s < quick_again_s]
    assert read_slowly <= 7
    assert len(ages) > 20  # 45 on an idle machine; the model alone would allow six
    assert sorted(ages)[len(ages) // 2] < 0.1
    assert all(result.readings for result in sink.results[-len(ages) :])


def test_mirroring_flips_the_picture_and_not_the_text():
    sinks = {}
    for mirror in (False, True):
        sinks[mirror] = ListSink()
        runner = runner_on(endless(HALVES), detector=FixedDetector(box=None))
        runner.add_sink(sinks[mirror], Look(mirror=mirror))
        runner.start()
        wait_for(lambda sink=sinks[mirror]: sink.results)
        runner.stop()
    assert (sinks[False].results[0].drawn == HALVES).all()
    assert (sinks[True].results[0].drawn == HALVES[:, ::-1]).all()


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


def test_sinks_come_and_go_while_it_runs():
    first, second = ListSink(), ListSink()
    runner = runner_on(endless())
    runner.add_sink(first)
    runner.start()
    try:
        wait_for(lambda: first.results)
        runner.add_sink(second)
        wait_for(lambda: second.results)
        runner.remove_sink(second)
        assert second.left == [None]
        count = len(second.results)
        time.sleep(0.1)
        assert len(second.results) <= count + 1  # the tick under way
        assert runner.running
    finally:
        runner.stop()


def test_a_sink_is_never_closed_while_it_is_written_to():
    class Slow(ListSink):
        def write(self, result):
            time.sleep(0.02)
            assert not self.left, "closed under a write"
            super().write(result)

    runner = runner_on(endless())
    runner.start()
    try:
        for _ in range(10):
            sink = Slow()
            runner.add_sink(sink)
            wait_for(lambda sink=sink: sink.results)
            runner.remove_sink(sink)
            assert sink.left == [None]
    finally:
        runner.stop()


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


def test_each_sink_sees_the_picture_in_its_own_look_and_can_change_it():
    plain, turned = ListSink(), ListSink()
    runner = runner_on(endless(HALVES), detector=FixedDetector(box=None))
    runner.add_sink(plain)
    runner.add_sink(turned, Look(mirror=True))
    runner.start()
    try:
        wait_for(lambda: plain.results and turned.results)
        assert (plain.results[-1].drawn == HALVES).all()
        assert (turned.results[-1].drawn == HALVES[:, ::-1]).all()
        runner.set_look(turned, Look())
        wait_for(lambda: (turned.results[-1].drawn == HALVES).all())
    finally:
        runner.stop()


def test_a_paused_reading_says_nothing_and_the_video_goes_on():
    sink, classifier = ListSink(), BrightnessClassifier()
    runner = runner_on(endless(), classifier=classifier)
    runner.add_sink(sink)
    runner.start()
    try:
        wait_for(lambda: sink.results and sink.results[-1].readings)
        runner.reading = False
        wait_for(lambda: not sink.results[-1].readings)
        time.sleep(0.1)  # what was under way
        batches, sent = len(classifier.batches), len(sink.results)
        wait_for(lambda: len(sink.results) > sent + 5)
        assert len(classifier.batches) == batches
        assert not sink.results[-1].readings
        runner.reading = True
        wait_for(lambda: sink.results[-1].readings)
    finally:
        runner.stop()


def test_frozen_it_sends_the_picture_of_that_moment_on_and_on():
    source = FrameList(
        [np.full((48, 64, 3), level, np.uint8) for level in range(200)], fps=60.0, live=True, endless=True
    )
    sink, runner = ListSink(), runner_on(source)
    runner.add_sink(sink)
    runner.start()
    try:
        wait_for(lambda: len(sink.results) > 3)
        runner.frozen = True
        wait_for(lambda: len(sink.results) > 4 and sink.results[-1].frame.pixels is sink.results[-2].frame.pixels)
        held, sent = sink.results[-1].frame, len(sink.results)
        wait_for(lambda: len(sink.results) > sent + 5)
        assert {result.frame.pixels[0, 0, 0] for result in sink.results[sent:]} == {held.pixels[0, 0, 0]}
        assert sink.results[-1].frame.index > held.index  # time goes on: a stalled source looks otherwise
        runner.frozen = False
        wait_for(lambda: sink.results[-1].frame.pixels[0, 0, 0] != held.pixels[0, 0, 0])
    finally:
        runner.stop()


def test_a_source_that_stalls_is_sent_again():
    class Stalling(FrameList):
        def __iter__(self):
            yield next(iter(FrameList([BRIGHT], live=True)))
            self.closed.wait(20)

    sink, runner = ListSink(), runner_on(Stalling([BRIGHT]))
    runner.add_sink(sink)
    runner.start()
    try:
        wait_for(lambda: len(sink.results) > 5)
        assert {result.frame.index for result in sink.results} == {0}
    finally:
        runner.stop()


def test_a_machine_that_needs_seconds_for_a_reading_shows_it_all_the_same(monkeypatch):
    monkeypatch.setattr("app.pipeline.live.STALE_AFTER_S", 0.1)
    sink = ListSink()
    runner = runner_on(endless(), classifier=BrightnessClassifier(delay_s=0.4))
    runner.add_sink(sink)
    runner.start()
    try:
        wait_for(lambda: sink.results and sink.results[-1].readings)
        count = len(sink.results)
        wait_for(lambda: len(sink.results) > count + 40)  # over half a second: more than one reading
        assert all(result.readings for result in sink.results[count:])
    finally:
        runner.stop()


class CrowdDetector:
    """Finds the same thirty faces in every picture."""

    def detect(self, pixels, time_s):
        corners = [(x, y) for y in range(3) for x in range(10)]
        points = np.zeros((6, 2), np.float32)
        return [Face(box=(6 * x, 16 * y, 6 * x + 5, 16 * y + 12), score=0.9, keypoints=points) for x, y in corners]

    def close(self):
        pass


class CostlyFaces(BrightnessClassifier):
    """Each face takes a hundredth of a second."""

    def read(self, crops):
        time.sleep(0.01 * len(crops))
        return super().read(crops)


def test_of_a_crowd_some_are_read_at_a_time_all_are_shown_and_the_status_says_so():
    sink, classifier = ListSink(), CostlyFaces()
    runner = runner_on(endless(fps=30.0), detector=CrowdDetector(), classifier=classifier)
    runner.add_sink(sink)
    runner.start()
    try:
        wait_for(lambda: len(classifier.batches) > 6)
        status = runner.status()
    finally:
        runner.stop()
    assert status.faces == 30
    assert 4 <= status.read_at_once <= 11
    assert classifier.batches[0] == 30  # how long a face takes is not known before
    assert all(faces <= 12 for faces in classifier.batches[2:])  # and the main one
    assert len(sink.results[-1].readings) == 30


def test_pictures_that_were_not_sent_are_counted():
    sink, runner = ListSink(), runner_on(endless(fps=200.0), fps=20.0)
    runner.add_sink(sink)
    runner.start()
    try:
        wait_for(lambda: len(sink.results) > 5)
    finally:
        status = runner.status()
        runner.stop()
    sent = {result.frame.index for result in sink.results}
    assert status.left_out > 5
    assert abs(status.left_out + len(sent) - 1 - max(sent)) <= 1
