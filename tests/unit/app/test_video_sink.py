"""The annotated video keeps every frame, its time, its colours and the source's sound."""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from video_makers import (
    BLUE,
    GREEN,
    GREY,
    RED,
    Pixels,
    counting_frames,
    plain,
    presentation_times,
    red_square,
    sound_packets,
    write_video,
)

from app.sinks.fit import even, fit
from app.sinks.video_file import AnnotatedVideoSink
from app.types import Frame, FrameResult
from model.errors import SinkError

SHARED = Path(__file__).parents[3].parent / "shared"
UNEVEN = [0.0, 0.04, 0.0513, 0.2, 0.2334, 0.71, 0.7215, 1.5, 1.504, 1.9]


def result(pixels: Pixels, time_s: float, index: int = 0) -> FrameResult:
    return FrameResult(frame=Frame(pixels=pixels, time_s=time_s, index=index), readings=(), drawn=pixels)


def decode(path: Path) -> list[tuple[Pixels, float]]:
    with av.open(str(path)) as container:
        return [(frame.to_ndarray(format="bgr24"), float(frame.time)) for frame in container.decode(video=0)]


def duration_s(path: Path) -> float:
    """To the end of the last frame."""
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(container.streams.video[0]) if packet.size]
        return max(float((packet.pts + packet.duration) * packet.time_base) for packet in packets)


def write(
    path: Path, frames: Iterable[tuple[Pixels, float]], *, source: Path | None = None, fps: float = 30.0
) -> list[tuple[Pixels, float]]:
    """Send frames through the sink and give what a reader finds."""
    frames = list(frames)
    height, width = frames[0][0].shape[:2]
    with AnnotatedVideoSink(path, source, (width, height), fps) as sink:
        for index, (pixels, time_s) in enumerate(frames):
            sink.write(result(pixels, time_s, index))
    assert not list(path.parent.glob(".*.part"))
    return decode(path)


def copy(source: Path, target: Path, *, first: int | None = None, fps: float = 30.0) -> list[tuple[Pixels, float]]:
    return write(target, decode(source)[:first], source=source, fps=fps)


def first_sound_s(path: Path) -> float:
    with av.open(str(path)) as container:
        packet = next(container.demux(container.streams.audio[0]))
        return float(packet.pts * packet.time_base)


def test_uneven_times_and_sound_are_kept(tmp_path: Path) -> None:
    source = write_video(tmp_path / "talk.mp4", counting_frames(10), times_s=UNEVEN, audio=True)
    written = copy(source, tmp_path / "out.mp4")
    levels = [int(np.median(pixels)) for pixels, _ in written]
    assert levels == pytest.approx([int(np.median(pixels)) for pixels, _ in decode(source)], abs=4)
    assert [time_s for _, time_s in written] == pytest.approx(UNEVEN, abs=2e-5)
    assert duration_s(tmp_path / "out.mp4") == pytest.approx(duration_s(source), abs=1e-3)
    assert sound_packets(tmp_path / "out.mp4") == sound_packets(source)
    assert first_sound_s(tmp_path / "out.mp4") == pytest.approx(first_sound_s(source), abs=1e-3)


@pytest.mark.parametrize("fps", [Fraction(30000, 1001), Fraction(24000, 1001), Fraction(25), Fraction(60)])
def test_regular_rates_are_kept(tmp_path: Path, fps: Fraction) -> None:
    source = write_video(tmp_path / "talk.mp4", counting_frames(12), fps=fps)
    written = copy(source, tmp_path / "out.mp4", fps=float(fps))
    assert [time_s for _, time_s in written] == pytest.approx(presentation_times(source), abs=2e-5)
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert container.streams.video[0].average_rate == fps
        assert container.streams.video[0].duration * container.streams.video[0].time_base == 12 / fps


@pytest.mark.parametrize(("codec", "suffix"), [("libopus", "mkv"), ("flac", "mkv"), ("libmp3lame", "mp4")])
def test_other_codecs_that_mp4_can_hold_are_copied_too(tmp_path: Path, codec: str, suffix: str) -> None:
    source = write_video(tmp_path / f"talk.{suffix}", counting_frames(10), audio=True, audio_codec=codec)
    copy(source, tmp_path / "out.mp4")
    assert sound_packets(tmp_path / "out.mp4") == sound_packets(source)


