from __future__ import annotations

import gc
import http.server
import itertools
import os
import threading
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps
from skimage.data import astronaut
from video_makers import (
    BLUE,
    GREEN,
    GREY,
    RED,
    counting_frames,
    damage,
    number_of,
    plain,
    presentation_times,
    red_square,
    truncate,
    write_audio,
    write_video,
)

from app.capture.picture import Upright
from app.capture.times import NUDGE_S, PresentationTimes
from app.capture.video_file import VideoFile
from app.types import Frame
from model.errors import SourceError

SHARED = Path(__file__).parents[3].parent / "shared"


def read(path: Path) -> tuple[list[Frame], str | None]:
    with VideoFile(path) as source:
        frames = list(source)
        return frames, source.loss


def noise(count: int, *, seed: int = 0) -> list[np.ndarray]:
    random = np.random.default_rng(seed)
    return [random.integers(0, 256, (48, 64, 3), dtype=np.uint8) for _ in range(count)]


def assert_colour(pixels: np.ndarray, expected: tuple[int, int, int], tolerance: int = 6) -> None:
    assert np.abs(np.median(pixels.reshape(-1, 3), axis=0) - expected).max() <= tolerance


def refusal(path: Path) -> str:
    with pytest.raises(SourceError) as caught:
        VideoFile(path)
    message = str(caught.value)
    assert "\n" not in message
    assert str(path) in message
    return message


# --- times, order, properties -------------------------------------------------------------------------------------


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


# --- pictures of every kind ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt", "extra"),
    [
        ("bt709.mp4", "libx264", "yuv420p", {"colorspace": "bt709"}),
        ("bt601.mp4", "libx264", "yuv420p", {"colorspace": "bt601"}),
        ("full.mp4", "libx264", "yuv420p", {"colorspace": "bt709", "color_range": "pc"}),
        ("untagged.mp4", "libx264", "yuv420p", {}),
        ("ten.mkv", "libx264", "yuv420p10le", {"colorspace": "bt709"}),
        ("sixteen.mkv", "ffv1", "yuv420p16le", {}),
        ("yuvj.avi", "mjpeg", "yuvj420p", {}),
        ("rgb.mkv", "libx264rgb", "bgr24", {"options": {"qp": "0"}}),
        ("palette.gif", "gif", "rgb8", {}),
        ("alpha.mov", "qtrle", "argb", {}),
        ("alpha.mkv", "ffv1", "yuva420p", {}),
        ("raw.avi", "rawvideo", "bgr24", {}),
        ("mpeg4.avi", "mpeg4", "yuv420p", {"options": {"qscale": "1"}}),
        ("vp9.webm", "libvpx-vp9", "yuv420p", {"options": {"lossless": "1", "cpu-used": "8", "deadline": "realtime"}}),
    ],
)
def test_a_red_square_stays_red(tmp_path: Path, name: str, codec: str, pix_fmt: str, extra: dict) -> None:
    path = write_video(tmp_path / name, [red_square()] * 3, codec=codec, pix_fmt=pix_fmt, **extra)
    frames, loss = read(path)
    assert (len(frames), loss) == (3, None)
    # A GIF of 256 fixed colours has no better grey.
    assert_colour(frames[1].pixels[2:20, 2:28], RED, 8)
    assert_colour(frames[1].pixels[28:, 36:], GREY, 30 if codec == "gif" else 6)


@pytest.mark.parametrize("pix_fmt", ["gray", "gray10le", "gray16le"])
def test_grey_video_keeps_its_levels(tmp_path: Path, pix_fmt: str) -> None:
    frames, _ = read(
        write_video(tmp_path / "g.mkv", [plain((v, v, v)) for v in (0, 128, 255)], codec="ffv1", pix_fmt=pix_fmt)
    )
    for frame, level in zip(frames, (0, 128, 255), strict=True):
        assert_colour(frame.pixels, (level, level, level), 1)


def test_transparent_places_are_black(tmp_path: Path) -> None:
    picture = av.VideoFrame.from_ndarray(
        np.dstack([red_square(), np.full((48, 64), 255, np.uint8)]).astype(np.uint8), format="bgra"
    )
    array = picture.to_ndarray().copy()
    array[:, 32:, 3] = 0
    array[:, :16, 3] = 128
    pixels = Upright().bgr(av.VideoFrame.from_ndarray(array, format="bgra"))
    assert_colour(pixels[:24, 16:32], RED, 0)
    assert_colour(pixels[:24, :16], (0, 0, 128), 1)
    assert_colour(pixels[:, 32:], (0, 0, 0), 0)


@pytest.mark.parametrize(("width", "height"), [(1, 1), (2, 9), (9, 2), (31, 17)])
def test_tiny_and_odd_sizes(tmp_path: Path, width: int, height: int) -> None:
    picture = plain(BLUE, width=width, height=height)
    frames, loss = read(write_video(tmp_path / "tiny.mkv", [picture] * 3, codec="ffv1", pix_fmt="bgr0"))
    assert [frame.pixels.shape for frame in frames] == [(height, width, 3)] * 3
    assert np.array_equal(frames[2].pixels, picture)
    assert loss is None


