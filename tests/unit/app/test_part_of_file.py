"""A part of a file, and each N-th frame: just the frames that the whole file has there, without the way to them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from video_makers import counting_frames, damage, number_of, truncate, write_video

from app.capture import decode
from app.capture.video_file import VideoFile
from app.span import Span
from app.types import Frame
from model.errors import ConfigError, SourceError

OPEN_GROUPS = {"x264-params": "open-gop=1:keyint=12:min-keyint=12:bframes=3:b-adapt=0", "qp": "10"}
FRAGMENTS = {"movflags": "frag_keyframe+empty_moov"}
VP8 = {"auto-alt-ref": "1", "lag-in-frames": "16", "g": "20", "deadline": "good", "cpu-used": "5"}
UNEVEN = [0.0, *np.cumsum(np.random.default_rng(3).integers(8, 90, 59) / 1000).round(3).tolist()]

# Containers, codecs and clocks of which each has its own way of going to a place.
KINDS = {
    "mp4": ("a.mp4", {"audio": True, "options": {"g": "12", "bf": "2"}}),
    "mp4, open groups": ("o.mp4", {"options": OPEN_GROUPS}),
    "mp4, one group": ("one.mp4", {"options": {"g": "600"}}),
    "mp4, uneven": ("u.mp4", {"times_s": UNEVEN, "options": {"g": "7", "bf": "2"}}),
    "mp4, in fragments": (
        "f.mp4",
        {"container_options": {"movflags": "frag_keyframe+empty_moov"}, "options": {"g": "9"}},
    ),
    "mp4, late": ("late.mp4", {"times_s": [3 + i / 30 for i in range(60)], "options": {"g": "12"}}),
    "mov": ("p.mov", {"codec": "png", "pix_fmt": "rgb24"}),
    "mkv": ("a.mkv", {"audio": True, "options": {"g": "12", "bf": "2"}}),
    "mkv, open groups": ("o.mkv", {"options": OPEN_GROUPS}),
    "mkv, interlaced": ("i.mkv", {"options": {"x264-params": "tff=1:keyint=12", "qp": "10"}}),
    "mkv, lossless": ("l.mkv", {"codec": "ffv1"}),
    "webm, hidden frames": ("v.webm", {"codec": "libvpx", "options": VP8}),
    "webm, vp9": ("9.webm", {"codec": "libvpx-vp9", "options": {"deadline": "realtime", "cpu-used": "8", "g": "15"}}),
    "ts": ("a.ts", {"audio": True, "options": {"g": "12", "bf": "2"}}),
    "avi, mpeg4": ("m.avi", {"codec": "mpeg4", "options": {"bf": "2", "g": "12", "qscale": "2"}}),
    "avi, mjpeg": ("j.avi", {"codec": "mjpeg", "pix_fmt": "yuvj420p"}),
    "gif": ("g.gif", {"codec": "gif", "pix_fmt": "rgb8", "fps": 25}),
    "h264 without times": ("raw.h264", {"options": {"g": "12"}}),
}


# Those that are decoded from their beginning all the same.
SLOW = {"mp4, one group", "mkv, interlaced", "avi, mpeg4", "gif", "h264 without times"}
QUICK = [kind for kind in KINDS if kind not in SLOW]


def frames_of(path: Path, span: Span | None = None, *, every: int = 1) -> tuple[list[Frame], str | None]:
    with VideoFile(path, span=span, every=every) as source:
        return list(source), source.loss


def known(frames: list[Frame]) -> list[tuple[int, float]]:
    return [(frame.index, frame.time_s) for frame in frames]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("kinds")
    return {kind: write_video(folder / name, counting_frames(60), **words) for kind, (name, words) in KINDS.items()}


@pytest.fixture(scope="module")
def whole(files: dict[str, Path]) -> dict[str, list[Frame]]:
    return {kind: frames_of(path)[0] for kind, path in files.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_a_part_has_just_the_frames_of_the_whole_file(
    files: dict[str, Path], whole: dict[str, list[Frame]], kind: str
) -> None:
    frames = whole[kind]
    assert len(frames) == 60
    with av.open(str(files[kind])) as container:
        begins_s = (container.start_time or 0) / av.time_base
    assert (begins_s > 2.9) == (kind == "mp4, late")
    for first, last in ((0, 5), (1, 2), (11, 13), (12, 40), (23, 25), (35, 60), (59, 60)):
        start_s = max(0.0, round(frames[first].time_s - begins_s, 6))
        end_s = None if last == 60 else round(frames[last].time_s - begins_s, 6)
        part, loss = frames_of(files[kind], Span(start_s=start_s, end_s=end_s))
        assert known(part) == known(frames[first:last])
        assert all(np.array_equal(a.pixels, b.pixels) for a, b in zip(part, frames[first:last], strict=True))
        assert loss is None
    between = Span(start_s=round((frames[20].time_s + frames[21].time_s) / 2 - begins_s, 6))
    assert known(frames_of(files[kind], between)[0]) == known(frames[21:])


@pytest.mark.parametrize("cut", [5, 7])
def test_frames_that_an_edit_list_hides_are_not_counted(tmp_path: Path, cut: int) -> None:
    """A phone's trimmed video keeps the frames before the cut, hidden, back to the key frame."""
    path = write_video(tmp_path / "all.mp4", counting_frames(60), options={"g": "12", "bf": "2"})
    trimmed = tmp_path / "trimmed.mp4"
    with av.open(str(path)) as taken, av.open(str(trimmed), "w") as made:
        stream = made.add_stream_from_template(taken.streams.video[0])
        for packet in taken.demux(video=0):
            if packet.size:
                earlier = round(Fraction(cut, 30) / packet.time_base)
                packet.pts, packet.dts, packet.stream = packet.pts - earlier, packet.dts - earlier, stream
                made.mux(packet)
    frames, _ = frames_of(trimmed)
    assert [number_of(frame.pixels) for frame in frames[:2]] == [cut, cut + 1]
    for first, last in ((9, 15), (20, 30)):
        span = Span(start_s=round(frames[first].time_s, 6), end_s=round(frames[last].time_s, 6))
        assert known(frames_of(trimmed, span)[0]) == known(frames[first:last])


