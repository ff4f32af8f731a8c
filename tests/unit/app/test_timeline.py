"""Timeline: a picture with a band per face, in the emotions' colours at their times."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from app.sinks.timeline import MOST_POINTS, TimelineSink, _in_one, _thinned
from app.types import Face, Frame, FrameResult, Reading
from model.emotions import Emotion

PICTURE = np.zeros((4, 4, 3), np.uint8)
FACE = Face(box=(0, 0, 1, 1), score=0.9, keypoints=np.zeros((6, 2), np.float32))


def result(time_s, emotions):
    readings = tuple(
        Reading(
            track=track, face=FACE, scores=np.eye(8, dtype=np.float32)[emotion], emotion=emotion, valence=0, arousal=0
        )
        for track, emotion in emotions.items()
    )
    return FrameResult(frame=Frame(pixels=PICTURE, time_s=time_s, index=0), readings=readings)


def picture(path, results):
    with TimelineSink(path, "talk.mp4") as sink:
        for each in results:
            sink.write(each)
    return cv2.imread(str(path))


def shares(pixels, emotion):
    """Share of each column of the picture that has the emotion's colour."""
    return (np.abs(pixels.astype(int) - emotion.colour).max(axis=2) <= 4).mean(axis=0)


def test_colours_stand_where_the_emotions_were(tmp_path):
    results = [result(i / 10, {1: Emotion.ANGER if i < 50 else Emotion.SURPRISE}) for i in range(100)]
    pixels = picture(tmp_path / "x.png", results)
    anger = np.flatnonzero(shares(pixels, Emotion.ANGER) > 0.3)
    surprise = np.flatnonzero(shares(pixels, Emotion.SURPRISE) > 0.3)
    assert len(anger) > 400
    assert len(surprise) > 400
    assert anger.max() <= surprise.min() + 15


def test_each_face_has_its_band(tmp_path):
    one = picture(tmp_path / "one.png", [result(i / 10, {1: Emotion.FEAR}) for i in range(20)])
    two = picture(tmp_path / "two.png", [result(i / 10, {1: Emotion.FEAR, 2: Emotion.FEAR}) for i in range(20)])
    assert two.shape[0] > one.shape[0] + 100


def test_nobody_and_a_single_frame_give_a_picture_too(tmp_path):
    assert picture(tmp_path / "none.png", [result(0.0, {})]) is not None
    assert picture(tmp_path / "single.png", [result(0.0, {1: Emotion.FEAR})]) is not None


def test_long_films_are_thinned_to_means():
    times, scores = np.arange(100_000) / 30, np.tile(np.eye(8, dtype=np.float32), (12_500, 1))
    at, means = _thinned(times, scores)
    assert len(at) == len(means) == MOST_POINTS
    assert (np.diff(at) > 0).all()
    assert means.sum(axis=1) == pytest.approx(1)


def test_gaps_are_left_free(tmp_path):
    pixels = picture(tmp_path / "x.png", [result(i / 10, {1: Emotion.FEAR}) for i in range(100) if not 40 <= i < 60])
    fear = np.flatnonzero(shares(pixels, Emotion.FEAR) > 0.3)
    (gap,) = np.flatnonzero(np.diff(fear) > 20)
    assert (fear[gap] - fear[0]) / (fear[-1] - fear[0]) == pytest.approx(3.9 / 9.9, abs=0.01)
    assert (fear[gap + 1] - fear[0]) / (fear[-1] - fear[0]) == pytest.approx(6.0 / 9.9, abs=0.01)


def test_thousands_of_gaps_are_drawn_in_one_go(monkeypatch, tmp_path):
    plots = []
    monkeypatch.setattr("matplotlib.axes.Axes.stackplot", lambda axes, at, *_, **__: plots.append(at))
    picture(tmp_path / "x.png", [result(float(i), {1: Emotion.FEAR}) for i in range(2001)])
    (at,) = plots
    assert len(at) == 3 * 2001


def test_gaps_that_cannot_be_seen_are_not_drawn():
    times = np.arange(100_000) * 0.6
    at, heights = _in_one(times, np.full((100_000, 8), 0.125, np.float32), 0.0)
    assert len(at) == MOST_POINTS + 1
    assert np.isnan(heights).any(axis=1).sum() == 1


def test_a_failure_leaves_nothing(tmp_path):
    def broken():
        yield result(0.0, {1: Emotion.FEAR})
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        picture(tmp_path / "x.png", broken())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", [r"a$\foo{$b.mp4", "a\x1b[2J\x07.mp4", "講演.mp4", "bad\udce9.mp4"])
def test_any_name_gives_a_picture_and_no_warning(name, tmp_path, recwarn):
    with TimelineSink(tmp_path / "x.png", name) as sink:
        sink.write(result(0.0, {1: Emotion.FEAR}))
    assert cv2.imread(str(tmp_path / "x.png")) is not None
    assert [str(each.message) for each in recwarn] == []
