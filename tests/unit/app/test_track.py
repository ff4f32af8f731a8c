"""Tracker: stable ids through movement, occlusion and company; ids never used twice."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.pipeline.track import LOST_S, Tracker
from app.types import Face, Track


def face(x: float, y: float = 100.0, side: float = 50.0, score: float = 0.9) -> Face:
    """A square face around ``(x, y)``."""
    half = side / 2
    box = (x - half, y - half, x + half, y + half)
    return Face(box=box, score=score, keypoints=np.zeros((6, 2), np.float32))


def ids(tracks: list[Track]) -> list[int]:
    return [track.id for track in tracks if track.visible]


def test_first_frame_counts() -> None:
    (track,) = Tracker().update([face(100)], 0.0)
    assert (track.id, track.visible) == (1, True)


def test_no_face_no_track() -> None:
    assert Tracker().update([], 0.0) == []


def test_one_id_for_a_moving_and_growing_face() -> None:
    tracker = Tracker()
    seen = [ids(tracker.update([face(50 + 8 * i, side=50 * 1.02**i)], i / 30)) for i in range(60)]
    assert seen == [[1]] * 60


@pytest.mark.parametrize("fps", [5, 10, 30, 120])
def test_seconds_count_not_frames(fps: int) -> None:
    tracker = Tracker()
    tracker.update([face(100)], 0.0)
    for i in range(1, int(1.8 * fps)):
        (track,) = tracker.update([], i / fps)
        assert (track.id, track.visible, track.face.box) == (1, False, face(100).box)
    assert ids(tracker.update([face(110)], 1.8)) == [1]


def test_a_face_away_for_longer_is_a_new_track() -> None:
    tracker = Tracker()
    tracker.update([face(100)], 0.0)
    assert tracker.update([], LOST_S + 0.01) == []
    assert ids(tracker.update([face(100)], LOST_S + 0.02)) == [2]


def test_a_moving_face_is_found_behind_the_hand() -> None:
    tracker = Tracker()
    for i in range(30):
        tracker.update([face(100 + 5 * i)], i / 30)
    for i in range(30, 40):
        tracker.update([], i / 30)
    assert ids(tracker.update([face(100 + 5 * 40)], 40 / 30)) == [1]


def test_a_face_elsewhere_or_of_another_size_is_someone_else() -> None:
    tracker = Tracker()
    tracker.update([face(100)], 0.0)
    assert ids(tracker.update([face(400)], 0.1)) == [2]
    assert ids(tracker.update([face(400, side=160)], 0.2)) == [3]


def test_two_who_cross_keep_their_ids() -> None:
    tracker = Tracker()
    for i in range(61):
        step = 6 * i
        tracks = tracker.update([face(100 + step, y=100), face(460 - step, y=130)], i / 30)
    by_id = {track.id: track.face.box[0] for track in tracks}
    first_began_left = by_id[1] > by_id[2]
    assert len(by_id) == 2
    assert first_began_left


def test_a_hidden_face_does_not_lend_its_id_to_the_neighbour() -> None:
    tracker = Tracker()
    tracker.update([face(100), face(180)], 0.0)
    tracks = tracker.update([face(180)], 0.1)
    assert [(track.id, track.visible) for track in tracks] == [(1, False), (2, True)]


def test_the_largest_face_of_the_first_frame_is_track_one() -> None:
    tracks = Tracker().update([face(100, side=30), face(300, side=90), face(200, side=60)], 0.0)
    assert [round(track.face.box[2] - track.face.box[0]) for track in tracks] == [90, 60, 30]


def test_a_clock_that_stands_or_goes_back_does_no_harm() -> None:
    tracker = Tracker()
    seen = [ids(tracker.update([face(100 + i)], time_s)) for i, time_s in enumerate((5.0, 5.0, 1.0, 1.1, 1.2))]
    assert seen == [[1]] * 5


def test_an_empty_box_does_no_harm() -> None:
    tracker = Tracker()
    tracker.update([face(100, side=0.0)], 0.0)
    assert all(math.isfinite(value) for track in tracker.update([face(100)], 0.1) for value in track.face.box)


whole = st.integers(0, 600)
a_face = st.builds(lambda x, y, side: face(float(x), float(y), float(side)), whole, whole, st.integers(10, 200))
a_clip = st.lists(st.lists(a_face, max_size=5), min_size=1, max_size=12)


@settings(max_examples=40, deadline=None)
@given(a_clip)
def test_ids_are_unique_in_a_frame_rise_and_every_face_has_a_track(clip: list[list[Face]]) -> None:
    tracker = Tracker()
    begun: set[int] = set()
    ended: set[int] = set()
    for index, faces in enumerate(clip):
        tracks = tracker.update(faces, index * 0.7)
        now = [track.id for track in tracks]
        assert now == sorted(set(now))
        assert not ended & set(now)
        assert {id(item) for item in faces} == {id(track.face) for track in tracks if track.visible}
        assert all(new > max(begun, default=0) for new in set(now) - begun)
        begun |= set(now)
        ended |= begun - set(now)


@settings(max_examples=40, deadline=None)
@given(a_clip, st.randoms(use_true_random=False))
def test_the_order_of_the_faces_does_not_matter(clip: list[list[Face]], random: st.DataObject) -> None:
    def run(shuffle: bool) -> list[list[tuple[int, bool, object]]]:
        tracker = Tracker()
        rows = []
        for index, faces in enumerate(clip):
            given_faces = list(faces)
            if shuffle:
                random.shuffle(given_faces)  # type: ignore[attr-defined]
            rows.append([(t.id, t.visible, t.face.box) for t in tracker.update(given_faces, index / 10)])
        return rows

    assert run(shuffle=True) == run(shuffle=False)


@settings(max_examples=40, deadline=None)
@given(a_clip, st.integers(-2000, 2000), st.integers(-2000, 2000))
def test_where_the_picture_begins_does_not_matter(clip: list[list[Face]], right: int, down: int) -> None:
    def run(dx: int, dy: int) -> list[list[tuple[int, bool]]]:
        tracker = Tracker()
        rows = []
        for index, faces in enumerate(clip):
            shifted = [
                Face(
                    box=(f.box[0] + dx, f.box[1] + dy, f.box[2] + dx, f.box[3] + dy),
                    score=f.score,
                    keypoints=f.keypoints,
                )
                for f in faces
            ]
            rows.append([(t.id, t.visible) for t in tracker.update(shifted, index / 8)])
        return rows

    assert run(0, 0) == run(right, down)