@settings(max_examples=60, deadline=None)
@given(
    kind=st.sampled_from(["mp4, uneven", "mp4, open groups", "mkv, open groups"]),
    start_s=st.floats(0, 2.5),
    length_s=st.floats(0.001, 3),
    every=st.integers(1, 9),
)
def test_any_part_and_any_stride_select_from_the_whole(
    files: dict[str, Path], whole: dict[str, list[Frame]], kind: str, start_s: float, length_s: float, every: int
) -> None:
    span = Span(start_s=round(start_s, 6), end_s=round(start_s + length_s, 6))
    wanted = [frame for frame in whole[kind] if span.begun(frame.time_s) and not span.over(frame.time_s)]
    wanted = [frame for frame in wanted if frame.index % every == 0]
    if wanted:
        assert known(frames_of(files[kind], span, every=every)[0]) == known(wanted)
    else:
        with pytest.raises(SourceError):
            frames_of(files[kind], span, every=every)


@pytest.mark.parametrize("every", [2, 7, 1000])
def test_each_nth_frame_keeps_its_number_and_time(
    files: dict[str, Path], whole: dict[str, list[Frame]], every: int
) -> None:
    frames, loss = frames_of(files["mkv"], every=every)
    assert known(frames) == known(whole["mkv"][::every])
    assert [number_of(frame.pixels) for frame in frames] == [index % 25 for index in range(0, 60, every)]
    assert loss is None


