"""Detection and tracking on real clips and photographs, which lie beside the clone and are not part of it."""

from __future__ import annotations

import random
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from app.pipeline.track import Tracker
from model.detector import FaceDetector

Pixels = NDArray[np.uint8]

BORDERS = (0.25, 0.5, 1.5)


def frames_of(path: Path) -> Iterator[tuple[Pixels, float]]:
    capture = cv2.VideoCapture(str(path))
    fps = capture.get(cv2.CAP_PROP_FPS)
    for index in range(sys.maxsize):
        there, frame = capture.read()
        if not there:
            break
        yield np.asarray(frame, dtype=np.uint8), index / fps
    capture.release()


def follow(path: Path) -> tuple[int, Counter[int], Counter[int]]:
    """The number of frames, how many frames have so many faces, and in how many frames each track is visible."""
    by_count: Counter[int] = Counter()
    by_track: Counter[int] = Counter()
    tracker = Tracker()
    with FaceDetector() as detector:
        for frame, time_s in frames_of(path):
            faces = detector.detect(frame, time_s)
            by_count[len(faces)] += 1
            by_track.update(track.id for track in tracker.update(faces, time_s) if track.visible)
    return by_count.total(), by_count, by_track


@pytest.fixture(scope="module")
def photographs(shared_folder: Path) -> zipfile.ZipFile:
    path = shared_folder / "data" / "lfw-expressions.zip"
    if not path.is_file():
        pytest.skip(f"no {path.name} in ../shared/data")
    return zipfile.ZipFile(path)


def draw(archive: zipfile.ZipFile, count: int, seed: int) -> list[Pixels]:
    names = sorted(name for name in archive.namelist() if name.endswith(".jpg"))
    chosen = random.Random(seed).sample(names, count)
    return [
        np.asarray(cv2.imdecode(np.frombuffer(archive.read(name), np.uint8), cv2.IMREAD_COLOR), dtype=np.uint8)
        for name in chosen
    ]


def faces_found(pictures: list[Pixels], border: float, detector: FaceDetector) -> Counter[int]:
    counts: Counter[int] = Counter()
    for picture in pictures:
        sides = (round(border * picture.shape[0]),) * 4
        canvas = cv2.copyMakeBorder(picture, *sides, cv2.BORDER_CONSTANT, value=(128, 128, 128))
        counts[len(detector.detect(np.asarray(canvas, dtype=np.uint8)))] += 1
    return counts


@pytest.mark.slow  # through the command, which tests/integration/test_shared_clips.py does, it is as true
@pytest.mark.parametrize("clip", ["again.mkv", "eat.mkv", "thanks.mkv", "night.mkv"])
def test_one_person_is_one_track_and_nothing_else(shared_folder: Path, clip: str) -> None:
    frames, by_count, by_track = follow(shared_folder / "clips" / clip)

    assert by_count[1] >= 0.99 * frames
    assert by_count[1] + by_count[0] == frames
    assert list(by_track) == [1]


@pytest.mark.slow
def test_hands_before_the_face_do_not_change_the_id(shared_folder: Path) -> None:
    frames, _, by_track = follow(shared_folder / "clips" / "bird.mkv")
    assert by_track[1] >= 0.95 * frames


def test_small_faces_far_away_are_found(shared_folder: Path) -> None:
    frames, by_count, _ = follow(shared_folder / "clips" / "face-demographics-walking.gif")
    assert by_count[2] >= 0.8 * frames
    assert max(by_count) == 2


@pytest.mark.parametrize("border", BORDERS)
def test_photographs_from_near_to_far(photographs: zipfile.ZipFile, border: float) -> None:
    with FaceDetector(mode="image") as detector:
        counts = faces_found(draw(photographs, 60, seed=0), border, detector)

    assert counts[0] <= 2  # of 60; the bar of 1.5 % is for the 500 of the slow test
    assert counts.total() - counts[0] - counts[1] <= 1


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("border", BORDERS)
def test_five_hundred_photographs(photographs: zipfile.ZipFile, border: float) -> None:
    with FaceDetector(mode="image") as detector:
        counts = faces_found(draw(photographs, 500, seed=0), border, detector)

    assert counts[0] <= 0.015 * 500
    assert counts.total() - counts[0] - counts[1] <= 0.01 * 500


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("border", BORDERS)
def test_photographs_as_the_first_frame_of_a_video(photographs: zipfile.ZipFile, border: float) -> None:
    counts: Counter[int] = Counter()
    for picture in draw(photographs, 120, seed=1):
        with FaceDetector() as detector:
            counts += faces_found([picture], border, detector)

    assert counts[0] <= 2
    assert counts.total() - counts[0] - counts[1] <= 1
