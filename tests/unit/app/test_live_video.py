"""A growing video keeps every picture and its time, and can be played whatever ends it."""

from __future__ import annotations

import os
import stat
import tempfile
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recording_helpers import decode, duration_s, files_no_larger_than
from video_makers import RED, counting_frames, number_of, plain, presentation_times

from app.sinks.growing_file import GrowingFile
from app.sinks.live_video import LiveVideo
from model.errors import SinkError

TICK_S = 1 / 90_000
NOISE = np.random.default_rng(0).integers(0, 256, (16, 48, 64, 3), dtype=np.uint8)


def video(path: Path, *, size: tuple[int, int] = (64, 48), fps: float = 30.0) -> LiveVideo:
    return LiveVideo(path, size=size, fps=fps)


def test_pictures_and_times_come_back(tmp_path: Path) -> None:
    times = [500.0, 500.04, 500.0913, 501.2, 501.21, 504.0]
    with video(tmp_path / "a.mp4") as growing:
        written = [growing.write(picture, time_s) for picture, time_s in zip(counting_frames(6), times, strict=True)]
    found = decode(tmp_path / "a.mp4")
    assert [number_of(picture) for picture, _ in found] == [0, 1, 2, 3, 4, 5]
    assert [time_s for _, time_s in found] == pytest.approx([time_s - 500 for time_s in times], abs=TICK_S)
    assert written == pytest.approx([time_s for _, time_s in found], abs=1e-9)
    assert growing.seconds == pytest.approx(4 + 1 / 30)
    assert duration_s(tmp_path / "a.mp4") == pytest.approx(4 + 1 / 30, abs=1e-4)


def test_it_ends_as_an_ordinary_mp4(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with video(path) as growing:
        for index, picture in enumerate(counting_frames(100)):
            growing.write(picture, index / 30)
    assert boxes(path) == ["ftyp", "free", "mdat", "moov"] or boxes(path) == ["ftyp", "mdat", "moov"]
    with av.open(str(path)) as container:
        assert container.streams.video[0].codec_context.name == "h264"
        assert container.streams.video[0].frames == 100
    assert growing.bytes_written == path.stat().st_size


def test_players_can_jump_to_a_picture_every_two_seconds(tmp_path: Path) -> None:
    with video(tmp_path / "a.mp4", fps=10) as growing:
        for index, picture in enumerate(counting_frames(71)):
            growing.write(picture, index / 10)
    with av.open(str(tmp_path / "a.mp4")) as container:
        keys = [float(packet.pts * packet.time_base) for packet in container.demux(video=0) if packet.is_keyframe]
    assert keys == pytest.approx([0, 2, 4, 6])


def test_pictures_of_another_size_are_fitted_with_bars(tmp_path: Path) -> None:
    with video(tmp_path / "a.mp4", size=(64, 48)) as growing:
        growing.write(plain(RED, width=30, height=48), 0.0)
    picture = decode(tmp_path / "a.mp4")[0][0]
    assert picture.shape == (48, 64, 3)
    assert picture[24, 4].max() < 16  # a bar
    assert picture[24, 32, 2] > 230


@pytest.mark.skipif(os.name != "posix", reason="modes of files")
def test_it_is_for_this_user_alone_even_with_a_generous_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        video(tmp_path / "a.mp4").close()
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.mp4").stat().st_mode) == 0o600


def test_a_file_of_that_name_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"precious")
    with pytest.raises(FileExistsError):
        video(tmp_path / "a.mp4")
    assert (tmp_path / "a.mp4").read_bytes() == b"precious"


def test_at_each_moment_all_but_the_last_second_is_on_the_disk(tmp_path: Path) -> None:
    path, copy = tmp_path / "a.mp4", tmp_path / "killed.mp4"
    with video(path) as growing:
        for index, picture in enumerate(counting_frames(120)):
            growing.write(picture, 7.0 + index / 30)
            if index >= 30:
                copy.write_bytes(path.read_bytes())  # what a kill at this moment would leave
                assert index / 30 - presentation_times(copy)[-1] < 1.0
    found = decode(copy)
    assert [number_of(each) for each, _ in found] == [number % 25 for number in range(len(found))]
    assert len(decode(path)) == 120


