"""Subtitles: one cue per stretch of one label, at the frames' own times."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pysubs2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sinks.subtitles import SubtitleSink
from app.types import Face, Frame, FrameResult, Reading
from model.emotions import Emotion

PICTURE = np.zeros((4, 4, 3), np.uint8)
FACE = Face(box=(0, 0, 1, 1), score=0.9, keypoints=np.zeros((6, 2), np.float32))
HAPPY, SAD, NEUTRAL = Emotion.HAPPINESS, Emotion.SADNESS, Emotion.NEUTRAL


def result(time_s, emotions):
    readings = tuple(
        Reading(
            track=track, face=FACE, scores=np.eye(8, dtype=np.float32)[emotion], emotion=emotion, valence=0, arousal=0
        )
        for track, emotion in emotions.items()
    )
    return FrameResult(frame=Frame(pixels=PICTURE, time_s=time_s, index=0), readings=readings)


def cues(path, results, fps=10.0):
    with SubtitleSink(path, fps, overwrite=True) as sink:
        for each in results:
            sink.write(each)
    return [(cue.start, cue.end, cue.text) for cue in pysubs2.load(str(path), format_="srt")]


def test_a_cue_lasts_as_long_as_its_label(tmp_path):
    shown = [{1: HAPPY}] * 5 + [{1: SAD}] * 3 + [{}] * 2 + [{1: SAD}] * 2
    assert cues(tmp_path / "x.srt", [result(i / 10, each) for i, each in enumerate(shown)]) == [
        (0, 500, "happiness"),
        (500, 800, "sadness"),
        (1000, 1200, "sadness"),
    ]


def test_several_faces_have_a_line_each(tmp_path):
    made = cues(tmp_path / "x.srt", [result(0.0, {1: HAPPY, 3: NEUTRAL}), result(0.1, {3: NEUTRAL})])
    assert made == [(0, 100, r"face 1: happiness\Nface 3: neutral"), (100, 200, "neutral")]


def test_uneven_times_are_kept(tmp_path):
    made = cues(tmp_path / "x.srt", [result(1.5, {1: HAPPY}), result(3661.25, {1: SAD})])
    assert made == [(1500, 3661250, "happiness"), (3661250, 3661350, "sadness")]
    assert "01:01:01,250 --> 01:01:01,350" in (tmp_path / "x.srt").read_text()


def test_nobody_gives_an_empty_file(tmp_path):
    assert cues(tmp_path / "x.srt", [result(0.0, {})]) == []
    assert (tmp_path / "x.srt").read_text() == ""


@given(st.lists(st.sampled_from([None, HAPPY, SAD, NEUTRAL]), max_size=30))
def test_cues_never_overlap_and_cover_every_reading(tmp_path_factory, labels):
    path = tmp_path_factory.mktemp("srt") / "x.srt"
    made = cues(path, [result(i / 10, {} if label is None else {1: label}) for i, label in enumerate(labels)])
    assert all(before[1] <= after[0] for before, after in pairwise(made))
    for i, label in enumerate(labels):
        showing = [text for start, end, text in made if start <= i * 100 < end]
        assert showing == ([] if label is None else [label.label])


def test_a_failure_leaves_nothing(tmp_path):
    def broken():
        yield result(0.0, {1: HAPPY})
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        cues(tmp_path / "x.srt", broken())
    assert list(tmp_path.iterdir()) == []


def test_times_beyond_what_subtitles_can_say_are_their_end(tmp_path):
    """A damaged file may state years."""
    last = 100 * 3600 * 1000 - 1
    assert cues(tmp_path / "a.srt", [result(0, {1: HAPPY}), result(1e9, {1: SAD}), result(2e9, {1: SAD})]) == [
        (0, last, "happiness"),
        (last, last, "sadness"),
    ]
