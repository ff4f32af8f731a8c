"""Pictures of every kind come as upright BGR in the right colours."""

from __future__ import annotations

import itertools
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps
from skimage.data import astronaut
from video_file_helpers import assert_colour, read
from video_makers import BLUE, GREEN, GREY, RED, plain, red_square, write_video

from app.capture.picture import Upright
from app.capture.video_file import VideoFile


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
