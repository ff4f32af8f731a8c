from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from video_makers import sound_packets

from app.capture.demo import open_demo
from app.capture.video_file import VideoFile
from app.types import Frame
from model.detector import FaceDetector
from model.paths import assets_folder

ROOT = Path(__file__).parents[2]
STEP = 3  # every third frame, for speed


@pytest.fixture(scope="module")
def clip() -> tuple[list[float], list[Frame]]:
    """Every frame's time, and some of the frames."""
    times, frames = [], []
    with open_demo() as source:
        for frame in source:
            times.append(frame.time_s)
            if frame.index % STEP == 0:
                frames.append(frame)
        assert source.loss is None
    return times, frames


@pytest.fixture(scope="module")
def faces(clip: tuple[list[float], list[Frame]]) -> Iterator[dict[float, list]]:
    with FaceDetector() as detector:
        yield {frame.time_s: detector.detect(frame.pixels, frame.time_s) for frame in clip[1]}


def test_it_is_as_long_and_as_small_as_a_demo_should_be(clip: tuple[list[float], list[Frame]]) -> None:
    times, frames = clip
    path = assets_folder() / "demo.mp4"
    assert path.stat().st_size < 3_000_000
    assert times[-1] >= 10
    assert {frame.pixels.shape for frame in frames} == {(480, 640, 3)}
    assert np.allclose(np.diff(times), 1 / 30)
    with open_demo() as source:
        assert (source.name, source.frame_count, source.has_audio) == ("the demo", len(times), True)
    assert len(sound_packets(path)) > 100


def test_the_face_is_found_whenever_it_is_there_and_nothing_else(faces: dict[float, list]) -> None:
    for time_s, found in faces.items():
        if 10.3 < time_s < 12.2:  # on the way out, away, on the way in
            assert len(found) <= 1, time_s
        else:
            assert len(found) == 1, time_s
    assert all(not found for time_s, found in faces.items() if 10.9 < time_s < 11.6)


def test_the_face_moves_comes_near_and_goes_far(faces: dict[float, list]) -> None:
    boxes = np.array([found[0].box for found in faces.values() if found])
    sides = boxes[:, 2] - boxes[:, 0]
    centres = (boxes[:, 0] + boxes[:, 2]) / 2
    assert sides.max() > 240  # half of the picture's height
    assert sides.min() < 110
    assert np.ptp(centres) > 60


def test_the_light_changes(clip: tuple[list[float], list[Frame]]) -> None:
    light = [float(frame.pixels.mean()) for frame in clip[1][::3]]
    assert max(light) > 1.4 * min(light)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_script_makes_the_clip_that_is_shipped(tmp_path: Path) -> None:
    pytest.importorskip("skimage")
    made = tmp_path / "demo.mp4"
    subprocess.run([sys.executable, ROOT / "scripts" / "make_demo.py", made], check=True, timeout=600)
    with VideoFile(made) as ours, open_demo() as shipped:
        for mine, theirs in zip(ours, shipped, strict=True):
            # Another version of OpenCV or x264 may round otherwise.
            assert np.abs(mine.pixels.astype(int) - theirs.pixels).mean() < 2
