"""The label on real faces: steady while a face is, and another within half a second when the expression changes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from skimage.data import astronaut

from app.capture.open import open_source
from app.config import ReadingConfig
from app.pipeline.pipeline import Pipeline
from app.types import Frame
from model.classifier import Classifier
from model.emotions import Emotion

CLIPS = ("again", "thanks", "eat", "night")


@pytest.fixture(scope="module")
def classifier():
    return Classifier.load("compact", backend="onnx", threads=1)


@pytest.fixture(scope="module")
def pictures(shared_folder):
    """The frames of each clip, in order."""
    clips = {name: shared_folder / "clips" / f"{name}.mkv" for name in CLIPS}
    if absent := [clip.name for clip in clips.values() if not clip.is_file()]:
        pytest.skip(f"../shared/clips lacks {', '.join(absent)}")
    return {name: [frame.pixels.copy() for frame in open_source(str(clip))] for name, clip in clips.items()}


def labels_of(classifier, shown, *, fps=30.0):
    """The label of each picture by the default smoothing; None where there is no face."""
    frames = (Frame(pixels=pixels, time_s=place / fps, index=place) for place, pixels in enumerate(shown))
    with Pipeline(classifier, ReadingConfig(faces="main")) as pipeline:
        return [result.readings[0].emotion if result.readings else None for result in pipeline.results(frames)]


def changes(labels):
    return sum(a is not b for a, b in itertools.pairwise(labels))


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if name == "again" else ()) for name in CLIPS]
)
def test_a_steady_face_keeps_its_label(classifier, pictures, name):
    shown = pictures[name][21 if name == "eat" else 0 :]  # that one begins with a smile that goes
    to_and_fro = [*shown, *shown[-2:0:-1]] * 2
    labels = labels_of(classifier, to_and_fro)
    minutes = len(labels) / 30 / 60
    assert changes(labels) <= 4 * minutes
    assert set(labels) == {Emotion.NEUTRAL}


def test_a_smile_that_goes_is_one_change(classifier, pictures):
    labels = labels_of(classifier, pictures["eat"])
    assert labels[0] is Emotion.HAPPINESS
    assert labels[-1] is Emotion.NEUTRAL
    assert changes(labels) == 1


@pytest.mark.parametrize("fps", [10.0, 30.0])
def test_a_change_of_expression_shows_within_half_a_second(classifier, pictures, fps):
    smiling, at_rest = pictures["eat"][0], pictures["again"][30]
    shown = [smiling] * round(2 * fps) + [at_rest] * round(2 * fps) + [smiling] * round(2 * fps)
    labels = labels_of(classifier, shown, fps=fps)
    assert changes(labels) == 2
    for cut, emotion in ((2, Emotion.NEUTRAL), (4, Emotion.HAPPINESS)):
        changed_s = next(place for place in range(round(cut * fps), len(labels)) if labels[place] is emotion) / fps
        assert 0 < changed_s - cut <= 0.5


def test_another_person_with_another_expression_shows_within_half_a_second(classifier, pictures):
    at_rest, smiling = pictures["night"][10], np.zeros((480, 640, 3), np.uint8)
    smiling[:, 64:576] = astronaut()[:480, :, ::-1]
    labels = labels_of(classifier, [at_rest] * 60 + [smiling] * 60)
    assert labels[59] is Emotion.NEUTRAL
    assert labels[60 + 15] is Emotion.HAPPINESS
