"""Calibration: what is read into a neutral face counts less, never so little that it could not be read at all."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.pipeline.calibrate import MOST, Calibration, CalibrationRun
from model.emotions import LABELS, Emotion
from model.errors import ConfigError


def scores(**named):
    """Scores with the named emotions' as given and the rest shared out."""
    values = np.full(8, (1 - sum(named.values())) / (8 - len(named)), np.float32)
    for name, value in named.items():
        values[LABELS.index(name)] = value
    return values


def watched(frames, *, fps=30.0, model="compact", **named):
    run = CalibrationRun(model=model, **named)
    for place, each in enumerate(frames):
        run.add(10.0 + place / fps, each)
    return run


SAD_AT_REST = scores(neutral=0.3, sadness=0.6)
AT_REST = scores(neutral=0.9, sadness=0.05)


@pytest.mark.parametrize("fps", [5, 10, 30, 60])
def test_what_is_read_into_a_neutral_face_counts_less(fps):
    run = watched([SAD_AT_REST] * (4 * fps), fps=fps)
    calibration = run.result()
    assert run.done
    assert calibration.model == "compact"
    assert calibration.apply(SAD_AT_REST).argmax() == Emotion.NEUTRAL
    assert np.flatnonzero(calibration.bias > 0).tolist() == [Emotion.SADNESS]
    # its lead of 0.69 nats, and half of the nat that neutral should lead by
    assert 0.69 < calibration.bias[Emotion.SADNESS] <= 1.2


def test_a_face_that_reads_as_neutral_is_left_as_it_is():
    calibration = watched([AT_REST] * 120).result()
    assert (calibration.bias == 0).all()
    assert calibration.apply(AT_REST) == pytest.approx(AT_REST, abs=1e-6)
    assert calibration.words == "nothing needs correcting"


@pytest.mark.parametrize("lead", [-0.5, 0, 0.5, 1, 1.5, 2, 2.4])
def test_the_face_that_was_watched_reads_as_neutral_afterwards(lead):
    frame = scores(neutral=0.8 / (1 + np.exp(lead)), anger=0.8 * np.exp(lead) / (1 + np.exp(lead)))
    assert watched([frame] * 120).result().apply(frame).argmax() == Emotion.NEUTRAL


def test_a_clear_expression_is_still_read():
    calibration = watched([SAD_AT_REST] * 120).result()
    crying = scores(sadness=0.9, neutral=0.05)
    assert calibration.apply(crying).argmax() == Emotion.SADNESS


def test_it_says_what_it_does():
    assert watched([SAD_AT_REST] * 120).result().words == "sadness counts 0.32 times"


faces = st.lists(st.floats(0.001, 1), min_size=8, max_size=8).map(lambda each: np.float32(each) / np.float32(sum(each)))


@given(faces, faces, st.floats(0, 0.2))
def test_the_bias_is_bounded_and_scores_stay_a_distribution(rest, later, noise):
    rng = np.random.default_rng(1)
    frames = [rest * np.exp(rng.normal(0, noise, 8)).astype(np.float32) for _ in range(120)]
    try:
        calibration = watched([each / each.sum() for each in frames]).result()
    except ConfigError:
        return
    assert calibration.bias[Emotion.NEUTRAL] == 0
    assert calibration.bias.min() >= 0
    assert calibration.bias.max() <= MOST
    shown = calibration.apply(later)
    assert shown.dtype == np.float32
    assert shown.sum() == pytest.approx(1, abs=1e-5)
    assert shown[Emotion.NEUTRAL] >= later[Emotion.NEUTRAL] - 1e-6
    # what it does to a face it undoes by no more than its bound
    assert (shown >= later * np.exp(-MOST) - 1e-6).all()
    assert calibration.apply(np.stack([later, rest]))[0] == pytest.approx(shown, abs=1e-6)


def test_few_readings_are_trusted_less_than_many():
    few, many = watched([SAD_AT_REST] * 16, fps=4).result(), watched([SAD_AT_REST] * 240, fps=60).result()
    assert few.samples < many.samples
    assert 0 < few.bias[Emotion.SADNESS] < many.bias[Emotion.SADNESS]


def test_a_blink_changes_nothing():
    frames = [AT_REST] * 120
    frames[60:66] = [scores(surprise=0.9)] * 6
    assert (watched(frames).result().bias == 0).all()


def test_progress_goes_from_nothing_to_all():
    run, seen = CalibrationRun(model="compact"), []
    for place in range(106):
        seen.append(run.progress)
        assert not run.done
        run.add(place / 30, AT_REST)
    assert seen == sorted(seen)
    assert seen[0] == 0
    assert run.done
    assert run.progress == 1


def test_what_is_shown_while_it_settles_does_not_count():
    assert (watched([scores(happiness=0.9)] * 15 + [AT_REST] * 100).result().bias == 0).all()


def test_without_a_face_it_ends_and_says_so():
    run = watched([None] * 120)
    assert run.done
    with pytest.raises(ConfigError, match=r"a face was seen for 0\.0 of 3\.0 s; look at the camera"):
        run.result()


def test_a_face_for_half_of_the_time_is_not_enough():
    with pytest.raises(ConfigError, match=r"a face was seen for 1\.\d of 3\.0 s"):
        watched([AT_REST, None] * 60).result()


def test_too_early_is_not_enough():
    run = watched([AT_REST] * 40)
    assert not run.done
    with pytest.raises(ConfigError, match="a face was seen for"):
        run.result()


@pytest.mark.parametrize("emotion", ["happiness", "surprise", "fear"])
def test_a_face_that_is_plainly_not_neutral_is_refused(emotion):
    with pytest.raises(ConfigError, match=f"the face showed {emotion}; relax it to neutral"):
        watched([scores(**{emotion: 0.85, "neutral": 0.1})] * 120).result()


@pytest.mark.parametrize("emotion", ["sadness", "anger", "contempt"])
def test_what_resting_faces_are_often_taken_for_is_let_pass_further(emotion):
    calibration = watched([scores(**{emotion: 0.85, "neutral": 0.1})] * 120).result()
    assert calibration.bias.argmax() == LABELS.index(emotion)
    with pytest.raises(ConfigError, match=f"the face showed {emotion}"):
        watched([scores(**{emotion: 0.97, "neutral": 0.01})] * 120).result()


def test_an_expression_that_moves_is_refused():
    with pytest.raises(ConfigError, match="the expression moved"):
        watched([AT_REST] * 60 + [scores(happiness=0.9)] * 60).result()


def test_pictures_shown_again_and_clocks_that_go_back_are_passed_over():
    run = CalibrationRun(model="compact")
    for _ in range(1000):
        run.add(5.0, AT_REST)
    run.add(4.0, AT_REST)
    assert run.progress == 0
    run.add(4.1, AT_REST)
    assert 0 < run.progress < 0.1


def test_a_clock_that_jumps_does_not_end_it():
    run = CalibrationRun(model="compact")
    run.add(0.0, AT_REST)
    run.add(1000.0, AT_REST)
    assert run.progress < 0.2


def test_a_calibration_by_hand():
    bias = np.zeros(8, np.float32)
    bias[Emotion.ANGER] = np.log(2)
    shown = Calibration(bias=bias, model="x").apply(scores(neutral=0.4, anger=0.4))
    assert shown[Emotion.ANGER] == pytest.approx(0.2 / 0.8)
    assert shown[Emotion.NEUTRAL] == pytest.approx(0.4 / 0.8)
