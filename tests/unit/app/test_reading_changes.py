"""The reading may be changed while it runs: at once, whole, and with as much memory kept as makes sense."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from pipeline_fakes import CARD, FixedDetector

from app.config import ReadingConfig
from app.pipeline.calibrate import Calibration
from app.pipeline.pipeline import Pipeline
from app.types import Face, Frame
from model.classifier import Prediction
from model.emotions import Emotion, derive_valence_arousal

PICTURE = np.full((480, 640, 3), 120, np.uint8)
LARGE, SMALL = (250.0, 150.0, 400.0, 300.0), (20.0, 20.0, 60.0, 60.0)


class TwoFaces(FixedDetector):
    """Finds a large face in the middle and a small one at the edge."""

    def detect(self, pixels, time_s):
        return [Face(box=box, score=0.9, keypoints=np.zeros((6, 2), np.float32)) for box in (LARGE, SMALL)]


class Fixed:
    """Reads every face as one emotion."""

    provider = "FakeProvider"
    gives_attention = True

    def __init__(self, emotion, confidence=0.86, *, name="fake", learned=False, delay_s=0.0):
        self.card = replace(CARD, name=name, valence_arousal="learned" if learned else "derived")
        self.scores = np.full(8, (1 - confidence) / 7, np.float32)
        self.scores[emotion] = confidence
        self.delay_s, self.asked = delay_s, []

    def read(self, crops, *, attention=False):
        time.sleep(self.delay_s)
        self.asked.append(attention)
        n = len(crops)
        maps = np.tile(np.arange(9, dtype=np.float32).reshape(1, 3, 3), (n, 1, 1)) if attention else None
        both = np.tile(np.float32([[0.5, -0.5]]), (n, 1))
        return Prediction(scores=np.tile(self.scores, (n, 1)), valence_arousal=both, attention=maps)


CONFIG = ReadingConfig()


def pipeline_of(classifier, config=CONFIG, **named):
    return Pipeline(classifier, config, detector=named.pop("detector", TwoFaces()))


def play(pipeline, seconds, *, start_s=0.0, fps=30):
    """The readings of the last frame."""
    for place in range(max(1, round(seconds * fps))):
        frame = Frame(pixels=PICTURE, time_s=start_s + place / fps, index=place)
        (readings,) = pipeline.read([(frame, pipeline.find(frame))])
    return readings


def test_whose_faces_switches_at_once_and_ids_stay():
    pipeline = pipeline_of(Fixed(Emotion.ANGER))
    assert [reading.track for reading in play(pipeline, 0.5)] == [1, 2]
    pipeline.change(replace(CONFIG, faces="main"))
    assert [reading.track for reading in play(pipeline, 0, start_s=0.5)] == [1]
    pipeline.change(replace(CONFIG, faces="all"))
    assert [reading.track for reading in play(pipeline, 0, start_s=0.6)] == [1, 2]


def test_the_main_face_says_so_whoever_is_read():
    pipeline = pipeline_of(Fixed(Emotion.ANGER))
    assert [reading.main for reading in play(pipeline, 0.1)] == [True, False]
    pipeline.change(replace(CONFIG, faces="main"))
    assert [reading.main for reading in play(pipeline, 0, start_s=0.2)] == [True]


def test_another_smoothing_keeps_what_was_seen():
    pipeline = pipeline_of(Fixed(Emotion.ANGER), replace(CONFIG, smoothing_s=1.0))
    play(pipeline, 2)
    weak = Fixed(Emotion.FEAR, 0.3)
    pipeline.classifier.scores[:] = weak.scores
    pipeline.change(replace(CONFIG, smoothing_s=3.0))
    shown = play(pipeline, 0, start_s=2)[0]
    assert shown.emotion is Emotion.ANGER
    assert shown.confidence > 0.8


def test_another_model_begins_afresh_with_the_same_tracks():
    pipeline = pipeline_of(Fixed(Emotion.ANGER))
    play(pipeline, 2)
    pipeline.change(CONFIG, Fixed(Emotion.HAPPINESS))
    shown = play(pipeline, 0, start_s=2)
    assert [(reading.track, reading.emotion) for reading in shown] == [(1, Emotion.HAPPINESS), (2, Emotion.HAPPINESS)]
    assert shown[0].scores[Emotion.HAPPINESS] == pytest.approx(0.86, abs=1e-5)


def test_the_same_model_again_keeps_what_was_seen():
    classifier = Fixed(Emotion.ANGER)
    pipeline = pipeline_of(classifier)
    play(pipeline, 2)
    classifier.scores[:] = Fixed(Emotion.HAPPINESS).scores
    pipeline.change(CONFIG, classifier)
    assert play(pipeline, 0, start_s=2)[0].emotion is Emotion.ANGER


def test_below_the_confidence_asked_for_a_reading_is_not_sure_but_says_the_same():
    pipeline = pipeline_of(Fixed(Emotion.ANGER, 0.5))
    before = play(pipeline, 0.2)[0]
    assert before.sure
    pipeline.change(replace(CONFIG, min_confidence=0.6))
    after = play(pipeline, 0, start_s=0.2)[0]
    assert not after.sure
    assert (after.emotion, after.confidence) == (before.emotion, pytest.approx(before.confidence, abs=1e-6))


def test_attention_comes_when_it_is_asked_for_and_goes_again():
    classifier = Fixed(Emotion.ANGER)
    pipeline = pipeline_of(classifier)
    assert play(pipeline, 0)[0].attention is None
    pipeline.ask_attention = True
    assert play(pipeline, 0, start_s=0.1)[1].attention.tolist() == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
    pipeline.ask_attention = False
    assert play(pipeline, 0, start_s=0.2)[0].attention is None
    assert classifier.asked == [False, True, False]


def test_a_model_without_attention_is_not_asked_for_it():
    classifier = Fixed(Emotion.ANGER)
    classifier.gives_attention = False
    pipeline = pipeline_of(classifier)
    pipeline.ask_attention = True
    assert play(pipeline, 0)[0].attention is None
    assert classifier.asked == [False]


def test_a_map_for_another_emotion_than_the_label_is_not_shown():
    classifier = Fixed(Emotion.ANGER)
    pipeline = pipeline_of(classifier)
    pipeline.ask_attention = True
    play(pipeline, 1)
    classifier.scores[:] = Fixed(Emotion.FEAR).scores
    held = play(pipeline, 0, start_s=1)[0]
    assert held.emotion is Emotion.ANGER
    assert held.attention is None
    assert play(pipeline, 1, start_s=1.1)[0].attention is not None


def calibration_of(emotion, nats=2.0, model="fake"):
    bias = np.zeros(8, np.float32)
    bias[emotion] = nats
    return Calibration(bias=bias, model=model)


def test_a_calibration_is_applied_to_the_main_face_alone_before_smoothing():
    pipeline = pipeline_of(Fixed(Emotion.ANGER, 0.5))
    pipeline.calibration = calibration_of(Emotion.ANGER)
    mine, others = play(pipeline, 0.5)
    assert mine.scores[Emotion.ANGER] == pytest.approx(0.5 * np.exp(-2) / (0.5 * np.exp(-2) + 0.5), abs=1e-4)
    assert others.scores[Emotion.ANGER] == pytest.approx(0.5, abs=1e-4)
    assert (mine.valence, mine.arousal) == pytest.approx(tuple(derive_valence_arousal(mine.scores)), abs=1e-6)
    assert mine.valence > others.valence
    pipeline.calibration = None
    assert play(pipeline, 3, start_s=0.5)[0].scores[Emotion.ANGER] == pytest.approx(0.5, abs=1e-3)


def test_a_calibration_leaves_learned_valence_and_arousal_as_they_are():
    pipeline = pipeline_of(Fixed(Emotion.ANGER, learned=True))
    pipeline.calibration = calibration_of(Emotion.ANGER)
    reading = play(pipeline, 0.2)[0]
    assert (reading.valence, reading.arousal) == pytest.approx((0.5, -0.5), abs=1e-6)


def test_a_calibration_of_another_model_rests_until_its_model_is_back():
    pipeline = pipeline_of(Fixed(Emotion.ANGER, 0.5))
    pipeline.calibration = calibration_of(Emotion.ANGER)
    pipeline.change(CONFIG, Fixed(Emotion.ANGER, 0.5, name="other"))
    assert play(pipeline, 0)[0].scores[Emotion.ANGER] == pytest.approx(0.5, abs=1e-4)
    pipeline.change(CONFIG, Fixed(Emotion.ANGER, 0.5))
    assert play(pipeline, 0, start_s=0.1)[0].scores[Emotion.ANGER] < 0.2


def test_no_frame_sees_half_a_change():
    """Two ways of reading that differ in everything take turns as fast as they can, from two threads."""
    mine = (replace(CONFIG, faces="main", min_confidence=0.9, smoothing_s=0), Fixed(Emotion.SADNESS, 0.86))
    all_ = (replace(CONFIG, faces="all", min_confidence=0.5, smoothing_s=0), Fixed(Emotion.HAPPINESS, 0.6))
    pipeline = pipeline_of(mine[1], mine[0])
    over, found = threading.Event(), []

    def swap():
        place = 0
        while not over.is_set():
            pipeline.change(*(mine, all_)[place % 2])
            pipeline.ask_attention = bool(place % 3)
            place += 1

    def find():
        place = 0
        while not over.is_set():
            frame = Frame(pixels=PICTURE, time_s=place / 30, index=place)
            found[:] = [(frame, pipeline.find(frame))]
            place += 1

    threads = [threading.Thread(target=work) for work in (swap, swap, find)]
    for thread in threads:
        thread.start()
    seen = set()
    try:
        until = time.monotonic() + 1.0
        while time.monotonic() < until:
            for readings in pipeline.read(list(found)):
                seen.add(tuple((reading.emotion, reading.sure) for reading in readings))
                assert len({reading.attention is None for reading in readings}) == 1
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert seen == {((Emotion.SADNESS, False),), ((Emotion.HAPPINESS, True),) * 2}