# The red corner of the picture as stored is top left; degrees are counter-clockwise, as ffmpeg tells them.
@pytest.mark.parametrize(
    ("rotation", "corner", "size"),
    [
        (90, ("bottom", "left"), (48, 64)),
        (-90, ("top", "right"), (48, 64)),
        (180, ("bottom", "right"), (64, 48)),
        (0, ("top", "left"), (64, 48)),
    ],
)
def test_a_phone_s_rotation_is_applied(
    tmp_path: Path, rotation: int, corner: tuple[str, str], size: tuple[int, int]
) -> None:
    path = write_video(tmp_path / "phone.mp4", [red_square()] * 3, rotation=rotation)
    with VideoFile(path) as source:
        assert source.size == size
        for frame in source:
            height, width = frame.pixels.shape[:2]
            assert (width, height) == size
            rows = slice(2, height // 2 - 4) if corner[0] == "top" else slice(height // 2 + 4, height - 2)
            columns = slice(2, width // 2 - 4) if corner[1] == "left" else slice(width // 2 + 4, width - 2)
            assert_colour(frame.pixels[rows, columns], RED)
            assert_colour(frame.pixels[height - 1 - rows.start, width - 1 - columns.start], GREY)
            assert frame.pixels.flags.c_contiguous


def test_a_mirrored_display_matrix_is_applied(tmp_path: Path) -> None:
    path = write_video(tmp_path / "phone.mp4", [red_square()] * 3, rotation=180)
    data = bytearray(path.read_bytes())
    one, minus = (65536).to_bytes(4, "big", signed=True), (-65536).to_bytes(4, "big", signed=True)
    zero, w = bytes(4), (0x40000000).to_bytes(4, "big")
    turned = data.find(minus + zero * 3 + minus)  # a, b, u, c, d of the track header's matrix
    assert turned > 0
    data[turned : turned + 36] = minus + zero * 3 + one + zero * 3 + w  # x' = -x, y' = y
    path.write_bytes(bytes(data))
    frames, _ = read(path)
    assert_colour(frames[0].pixels[2:20, 36:60], RED)
    assert_colour(frames[0].pixels[2:20, 2:28], GREY)


def test_a_change_of_size_in_the_middle_keeps_the_first_size_and_stretches_nobody(tmp_path: Path) -> None:
    small = write_video(tmp_path / "a.ts", [plain(GREEN)] * 5).read_bytes()
    large = write_video(tmp_path / "b.ts", [plain(RED, width=96, height=36)] * 5).read_bytes()
    path = tmp_path / "call.ts"
    path.write_bytes(small + large)
    frames, _ = read(path)
    assert {frame.pixels.shape for frame in frames} == {(48, 64, 3)}
    assert_colour(frames[-1].pixels[14:34], RED)
    assert_colour(frames[-1].pixels[:11], (0, 0, 0))
    assert_colour(frames[-1].pixels[37:], (0, 0, 0))
    assert all(a.time_s < b.time_s for a, b in itertools.pairwise(frames))


# --- what is no video ---------------------------------------------------------------------------------------------


def test_a_missing_file(tmp_path: Path) -> None:
    assert "no such file" in refusal(tmp_path / "nothing.mp4")


def test_a_folder(tmp_path: Path) -> None:
    assert "is a folder" in refusal(tmp_path)


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    assert "is empty" in refusal(tmp_path / "empty.mp4")


@pytest.mark.parametrize("name", ["text.mp4", "text.txt", "text.nfo"])
def test_a_text_file(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("no video at all\n" * 100)
    assert "not a video" in refusal(tmp_path / name)


def test_zeros_and_noise(tmp_path: Path) -> None:
    (tmp_path / "zeros.mkv").write_bytes(bytes(10_000))
    (tmp_path / "noise.mp4").write_bytes(np.random.default_rng(0).bytes(10_000))
    assert "not a video" in refusal(tmp_path / "zeros.mkv")
    assert refusal(tmp_path / "noise.mp4")


def test_sound_only(tmp_path: Path) -> None:
    assert "holds sound but no video" in refusal(write_audio(tmp_path / "song.m4a"))
    assert "holds sound but no video" in refusal(write_audio(tmp_path / "song.mp4"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_named_pipe_is_refused_rather_than_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    assert "not a regular file" in refusal(tmp_path / "pipe.mp4")


def test_an_unreadable_file(tmp_path: Path) -> None:
    path = write_video(tmp_path / "secret.mkv", counting_frames(2))
    path.chmod(0)
    try:
        path.read_bytes()
    except PermissionError:
        assert "no permission to read" in refusal(path)
    else:
        pytest.skip("this user may read everything (root)")


def test_permission_refused_by_the_system_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_video(tmp_path / "secret.mkv", counting_frames(2))

    def refuse(*args: object, **kwargs: object) -> None:
        raise av.error.PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(av, "open", refuse)
    assert "no permission to read" in refusal(path)


def test_a_file_with_a_colon_or_percent_in_its_name(tmp_path: Path) -> None:
    for name in ("talk: part 1.mkv", "http:%03d.mkv", "ünïcode 日本.mkv"):
        frames, _ = read(write_video(tmp_path / "x.mkv", counting_frames(2)).rename(tmp_path / name))
        assert len(frames) == 2


def test_a_playlist_in_disguise_does_not_reach_for_the_network(tmp_path: Path) -> None:
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, format: str, *args: object) -> None:  # the base class's name
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        lines = ["#EXTM3U", "#EXT-X-TARGETDURATION:9", "#EXTINF:9,"]
        lines += [f"http://127.0.0.1:{server.server_port}/a.ts", "#EXT-X-ENDLIST", ""]
        for name in ("list.m3u8", "list.mp4"):
            (tmp_path / name).write_text("\n".join(lines))
            refusal(tmp_path / name)
        server.shutdown()
        thread.join()
    assert asked == []


# --- damage -------------------------------------------------------------------------------------------------------


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


# --- strictly rising times ----------------------------------------------------------------------------------------

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


# --- real clips ---------------------------------------------------------------------------------------------------


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


# What crafted files tried (docs/decisions/hostile-input.md).


def test_a_list_of_other_files_in_disguise_opens_none_of_them(tmp_path):
    write_video(tmp_path / "private.mp4", counting_frames(3))
    (tmp_path / "talk.mp4").write_text("ffconcat version 1.0\nfile private.mp4\n")
    assert "of no kind of video or picture that affectcam reads" in refusal(tmp_path / "talk.mp4")


def test_a_playlist_in_disguise_opens_none_of_its_files(tmp_path):
    write_video(tmp_path / "private.ts", counting_frames(3))
    lines = ("#EXTM3U", "#EXT-X-TARGETDURATION:10", "#EXTINF:10,", "private.ts", "#EXT-X-ENDLIST")
    (tmp_path / "talk.mp4").write_text("\n".join(lines))
    assert "is not a video" in refusal(tmp_path / "talk.mp4")


def test_a_picture_whose_name_looks_like_a_series_is_that_picture(tmp_path):
    cv2.imwrite(str(tmp_path / "a001.png"), np.zeros((20, 30, 3), np.uint8))
    cv2.imwrite(str(tmp_path / "a%03d.png"), np.full((40, 50, 3), 200, np.uint8))
    with VideoFile(tmp_path / "a%03d.png") as video:
        (frame,) = video
    assert frame.pixels.shape == (40, 50, 3)
    assert frame.pixels.min() == 200


@pytest.mark.parametrize(
    ("name", "size", "most"), [("still.png", (12_001, 10_000), 120), ("clip.mkv", (8000, 5001), 40)]
)
def test_frames_that_would_take_gigabytes_are_refused(tmp_path, name, size, most):
    flat = np.zeros((size[1], size[0]), np.uint8)
    if name.endswith("png"):
        cv2.imwrite(str(tmp_path / name), flat)
    else:
        write_video(tmp_path / name, [flat], codec="ffv1", pix_fmt="gray")
    assert f"frames of {size[0]}x{size[1]} pixels, more than the {most} million" in refusal(tmp_path / name)


def test_frames_that_grow_on_the_way_are_left_out(tmp_path, monkeypatch):
    """Two MJPEG pictures in a row, the second one larger than is read; the limit is a small one here."""
    monkeypatch.setattr("app.capture.container.MOST_VIDEO_PIXELS", 10_000)
    parts = [cv2.imencode(".jpg", np.full(shape, 90, np.uint8))[1].tobytes() for shape in ((48, 64), (480, 640))]
    (tmp_path / "grows.mjpeg").write_bytes(b"".join([parts[0], parts[0], parts[1], parts[0]]))
    with VideoFile(tmp_path / "grows.mjpeg") as video:
        assert [frame.pixels.shape for frame in video] == [(48, 64, 3)] * 3
        assert "1 damaged frame" in video.loss


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photograph_of_a_phone_is_upright(tmp_path, orientation):
    """It holds what the camera wrote (EXIF), which PyAV has no name for; Pillow says how it should look."""
    about, path = Image.Exif(), tmp_path / "photograph.jpg"
    about[0x0112], about[0x010F] = orientation, "a phone"
    Image.fromarray(astronaut()[:240, 100:420]).save(path, exif=about, quality=95)
    upright = np.asarray(ImageOps.exif_transpose(Image.open(path)))[:, :, ::-1]
    with VideoFile(path) as video:
        (frame,) = video
    assert video.still
    assert frame.pixels.shape == upright.shape
    assert np.abs(frame.pixels.astype(int) - upright).mean() < 2


def test_a_tiff_is_read(tmp_path):
    picture = np.random.default_rng(0).integers(0, 256, (30, 40, 3), np.uint8)
    cv2.imwrite(str(tmp_path / "a.tiff"), picture)
    with VideoFile(tmp_path / "a.tiff") as video:
        (frame,) = video
    assert np.array_equal(frame.pixels, picture)


def test_video_that_nothing_can_decode_is_one_line(tmp_path):
    path = write_video(tmp_path / "a.mp4", counting_frames(3))
    path.write_bytes(path.read_bytes().replace(b"avc1", b"zzzz"))
    assert "of a kind that cannot be decoded here" in refusal(path)
