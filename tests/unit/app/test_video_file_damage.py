"""Of a damaged video comes what is there, and what is lost is said."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from video_file_helpers import noise, read, refusal
from video_makers import counting_frames, damage, truncate, write_video


def test_a_whole_file_has_no_loss(tmp_path: Path) -> None:
    for name, extra in {
        "a.mp4": {"audio": True},
        "b.mkv": {"audio": True},
        "c.avi": {"codec": "mpeg4"},
        "d.ts": {},
        "e.mov": {},
        "f.webm": {"codec": "libvpx-vp9", "options": {"cpu-used": "8", "deadline": "realtime"}},
    }.items():
        frames, loss = read(write_video(tmp_path / name, counting_frames(30), **extra))
        assert (len(frames), loss) == (30, None), name


@pytest.mark.parametrize("name", ["cut.mkv", "cut.mp4"])
def test_a_video_cut_off_in_the_middle_gives_what_is_there_and_says_what_is_lost(tmp_path: Path, name: str) -> None:
    # Small clusters and an index in front, as recorders write them.
    options = {"movflags": "faststart"} if name.endswith("mp4") else {"cluster_time_limit": "200"}
    path = write_video(tmp_path / name, noise(60), container_options=options)
    whole, _ = read(path)
    frames, loss = read(truncate(path, 0.5))
    assert 20 <= len(frames) <= 35
    for cut, kept in zip(frames[:-1], whole, strict=False):
        assert cut.time_s == kept.time_s
        assert np.array_equal(cut.pixels, kept.pixels)
    assert loss is not None
    assert loss.startswith(f"stopped after {frames[-1].time_s:.2f} s")
    assert "the rest of the file is damaged or missing" in loss
    assert "\n" not in loss


def test_a_video_cut_off_before_its_index_is_refused(tmp_path: Path) -> None:
    path = truncate(write_video(tmp_path / "cut.mp4", noise(30)), 0.5)
    assert "index is missing" in refusal(path)


def test_a_gif_cut_off_in_the_middle_says_so(tmp_path: Path) -> None:
    path = write_video(tmp_path / "cut.gif", noise(20), codec="gif", pix_fmt="rgb8")
    assert read(path)[1] is None
    frames, loss = read(truncate(path, 0.5))
    assert 5 <= len(frames) <= 12
    assert loss is not None
    assert "the mark that ends a GIF is not there" in loss


def test_a_damaged_packet_is_skipped_and_counted(tmp_path: Path) -> None:
    path = write_video(tmp_path / "hit.mov", noise(30), codec="png", pix_fmt="rgb24")
    frames, loss = read(damage(path, start=0.5, length=300))
    assert len(frames) == 29
    assert loss == "1 damaged frame skipped or patched up"
    assert [frame.index for frame in frames] == list(range(29))
    assert frames[-1].time_s == pytest.approx(29 / 30, abs=1e-3)


def test_not_one_frame(tmp_path: Path) -> None:
    path = write_video(tmp_path / "gone.mov", noise(3), codec="png", pix_fmt="rgb24")
    with av.open(str(path)) as container:
        packets = [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.size]
    data = bytearray(path.read_bytes())
    for start, size in packets:
        data[start : start + size] = bytes(size)
    path.write_bytes(bytes(data))
    assert "not one frame" in refusal(path)
