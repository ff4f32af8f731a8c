"""Frames of a file come once, in order, at its own times."""

from __future__ import annotations

import gc
import itertools
import threading
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from video_file_helpers import noise, read
from video_makers import counting_frames, number_of, presentation_times, red_square, write_video

from app.capture.times import NUDGE_S, PresentationTimes
from app.capture.video_file import VideoFile
from model.errors import SourceError

SHARED = Path(__file__).parents[3].parent / "shared"


def test_uneven_times_are_the_source_s_own_and_every_frame_comes_once(tmp_path: Path) -> None:
    times = [0.0, 0.04, 0.1, 0.11, 0.5, 0.5333, 1.25, 1.251, 2.0, 2.75]
    path = write_video(tmp_path / "uneven.mp4", counting_frames(10), times_s=times, audio=True)
    frames, loss = read(path)
    assert [frame.time_s for frame in frames] == presentation_times(path)
    assert [frame.time_s for frame in frames] == pytest.approx(times, abs=1e-4)
    assert [number_of(frame.pixels) for frame in frames] == list(range(10))
    assert [frame.index for frame in frames] == list(range(10))
    assert loss is None


def test_times_that_do_not_begin_at_zero_are_kept(tmp_path: Path) -> None:
    path = write_video(tmp_path / "late.mkv", counting_frames(5), times_s=[3.0, 3.1, 3.2, 3.4, 3.5])
    frames, loss = read(path)
    assert [frame.time_s for frame in frames] == pytest.approx([3.0, 3.1, 3.2, 3.4, 3.5], abs=1e-9)
    assert loss is None


def test_properties_of_a_file(tmp_path: Path) -> None:
    path = write_video(tmp_path / "plain.mp4", counting_frames(12), fps=24, audio=True)
    with VideoFile(path) as source:
        assert (source.name, source.size, source.live) == (str(path), (64, 48), False)
        assert source.fps == pytest.approx(24)
        assert source.frame_count == 12
        assert source.has_audio
        assert isinstance(source.time_base, Fraction)
        assert source.path == path


def test_frames_with_many_reordered_pictures_come_in_order(tmp_path: Path) -> None:
    path = write_video(tmp_path / "b.mkv", counting_frames(20), options={"bf": "4", "g": "20", "crf": "10"})
    frames, _ = read(path)
    assert [number_of(frame.pixels) for frame in frames] == list(range(20))
    assert all(a.time_s < b.time_s for a, b in itertools.pairwise(frames))


def test_a_second_pass_starts_again(tmp_path: Path) -> None:
    with VideoFile(write_video(tmp_path / "twice.mkv", counting_frames(4))) as source:
        first = [(frame.index, frame.time_s, number_of(frame.pixels)) for frame in source]
        assert [(frame.index, frame.time_s, number_of(frame.pixels)) for frame in source] == first
        assert len(first) == 4


@pytest.mark.parametrize(("name", "codec", "pix_fmt"), [("a.mkv", "ffv1", "yuv420p"), ("b.avi", "rawvideo", "bgr24")])
def test_pixels_are_own_contiguous_bgr(tmp_path: Path, name: str, codec: str, pix_fmt: str) -> None:
    pictures = [red_square(width=63, height=47)] * 3
    frames, _ = read(write_video(tmp_path / name, pictures, codec=codec, pix_fmt=pix_fmt))
    pixels = frames[0].pixels
    assert (pixels.shape, pixels.dtype) == ((47, 63, 3), np.uint8)
    assert pixels.flags.c_contiguous
    assert pixels.flags.writeable
    kept = frames[1].pixels.copy()
    pixels[:] = 0
    assert np.array_equal(frames[1].pixels, kept)


def test_close_twice_and_in_the_middle(tmp_path: Path) -> None:
    source = VideoFile(write_video(tmp_path / "x.mkv", counting_frames(10)))
    frames = iter(source)
    next(frames)
    source.close()
    source.close()
    assert list(frames) == []
    with pytest.raises(SourceError, match="has been closed"):
        list(source)


def test_close_from_another_thread_ends_the_frames(tmp_path: Path) -> None:
    source = VideoFile(write_video(tmp_path / "x.mkv", noise(60)))
    started = threading.Event()
    seen: list[int] = []

    def consume() -> None:
        for frame in source:
            seen.append(frame.index)
            started.set()

    thread = threading.Thread(target=consume)
    thread.start()
    assert started.wait(5)
    source.close()
    thread.join(5)
    assert not thread.is_alive()
    assert seen == list(range(len(seen)))


written = st.lists(st.none() | st.floats(-1e5, 1e5, allow_nan=False), min_size=1, max_size=50)


@given(written)
def test_times_always_strictly_rise(times: list[float | None]) -> None:
    clock = PresentationTimes(1 / 30)
    given_out = [clock.next(time) for time in times]
    assert all(a < b for a, b in itertools.pairwise(given_out))


@given(st.lists(st.floats(-10, 1e5, allow_nan=False), min_size=1, max_size=50, unique=True))
def test_rising_times_are_not_touched(times: list[float]) -> None:
    clock = PresentationTimes(1 / 30)
    assert [clock.next(time) for time in sorted(times)] == sorted(times)


def test_missing_equal_and_restarted_times() -> None:
    clock = PresentationTimes(0.1)
    assert [clock.next(time) for time in (None, None, 0.25, 0.25, 0.5)] == pytest.approx(
        [0, 0.1, 0.25, 0.25 + NUDGE_S, 0.5]
    )
    clock = PresentationTimes(0.1)
    assert [clock.next(time) for time in (10.0, 10.1, 0.0, 0.1, 0.2)] == pytest.approx([10, 10.1, 10.2, 10.3, 10.4])


@pytest.mark.skipif(not (SHARED / "clips").is_dir(), reason=f"{SHARED / 'clips'} is absent")
@pytest.mark.parametrize("name", ["again.mkv", "bird.mkv", "face-demographics-walking.gif"])
def test_real_clips(name: str) -> None:
    path = SHARED / "clips" / name
    frames, loss = read(path)
    assert loss is None
    assert [frame.time_s for frame in frames] == presentation_times(path)


def test_a_frame_is_gone_as_soon_as_nobody_holds_it(tmp_path: Path) -> None:
    path = write_video(tmp_path / "long.mp4", counting_frames(60))
    gc.collect()
    gc.disable()
    try:
        with VideoFile(path) as source:
            assert sum(1 for _ in source) == 60
        circles = gc.collect()  # what only a search for circles could free: with each frame in one, memory grows
    finally:
        gc.enable()
    assert circles < 30