def test_sound_that_mp4_cannot_hold_becomes_aac_of_the_same_length(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    source = write_video(tmp_path / "talk.mkv", counting_frames(30), audio=True, audio_codec="pcm_u8")
    copy(source, tmp_path / "out.mp4")
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert container.streams.audio[0].codec_context.name == "aac"
        samples = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
    assert len(samples) / 48_000 == pytest.approx(1.0, abs=0.05)
    # A sine of amplitude 0.1 has a root mean square of 0.0707.
    assert float(np.sqrt(np.mean(samples**2))) == pytest.approx(0.0707, rel=0.05)
    assert "written as AAC" in caplog.text


def test_sound_longer_than_the_picture_is_kept_whole(tmp_path: Path) -> None:
    source = tmp_path / "talk.mkv"
    long = write_video(tmp_path / "long.mkv", counting_frames(60), audio=True)
    with av.open(str(long)) as taken, av.open(str(source), "w") as made:
        streams = {stream.index: made.add_stream_from_template(stream, opaque=True) for stream in taken.streams}
        for packet in taken.demux():
            if packet.size and (packet.stream.type == "audio" or packet.pts * packet.time_base < 0.5):
                packet.stream = streams[packet.stream.index]
                made.mux(packet)
    written = copy(source, tmp_path / "out.mp4")
    assert len(written) == 15
    assert sound_packets(tmp_path / "out.mp4") == sound_packets(long)


def test_sound_packets_without_duration_are_all_kept(tmp_path: Path) -> None:
    # Sound that begins late in the file is not seen by FFmpeg's probing, and then its packets have no duration.
    source = write_video(tmp_path / "talk.mkv", counting_frames(80), fps=5, audio=True)
    with av.open(str(source)) as container:
        packets = [packet for packet in container.demux(container.streams.audio[0]) if packet.size]
    assert packets[-1].duration == 0
    copy(source, tmp_path / "out.mp4", fps=5)
    assert sound_packets(tmp_path / "out.mp4") == sound_packets(source)


def test_a_run_that_was_stopped_early_has_no_sound_without_picture(tmp_path: Path) -> None:
    source = write_video(tmp_path / "talk.mkv", counting_frames(300), audio=True)
    assert len(copy(source, tmp_path / "out.mp4", first=30)) == 30
    with av.open(str(tmp_path / "out.mp4")) as container:
        last = [packet for packet in container.demux(container.streams.audio[0]) if packet.size][-1]
        assert 0.95 < float(last.pts * last.time_base) < 1.6


def test_a_source_that_starts_late_keeps_its_offset_to_the_sound(tmp_path: Path) -> None:
    times_s = [0.35 + i / 30 for i in range(10)]
    source = write_video(tmp_path / "talk.mp4", counting_frames(10), times_s=times_s, audio=True)
    written = copy(source, tmp_path / "out.mp4")
    assert [time_s for _, time_s in written] == pytest.approx(times_s, abs=2e-5)
    assert first_sound_s(tmp_path / "out.mp4") == pytest.approx(first_sound_s(source), abs=1e-3)


def test_a_source_without_sound_gives_a_video_without(tmp_path: Path) -> None:
    source = write_video(tmp_path / "talk.gif", counting_frames(8), fps=10, codec="gif", pix_fmt="rgb8")
    written = copy(source, tmp_path / "out.mp4", fps=10)
    assert [time_s for _, time_s in written] == pytest.approx([i / 10 for i in range(8)], abs=1e-3)
    assert duration_s(tmp_path / "out.mp4") == pytest.approx(0.8, abs=1e-3)
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert len(container.streams) == 1


def test_a_camera_starts_at_zero(tmp_path: Path) -> None:
    frames = [(pixels, 86_400.5 + i * 0.05) for i, pixels in enumerate(counting_frames(4))]
    written = write(tmp_path / "out.mp4", frames)
    assert [time_s for _, time_s in written] == pytest.approx([0, 0.05, 0.1, 0.15], abs=2e-5)


@settings(max_examples=15, deadline=None)
@given(steps=st.lists(st.floats(0.0, 3.0), min_size=1, max_size=12))
def test_any_times_are_kept_to_the_millisecond(tmp_path_factory: pytest.TempPathFactory, steps: list[float]) -> None:
    times_s = np.cumsum(steps).tolist()
    target = tmp_path_factory.mktemp("times") / "out.mp4"
    written = write(target, [(plain(GREY), time_s) for time_s in times_s])
    found = [time_s for _, time_s in written]
    assert len(found) == len(times_s)
    assert found == pytest.approx([time_s - times_s[0] for time_s in times_s], abs=1e-3)
    assert all(later > earlier for earlier, later in pairwise(found))


@pytest.mark.parametrize("colour", [RED, GREEN, BLUE, GREY, (255, 255, 255), (0, 0, 0), (40, 180, 250)])
def test_flat_colours_survive_for_two_kinds_of_readers(tmp_path: Path, colour: tuple[int, int, int]) -> None:
    target = tmp_path / "out.mp4"
    written = write(target, [(plain(colour), i / 30) for i in range(2)])
    np.testing.assert_allclose(written[0][0].astype(int), plain(colour).astype(int), atol=6)
    capture = cv2.VideoCapture(str(target))
    _, read = capture.read()
    capture.release()
    np.testing.assert_allclose(read.astype(int), plain(colour).astype(int), atol=6)


def test_a_red_square_stays_red_and_in_its_place(tmp_path: Path) -> None:
    ((pixels, _),) = write(tmp_path / "out.mp4", [(red_square(), 0.0)])
    np.testing.assert_allclose(pixels[4:20, 4:28].reshape(-1, 3) - np.array(RED), 0, atol=6)
    np.testing.assert_allclose(pixels[28:, 36:].reshape(-1, 3) - np.array(GREY), 0, atol=6)


def test_the_colours_are_tagged(tmp_path: Path) -> None:
    write(tmp_path / "out.mp4", [(plain(RED), 0.0)])
    with av.open(str(tmp_path / "out.mp4")) as container:
        context = container.streams.video[0].codec_context
        assert (context.name, context.pix_fmt) == ("h264", "yuv420p")
        assert (context.colorspace, context.color_primaries, context.color_trc, context.color_range) == (6, 1, 1, 1)


@pytest.mark.parametrize(
    ("size", "expected"), [((1, 1), (2, 2)), ((3, 5), (4, 6)), ((1, 90), (2, 90)), ((65, 47), (66, 48))]
)
def test_odd_sizes_grow_by_one_repeated_pixel(tmp_path: Path, size: tuple[int, int], expected: tuple[int, int]) -> None:
    written = write(tmp_path / "out.mp4", [(plain(RED, width=size[0], height=size[1]), i / 30) for i in range(3)])
    assert len(written) == 3
    height, width = written[0][0].shape[:2]
    assert (width, height) == expected
    np.testing.assert_allclose(written[0][0].reshape(-1, 3) - np.array(RED), 0, atol=6)


def test_the_index_stands_before_the_pictures(tmp_path: Path) -> None:
    write(tmp_path / "out.mp4", [(plain(RED), i / 30) for i in range(5)])
    data = (tmp_path / "out.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_an_exception_leaves_nothing(tmp_path: Path) -> None:
    source = write_video(tmp_path / "talk.mp4", counting_frames(10), audio=True)

    def fail() -> None:
        with AnnotatedVideoSink(tmp_path / "out.mp4", source, (64, 48), 30) as sink:
            for index, (pixels, time_s) in enumerate(decode(source)):
                sink.write(result(pixels, time_s, index))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert list(tmp_path.iterdir()) == [source]


def test_an_existing_video_is_refused_and_kept(tmp_path: Path) -> None:
    target = tmp_path / "out.mp4"
    target.write_bytes(b"precious")
    with pytest.raises(SinkError, match="exists; use --overwrite"):
        AnnotatedVideoSink(target, None, (64, 48), 30)
    assert target.read_bytes() == b"precious"


def test_a_disk_that_fills_up_is_told_in_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    # The kernel refuses to let a file of this process grow past the limit, as a full disk would.
    resource = pytest.importorskip("resource", reason="limits on file size are POSIX's")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    noise = np.random.default_rng(0).integers(0, 256, (10, 240, 320, 3), dtype=np.uint8)

    def fill() -> None:
        write(tmp_path / "out.mp4", [(noise[i % 10], i / 30) for i in range(90)])

    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(SinkError, match=r"^cannot write .*out\.mp4: ") as caught:
            fill()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_is_full_at_the_end_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SinkError, match="the disk is full"):
        write(tmp_path / "out.mp4", [(plain(RED), 0.0)])
    assert list(tmp_path.iterdir()) == []


def test_no_frame_means_no_video(tmp_path: Path) -> None:
    with (
        pytest.raises(SinkError, match="there was no frame"),
        AnnotatedVideoSink(tmp_path / "out.mp4", None, (64, 48), 30),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


def test_the_next_best_encoder_is_taken_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = av.codec.Codec

    def without_x264(name: str, mode: str) -> av.codec.Codec:
        if name in ("libx264", "libopenh264"):
            raise av.codec.codec.UnknownCodecError(name)
        return real(name, mode)

    monkeypatch.setattr(av.codec, "Codec", without_x264)
    written = write(tmp_path / "out.mp4", [(plain(RED), time_s) for time_s in UNEVEN])
    assert [time_s for _, time_s in written] == pytest.approx(UNEVEN, abs=1e-3)
    np.testing.assert_allclose(written[0][0].reshape(-1, 3) - np.array(RED), 0, atol=6)
    assert "written with mpeg4" in caplog.text


@pytest.mark.parametrize("clip", ["again.mkv", "bird.mkv", "face-demographics-walking.gif"])
def test_real_clips_keep_frames_times_and_duration(tmp_path: Path, clip: str) -> None:
    source = SHARED / "clips" / clip
    if not source.exists():
        pytest.skip(f"{source} is not there")
    written = copy(source, tmp_path / "out.mp4")
    times_s = presentation_times(source)
    assert [time_s for _, time_s in written] == pytest.approx(times_s, abs=1e-3)
    frame_s = (times_s[-1] - times_s[0]) / (len(times_s) - 1)
    assert duration_s(tmp_path / "out.mp4") == pytest.approx(duration_s(source), abs=frame_s)


@given(width=st.integers(1, 40), height=st.integers(1, 40), to_width=st.integers(1, 40), to_height=st.integers(1, 40))
def test_fitting_gives_the_size_asked_for_and_keeps_the_shape(
    width: int, height: int, to_width: int, to_height: int
) -> None:
    white = np.full((height, width, 3), 255, np.uint8)
    fitted = fit(white, (to_width, to_height))
    assert fitted.shape == (to_height, to_width, 3)
    assert fitted.dtype == np.uint8
    rows, columns = np.nonzero(fitted[:, :, 0])
    inner_width, inner_height = int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1
    scale = min(to_width / width, to_height / height)
    assert abs(inner_width - width * scale) <= 1
    assert abs(inner_height - height * scale) <= 1


@given(width=st.integers(1, 5000), height=st.integers(1, 5000))
def test_even_sizes_are_at_most_one_larger(width: int, height: int) -> None:
    even_width, even_height = even((width, height))
    assert even_width % 2 == even_height % 2 == 0
    assert 0 <= even_width - width <= 1
    assert 0 <= even_height - height <= 1


def test_tags_in_an_old_encoding_do_not_stop_the_sound(tmp_path: Path) -> None:
    source = write_video(tmp_path / "tagged.mkv", counting_frames(3), audio=True)
    with av.open(str(source)) as before, av.open(str(tmp_path / "old.mkv"), "w") as after:
        after.metadata["title"] = "Grxxxsse"
        streams = {stream.index: after.add_stream_from_template(stream) for stream in before.streams}
        for packet in before.demux():
            if packet.size:
                packet.stream = streams[packet.stream.index]
                after.mux(packet)
    old = tmp_path / "old.mkv"
    old.write_bytes(old.read_bytes().replace(b"Grxxxsse", b"Gr\xfc\xdf\xffsse"))  # Latin-1, not UTF-8
    write(tmp_path / "out.mp4", decode(source), source=old)
    assert sound_packets(tmp_path / "out.mp4") == sound_packets(source)
