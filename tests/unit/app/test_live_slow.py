"""A slow model makes labels older, not video slower."""

from __future__ import annotations

import time

import numpy as np
import pytest
from live_helpers import endless, runner_on, threads_left, wait_for
from pipeline_fakes import BrightnessClassifier, FixedDetector, ListSink

from model.face import Face


@pytest.fixture(autouse=True)
def no_thread_left():
    yield
    assert not threads_left()


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
