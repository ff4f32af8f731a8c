"""Too many faces to read in time: some at a time, each in its turn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.pipeline.turns import LEAST, READ_WITHIN_S, Turns
from app.types import Face, Reading, Track
from model.emotions import Emotion

FACE = Face(box=(0, 0, 10, 10), score=0.9, keypoints=np.zeros((6, 2), np.float32))


def _tracks(ids: Sequence[int], *, hidden: Sequence[int] = ()) -> list[Track]:
    return [Track(id=track, face=FACE, visible=track not in hidden) for track in ids]


def _reading(track: int) -> Reading:
    scores = np.full(8, 0.125, np.float32)
    return Reading(track=track, face=FACE, scores=scores, emotion=Emotion.NEUTRAL, valence=0, arousal=0)


def _turn(turns: Turns, tracks: list[Track], time_s: float, *, cost_s: float) -> tuple[set[int], set[int]]:
    """Which are read, and which are shown."""
    chosen = turns.choose(tracks)
    visible = {track.id for track in tracks if track.visible}
    read = visible if chosen is None else set(chosen)
    shown = turns.read([_reading(track) for track in read], tracks, time_s, cost_s * len(read))
    return read, {reading.track for reading in shown}


def test_all_are_read_while_there_is_time() -> None:
    turns = Turns()
    for step in range(5):
        read, shown = _turn(turns, _tracks(range(1, 9)), step, cost_s=READ_WITHIN_S / 10)
        assert read == shown == set(range(1, 9))
        assert turns.at_once == 0


@given(st.integers(1, 80), st.floats(0.0005, 0.5))
def test_each_comes_in_its_turn_and_none_takes_longer_than_there_is_time(faces: int, cost_s: float) -> None:
    turns, tracks = Turns(), _tracks(range(1, faces + 1))
    _turn(turns, tracks, 0.0, cost_s=cost_s)
    most = max(LEAST, int(READ_WITHIN_S / cost_s + 1e-9))
    rounds = -(-faces // min(most, faces))
    seen: set[int] = set()
    for step in range(rounds + 1):
        read, shown = _turn(turns, tracks, 1.0 + step, cost_s=cost_s)
        assert len(read) <= most + 1
        assert shown == set(range(1, faces + 1))  # those who wait keep what they were
        seen |= read
    assert seen == set(range(1, faces + 1))


def test_who_leaves_is_no_longer_shown_and_who_comes_is_read_first() -> None:
    turns = Turns()
    _turn(turns, _tracks(range(1, 21)), 0.0, cost_s=0.02)
    tracks = _tracks([*range(1, 11), 99], hidden=[3])
    read, shown = _turn(turns, tracks, 1.0, cost_s=0.02)
    assert 99 in read
    assert turns.at_once == 5
    assert shown == {*range(1, 11), 99} - {3}


def test_only_the_main_face_is_no_crowd() -> None:
    turns = Turns()
    _turn(turns, _tracks(range(1, 41)), 0.0, cost_s=0.05)
    tracks = _tracks(range(1, 41))
    assert turns.choose(tracks, "main") is None
    assert turns.at_once == 0
    assert [reading.track for reading in turns.read([_reading(7)], tracks, 1.0, 0.05)] == [7]
