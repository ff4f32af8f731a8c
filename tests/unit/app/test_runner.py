"""Files: every frame in order, in batches; a failure reaches the caller and leaves nothing running."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from pipeline_fakes import BOX, BrightnessClassifier, FixedDetector, FrameList, ListSink

from app.config import ReadingConfig
from app.pipeline.pipeline import Pipeline, frames_at_once
from app.pipeline.runner import run_file
from model.emotions import Emotion

DARK, BRIGHT = np.full((48, 64, 3), 20, np.uint8), np.full((48, 64, 3), 230, np.uint8)
CONFIG = ReadingConfig()


@pytest.fixture(autouse=True)
def no_thread_left():
    yield
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("affectcam-")]


@pytest.mark.parametrize("drawing", [False, True])
def test_every_frame_arrives_in_order(drawing):
    sink, classifier = ListSink(needs_drawing=drawing), BrightnessClassifier()
    with Pipeline(classifier, CONFIG, detector=FixedDetector()) as pipeline:
        summary = run_file(FrameList([DARK] * 50 + [BRIGHT] * 51), pipeline, [sink])
    assert [result.frame.index for result in sink.results] == list(range(101))
    assert [len(result.readings) for result in sink.results] == [1] * 101
    assert sink.results[0].readings[0].emotion is Emotion.SADNESS
    assert sink.results[-1].readings[0].emotion is Emotion.HAPPINESS
    assert sink.results[40].readings[0].face.box == BOX
    assert all((result.drawn is not None) == drawing for result in sink.results)
    assert (summary.frames, summary.rows, summary.tracks) == (101, 101, {1})
    assert max(classifier.batches) > 1
    assert sink.left == [None]


def test_what_is_drawn_is_a_copy_with_the_label():
    sink = ListSink()
    with Pipeline(BrightnessClassifier(), CONFIG, detector=FixedDetector()) as pipeline:
        run_file(FrameList([DARK.copy()]), pipeline, [sink])
    result = sink.results[0]
    assert (result.frame.pixels == 20).all()
    assert (result.drawn != result.frame.pixels).any()


def test_frames_without_a_face_have_no_readings():
    sink = ListSink(needs_drawing=False)
    with Pipeline(BrightnessClassifier(), CONFIG, detector=FixedDetector(box=None)) as pipeline:
        summary = run_file(FrameList([DARK] * 5), pipeline, [sink])
    assert [result.readings for result in sink.results] == [()] * 5
    assert (summary.frames, summary.frames_with_face, summary.rows) == (5, 0, 0)


@pytest.mark.parametrize("drawing", [False, True])
def test_a_failing_stage_is_raised_and_the_sink_told(drawing):
    sink = ListSink(needs_drawing=drawing)
    with (
        Pipeline(BrightnessClassifier(), CONFIG, detector=FixedDetector(fail_at=30)) as pipeline,
        pytest.raises(RuntimeError, match="the detector broke"),
    ):
        run_file(FrameList([DARK] * 100), pipeline, [sink])
    assert sink.left == [RuntimeError]


@pytest.mark.parametrize("drawing", [False, True])
def test_a_failing_sink_is_raised_and_every_sink_told(drawing):
    whole, broken = ListSink(needs_drawing=drawing), ListSink(fail_at=3)
    with (
        Pipeline(BrightnessClassifier(), CONFIG, detector=FixedDetector()) as pipeline,
        pytest.raises(OSError, match="the sink broke"),
    ):
        run_file(FrameList([DARK] * 100), pipeline, [whole, broken])
    assert whole.left == [OSError] == broken.left


def test_an_interrupt_stops_everything():
    sink = ListSink()

    def interrupt(summary):
        if summary.frames == 20:
            raise KeyboardInterrupt

    with (
        Pipeline(BrightnessClassifier(), CONFIG, detector=FixedDetector()) as pipeline,
        pytest.raises(KeyboardInterrupt),
    ):
        run_file(FrameList([DARK], endless=True), pipeline, [sink], tick=interrupt)
    assert sink.left == [KeyboardInterrupt]
    assert len(sink.results) == 20


def test_an_interrupt_while_a_sink_opens_reaches_that_sink_too():
    class Interrupted(ListSink):
        def __enter__(self):
            raise KeyboardInterrupt

    first, second = ListSink(), Interrupted()
    with (
        Pipeline(BrightnessClassifier(), CONFIG, detector=FixedDetector()) as pipeline,
        pytest.raises(KeyboardInterrupt),
    ):
        run_file(FrameList([DARK]), pipeline, [first, second])
    assert first.left == [KeyboardInterrupt] == second.left


def test_the_pipeline_closes_its_detector():
    detector = FixedDetector()
    with Pipeline(BrightnessClassifier(), CONFIG, detector=detector):
        pass
    assert detector.closed == 1


@pytest.mark.parametrize(
    ("size", "most", "expected"),
    [((1280, 720), 12, 12), ((3840, 2160), 12, 10), ((7680, 4320), 12, 2), ((1, 1), 8, 8), ((30000, 30000), 12, 2)],
)
def test_fewer_frames_wait_where_they_are_large(size, most, expected):
    assert frames_at_once(size[0] * size[1] * 3, most) == expected
