"""A picture's size from its header: that of the decoder, for every kind that data sets have."""

from __future__ import annotations

import struct

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.picture_size import size_of


def encoded(kind, *options, width=37, height=23, channels=3):
    pixels = np.random.default_rng(0).integers(0, 255, (height, width, channels), np.uint8)
    return cv2.imencode(kind, pixels, options)[1].tobytes()


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (".png", ()),
        (".jpg", ()),
        (".jpg", (cv2.IMWRITE_JPEG_PROGRESSIVE, 1)),
        (".bmp", ()),
        (".webp", (cv2.IMWRITE_WEBP_QUALITY, 80)),
        (".webp", (cv2.IMWRITE_WEBP_QUALITY, 101)),
        (".tif", ()),
    ],
)
@pytest.mark.parametrize("channels", [1, 3])
def test_it_is_the_decoders(kind, options, channels):
    content = encoded(kind, *options, channels=channels)
    assert size_of(content) == (37, 23)
    assert cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED).shape[:2] == (23, 37)


def test_a_webp_with_transparency_and_a_bmp_from_the_top_have_their_size():
    assert size_of(encoded(".webp", cv2.IMWRITE_WEBP_QUALITY, 80, channels=4)) == (37, 23)
    content = bytearray(encoded(".bmp"))
    content[22:26] = (-23).to_bytes(4, "little", signed=True)
    assert size_of(bytes(content)) == (37, 23)


def test_the_preview_that_a_camera_puts_into_a_jpeg_is_not_its_size():
    preview, content = encoded(".jpg", width=8, height=8), encoded(".jpg")
    segment = b"\xff\xe1" + (len(preview) + 2).to_bytes(2, "big") + preview
    assert size_of(content[:2] + segment + content[2:]) == (37, 23)


def test_a_tiff_counts_its_tiles_and_has_eight_bits():
    def tiff(**tags):
        numbers = {"width": 256, "height": 257, "bits": 258, "tile": 322}
        entries = b"".join(struct.pack("<HHII", numbers[name], 3, 1, value) for name, value in tags.items())
        return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries

    assert size_of(tiff(width=37, height=23, bits=8, tile=60_000)) == (60_000, 23)
    with pytest.raises(ValueError, match="no picture's header"):
        size_of(tiff(width=37, height=23, bits=64))


@pytest.mark.parametrize("filling", [b"\xff" * 4_000_000, b"\xff\x01" * 2_000_000])
def test_a_jpeg_without_end_is_given_up(filling):
    with pytest.raises(ValueError, match="no picture's header"):
        size_of(b"\xff\xd8" + filling)


@pytest.mark.parametrize(
    "content", [b"", b"text", b"\xff\xd8", b"\xff\xd8\xff", b"BM", b"II*\0", b"RIFF\0\0\0\0WEBPVP8 "]
)
def test_what_is_no_picture_has_no_size(content):
    with pytest.raises(ValueError, match="no picture's header"):
        size_of(content)


@given(st.sampled_from([".png", ".jpg", ".bmp", ".webp", ".tif"]), st.data())
def test_no_header_makes_it_fail_otherwise(kind, data):
    content = bytearray(encoded(kind, width=4, height=4))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        width, height = size_of(bytes(content[: data.draw(st.integers(0, len(content)))]))
    except ValueError:
        return
    assert width > 0
    assert height > 0
