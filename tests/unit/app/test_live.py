"""Live: newest frame, one picture per tick, for each sink in its own look."""

from __future__ import annotations

import time

import numpy as np
import pytest
from live_helpers import BRIGHT, HALVES, endless, runner_on, threads_left, wait_for
from pipeline_fakes import BrightnessClassifier, FixedDetector, FrameList, ListSink

from app.pipeline.look import Look
from model.emotions import Emotion


@pytest.fixture(autouse=True)
def no_thread_left():
    yield
    assert not threads_left()


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