def test_a_kill_while_it_is_being_finished_costs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, write = tmp_path / "a.mp4", GrowingFile.write
    killed: list[bytes] = []

    def watched(self: GrowingFile, data: bytes) -> int:
        killed.append(path.read_bytes())
        return write(self, data)

    monkeypatch.setattr(GrowingFile, "write", watched)
    growing = video(path)
    for index, picture in enumerate(counting_frames(50)):
        growing.write(picture, index / 30)
    killed.clear()
    growing.close()
    counts = []
    for moment in killed:
        (tmp_path / "killed.mp4").write_bytes(moment)
        counts.append(len(decode(tmp_path / "killed.mp4")))
    assert len(counts) >= 3  # the last fragment, the index, the word at the front
    assert counts[-1] == 50
    assert sorted(counts) == counts
    assert counts[0] >= 30


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-0.2, 3.0) | st.just(0.0) | st.floats(0, 1e-4), max_size=12), st.floats(0, 1e6))
def test_times_rise_and_are_those_of_the_source(steps: list[float], first_s: float) -> None:
    times = list(np.cumsum([first_s, *steps]))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.mp4"
        with video(path, size=(16, 16)) as growing:
            for time_s in times:
                growing.write(NOISE[0, :16, :16], float(time_s))
        found = presentation_times(path)
    assert len(found) == len(times)  # none is lost
    assert found[0] == 0.0
    assert all(later > earlier for earlier, later in pairwise(found))
    newest = first_s
    for time_s, at_s in zip(times, found, strict=True):
        if time_s - newest > len(times) * TICK_S:
            assert at_s == pytest.approx(time_s - first_s, abs=1.1 * TICK_S)
        newest = max(newest, time_s)


# --- a disk that fails -------------------------------------------------------------------------------------------


def record_noise(path: Path, seconds: int) -> LiveVideo:
    with video(path) as growing:
        for index in range(30 * seconds):
            growing.write(NOISE[index % 16], index / 30)
    return growing


@pytest.mark.parametrize("share", [0.3, 0.55, 0.9, "index"])
def test_a_disk_that_fills_up_leaves_what_can_be_played(tmp_path: Path, share: float | str) -> None:
    whole = record_noise(tmp_path / "whole.mp4", 4).bytes_written
    limit = whole - 100 if share == "index" else round(whole * float(share))
    with (
        files_no_larger_than(limit),
        pytest.raises(SinkError, match=r"^cannot write .*a\.mp4: the file is larger than this system allows") as caught,
    ):
        record_noise(tmp_path / "a.mp4", 4)
    assert "\n" not in str(caught.value)
    found = decode(tmp_path / "a.mp4")
    expected = 120 if share == "index" else 120 * float(share)
    assert expected - 30 <= len(found) <= expected
    assert boxes(tmp_path / "a.mp4")[-2:] == ["moof", "mdat"]  # no half fragment, no half index


def test_after_a_failure_each_write_says_the_same(tmp_path: Path) -> None:
    growing = video(tmp_path / "a.mp4")

    def fill() -> None:
        for index in range(90):
            growing.write(NOISE[index % 16], index / 30)

    with files_no_larger_than(20_000):
        for _ in range(2):
            with pytest.raises(SinkError, match="the file is larger than this system allows"):
                fill()
    growing.close()
    growing.close()
    assert not growing.playable


def test_nothing_can_be_played_before_the_first_fragment(tmp_path: Path) -> None:
    growing = video(tmp_path / "a.mp4")
    assert not growing.playable
    growing.write(plain(RED), 0.0)
    assert not growing.playable
    growing.close()
    assert growing.playable


def boxes(path: Path) -> list[str]:
    """The names of an MP4's outermost boxes."""
    data, place, names = path.read_bytes(), 0, []
    while place < len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        names.append(data[place + 4 : place + 8].decode())
        assert length >= 8
        place += length
    assert place == len(data)
    return names