def test_frames_between_are_not_converted(files: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    converted: list[float] = []
    plain = decode.Upright.bgr
    monkeypatch.setattr(decode.Upright, "bgr", lambda self, frame: converted.append(frame.time) or plain(self, frame))
    frames, _ = frames_of(files["mp4"], Span(start_s=0.5), every=10)
    assert converted == pytest.approx([frame.time_s for frame in frames])
    assert len(converted) == 4  # 20, 30, 40, 50; and none on the way from the key frame


def test_a_stride_below_one_is_refused(files: dict[str, Path]) -> None:
    with pytest.raises(ConfigError, match="every is 0, expected 1 or more"):
        VideoFile(files["mp4"], every=0)


@pytest.mark.parametrize("kind", QUICK)
def test_what_lies_before_the_key_frame_is_not_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    name, words = KINDS[kind]
    words = {key: value for key, value in words.items() if key != "times_s"}
    path = write_video(tmp_path / name, counting_frames(300), **words)
    fed: list[float] = []
    plain = decode.Decoder._decode
    monkeypatch.setattr(decode.Decoder, "_decode", lambda self, packet: fed.append(packet.pts) or plain(self, packet))
    frames, _ = frames_of(path, Span(start_s=9.0, end_s=9.2))
    assert [number_of(frame.pixels) for frame in frames] == [number % 25 for number in range(270, 276)]
    assert len(fed) < 60


def test_a_second_pass_gives_the_part_again(files: dict[str, Path]) -> None:
    with VideoFile(files["mp4"], span=Span(start_s=1.0, end_s=1.2), every=2) as source:
        assert known(list(source)) == known(list(source))
        assert source.begins_s == pytest.approx(1.0)


def test_the_part_is_told_in_the_file_s_own_times(files: dict[str, Path]) -> None:
    with VideoFile(files["mp4, late"], span=Span(start_s=1.0, end_s=1.5)) as source:
        assert source.span == Span(start_s=4.0, end_s=4.5)
        assert source.begins_s == pytest.approx(4.0)
        assert source.frame_count == 15
        assert [round(frame.time_s, 3) for frame in source][:2] == [4.0, 4.033]
    with VideoFile(files["mp4, late"]) as source:
        assert source.span is None


def test_how_many_frames_to_expect(files: dict[str, Path]) -> None:
    for span, every, expected in (
        (None, 7, 9),
        (Span(start_s=1.0), 1, 30),
        (Span(end_s=0.5), 4, 4),
        (Span(start_s=1.5, end_s=99), 1, 15),
    ):
        with VideoFile(files["mp4, open groups"], span=span, every=every) as source:
            assert source.frame_count == expected


def test_a_recording_that_begins_within_a_group_is_read_from_the_beginning(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.ts", counting_frames(60), options={"g": "12", "bf": "2"})
    data = path.read_bytes()
    path.write_bytes(data[len(data) // 188 // 8 * 188 :])
    frames, _ = frames_of(path)
    assert 40 < len(frames) < 58
    with av.open(str(path)) as container:
        begins_s = container.start_time / av.time_base
    part, _ = frames_of(path, Span(start_s=round(frames[20].time_s - begins_s, 6)))
    assert known(part) == known(frames[20:])


def test_joined_recordings_are_read_from_the_beginning(tmp_path: Path) -> None:
    """Their clock starts again in the middle: no container finds the time that goes on."""
    for name in ("a.ts", "b.ts"):
        write_video(tmp_path / name, counting_frames(60), options={"g": "12"})
    path = tmp_path / "both.ts"
    path.write_bytes((tmp_path / "a.ts").read_bytes() + (tmp_path / "b.ts").read_bytes())
    frames, _ = frames_of(path)
    begins_s = frames[0].time_s
    wanted = [frame for frame in frames if 2.5 <= round(frame.time_s - begins_s, 6) < 3]
    part, _ = frames_of(path, Span(start_s=2.5, end_s=3.0))
    assert known(part) == known(wanted)
    assert len(part) == 15


# --- what cannot be ------------------------------------------------------------------------------------------------


def refusal(path: Path, span: Span, *, every: int = 1) -> str:
    with pytest.raises(SourceError) as caught:
        VideoFile(path, span=span, every=every)
    message = str(caught.value)
    assert "\n" not in message
    assert str(path) in message
    return message


@pytest.mark.parametrize(
    ("kind", "long"),
    [
        ("mp4", "0:02"),
        ("mkv", "0:02"),
        ("mp4, late", "0:02"),
        ("ts", "0:02.021"),  # its sound begins a little earlier
        ("gif", "0:02.4"),
        ("avi, mpeg4", "0:02.033"),  # FFmpeg's encoder leaves a time out
    ],
)
def test_a_start_behind_the_end_says_how_long_the_file_is(files: dict[str, Path], kind: str, long: str) -> None:
    message = refusal(files[kind], Span(start_s=75.0))
    assert f"is {long} long, but the part asked for begins at 1:15;" in message


def test_a_part_between_two_frames_says_so(files: dict[str, Path]) -> None:
    message = refusal(files["mp4"], Span(start_s=1.001, end_s=1.02))
    assert "no frame" in message
    assert "lies in 0:01.001-0:01.02; choose a longer part" in message


def test_a_part_without_an_nth_frame_says_so(files: dict[str, Path]) -> None:
    message = refusal(files["mp4"], Span(start_s=1.0, end_s=1.2), every=40)
    assert "in 0:01-0:01.2 has a number that 40 divides; choose a longer part, or every frame" in message


# --- damage --------------------------------------------------------------------------------------------------------


def noise(count: int) -> list[np.ndarray]:
    random = np.random.default_rng(0)
    return [random.integers(0, 256, (48, 64, 3), dtype=np.uint8) for _ in range(count)]


@pytest.mark.parametrize(
    ("start_s", "end_s", "hit", "frames"),
    [
        (0.0, 0.5, 0, 15),
        (0.0, 0.9, 0, 27),
        (1.12, 2.0, 0, 26),
        (1.5, None, 0, 15),
        (0.0, 34 / 30, 1, 33),
        (1.0, 34 / 30, 1, 3),
        (33 / 30, 1.5, 1, 11),
        (0.9, None, 1, 32),
    ],
)
def test_only_damage_within_the_part_is_told(
    tmp_path: Path, start_s: float, end_s: float | None, hit: int, frames: int
) -> None:
    path = write_video(tmp_path / "hit.mov", noise(60), codec="png", pix_fmt="rgb24")
    with av.open(str(path)) as container:
        position, size = [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.size][33]
    data = bytearray(path.read_bytes())
    data[position + 60 : position + size - 60] = bytes(size - 120)
    path.write_bytes(bytes(data))
    found, loss = frames_of(path, Span(start_s=round(start_s, 6), end_s=None if end_s is None else round(end_s, 6)))
    assert loss == ("1 damaged frame skipped or patched up" if hit else None)
    assert len(found) == frames


@pytest.mark.parametrize(("near", "told"), [((31, 33), False), ((33, 35), True)])
def test_damage_one_frame_beside_the_part_is_not_told(tmp_path: Path, near: tuple[int, int], told: bool) -> None:
    """A decoder has read further than what it has given."""
    path = write_video(tmp_path / "hit.mov", noise(60), codec="png", pix_fmt="rgb24")
    with av.open(str(path)) as container:
        position, size = [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.size][33]
    data = bytearray(path.read_bytes())
    data[position + 60 : position + size - 60] = bytes(size - 120)
    path.write_bytes(bytes(data))
    span = Span(start_s=round(near[0] / 30, 6), end_s=round(near[1] / 30, 6))
    assert (frames_of(path, span)[1] is not None) == told
    after = Span(start_s=round(34 / 30, 6), end_s=round(36 / 30, 6))
    assert frames_of(path, after)[1] is None


@pytest.mark.parametrize("name", ["cut.mkv", "cut.mp4"])
def test_a_cut_off_file_tells_its_loss_to_those_who_asked_for_what_is_gone(tmp_path: Path, name: str) -> None:
    options = {"movflags": "faststart"} if name.endswith("mp4") else {"cluster_time_limit": "200"}
    path = write_video(tmp_path / name, noise(60), options={"g": "12", "qp": "0"}, container_options=options)
    truncate(path, 0.5)
    there, _ = frames_of(path)
    assert 20 <= len(there) <= 35
    for start_s in (0.0, 0.3):
        part, loss = frames_of(path, Span(start_s=start_s, end_s=0.6))
        assert (len(part), loss) == (18 - round(30 * start_s), None)
        part, loss = frames_of(path, Span(start_s=start_s, end_s=1.5))
        assert part[-1].index == there[-1].index
        assert loss is not None
        assert loss.startswith(f"stopped after {there[-1].time_s:.2f} s")
        assert frames_of(path, Span(start_s=start_s))[1] == loss
    assert "can be read from 0:01.5 on (stopped before the first frame" in refusal(path, Span(start_s=1.5))


def test_a_hit_before_the_key_frame_costs_the_part_nothing(tmp_path: Path) -> None:
    path = write_video(tmp_path / "hit.mp4", noise(90), options={"g": "15", "crf": "18"})
    whole, _ = frames_of(path)
    damage(path, start=0.2, length=4000)
    assert frames_of(path)[1] is not None
    part, loss = frames_of(path, Span(start_s=2.2, end_s=2.8))
    assert loss is None
    wanted = [frame for frame in whole if 2.2 <= frame.time_s < 2.8]
    assert [frame.time_s for frame in part] == [frame.time_s for frame in wanted]
    assert all(np.array_equal(a.pixels, b.pixels) for a, b in zip(part, wanted, strict=True))
