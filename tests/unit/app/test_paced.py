from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from video_makers import counting_frames, number_of, write_video

from app.capture.paced import TOO_LATE_S, Paced
from app.capture.video_file import VideoFile
from app.types import Frame
from model.errors import SourceError


class FakeTime:
    """A clock that moves only when someone waits or works."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.now_s

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        self.now_s += seconds
        return False


class FakeFile:
    """A file source with given times; ``work`` is called before each picture and stands for decoding."""

    live, loss, size, fps, frame_count, name = False, None, (4, 4), 10.0, None, "fake"

    def __init__(self, times_s: list[float], work: Callable[[int], None] = lambda index: None) -> None:
        self.times_s, self.work, self.closed = times_s, work, 0

    def __iter__(self) -> Iterator[Frame]:
        for index, time_s in enumerate(self.times_s):
            self.work(index)
            yield Frame(pixels=np.full((4, 4, 3), index, np.uint8), time_s=time_s, index=index)

    def close(self) -> None:
        self.closed += 1


def test_pictures_come_when_they_are_due() -> None:
    clock = FakeTime()
    file = FakeFile([5.0, 5.04, 5.2, 5.9])
    source = Paced(lambda: file, clock=clock, wait=clock.wait)
    arrived = [(clock.now_s, frame.time_s, frame.index) for frame in source]
    assert [index for _, _, index in arrived] == [0, 1, 2, 3]
    assert [now for now, _, _ in arrived] == pytest.approx([1000, 1000.04, 1000.2, 1000.9])
    assert [time_s for _, time_s, _ in arrived] == pytest.approx([1000, 1000.04, 1000.2, 1000.9])
    assert file.closed == 1
    assert (source.live, source.frame_count, source.loss) == (True, None, None)


def test_a_loop_goes_on_one_period_later_with_rising_times_and_indices() -> None:
    clock = FakeTime()
    files = [FakeFile([0.0, 0.1, 0.2]) for _ in range(3)]
    waiting = iter(files)
    source = Paced(lambda: next(waiting), loop=True, clock=clock, wait=clock.wait)
    frames = []
    for frame in source:
        frames.append(frame)
        if len(frames) == 8:
            break
    assert [frame.time_s for frame in frames] == pytest.approx([1000 + 0.1 * i for i in range(8)])
    assert [frame.index for frame in frames] == list(range(8))
    assert [int(frame.pixels[0, 0, 0]) for frame in frames] == [0, 1, 2, 0, 1, 2, 0, 1]
    assert [file.closed for file in files[:2]] == [1, 1]


def test_late_pictures_are_left_out() -> None:
    clock = FakeTime()

    def stall(index: int) -> None:
        clock.now_s += 0.35 if index == 2 else 0.0

    source = Paced(lambda: FakeFile([0.1 * i for i in range(8)], stall), clock=clock, wait=clock.wait)
    shown = [int(frame.pixels[0, 0, 0]) for frame in source]
    # Picture 2 is due at 0.2 and ready at 0.45: more than a period late, as is 3 (due at 0.3); 4 is late by less.
    assert shown == [0, 1, 4, 5, 6, 7]


def test_a_file_too_slow_for_real_time_still_plays() -> None:
    clock = FakeTime()

    def slow(index: int) -> None:
        clock.now_s += 0.3

    source = Paced(lambda: FakeFile([0.1 * i for i in range(30)], slow), clock=clock, wait=clock.wait)
    frames = list(source)
    assert len(frames) >= 8
    gaps = np.diff([frame.time_s for frame in frames])
    assert gaps.min() > 0
    assert gaps.max() < 2 * (TOO_LATE_S + 0.3)


def test_a_bad_file_fails_at_once(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        Paced(lambda: VideoFile(tmp_path / "gone.mp4"))


def test_a_file_that_goes_away_between_rounds_is_an_error(tmp_path: Path) -> None:
    path = write_video(tmp_path / "x.mkv", counting_frames(2), fps=100)
    source = Paced(lambda: VideoFile(path), loop=True)
    frames = iter(source)
    next(frames)
    path.unlink()
    with pytest.raises(SourceError, match="no such file"):
        list(frames)


def test_a_real_file_plays_in_its_own_time(tmp_path: Path) -> None:
    path = write_video(tmp_path / "x.mkv", counting_frames(10), times_s=[0.05 * i for i in range(10)])
    begin_s = time.monotonic()
    with Paced(lambda: VideoFile(path)) as source:
        frames = list(source)
    assert 0.44 <= time.monotonic() - begin_s < 1.5
    numbers = [number_of(frame.pixels) for frame in frames]
    assert numbers == sorted(numbers)
    assert numbers[0] == 0
    by_number = {number: frame.time_s for number, frame in zip(numbers, frames, strict=True)}
    for number, time_s in by_number.items():
        assert time_s - frames[0].time_s == pytest.approx(0.05 * number, abs=1e-6)


def test_close_from_another_thread_stops_within_fifty_milliseconds(tmp_path: Path) -> None:
    path = write_video(tmp_path / "x.mkv", counting_frames(3), times_s=[0, 60, 120])
    source = Paced(lambda: VideoFile(path), loop=True)
    first = threading.Event()
    seen = []

    def play() -> None:
        for frame in source:
            seen.append(frame)
            first.set()

    thread = threading.Thread(target=play)
    thread.start()
    assert first.wait(5)
    time.sleep(0.02)  # it now waits a minute for the second picture
    begin_s = time.monotonic()
    source.close()
    thread.join(5)
    assert time.monotonic() - begin_s < 0.05
    assert not thread.is_alive()
    assert len(seen) == 1
    source.close()
    assert list(source) == []


def test_an_unused_one_releases_its_file() -> None:
    file = FakeFile([0.0])
    Paced(lambda: file).close()
    assert file.closed == 1
