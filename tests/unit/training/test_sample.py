"""Pictures of a data set: of any published kind, and bounded before a decoder makes room for them."""

from __future__ import annotations

import struct
import zlib

import cv2
import numpy as np
import pytest

from model.errors import DataError
from training.data.sample import decode_picture


def test_a_picture_of_a_billion_pixels_is_left_out_before_room_is_made(tmp_path, monkeypatch):
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 32_700, 32_700, 8, 2, 0, 0, 0))
    (tmp_path / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IEND", b""))
    monkeypatch.setattr(cv2, "imdecode", lambda *_: pytest.fail("decoded it"))
    with pytest.raises(DataError, match=r"bomb\.png: 32700x32700, more than 120 million pixels; left out"):
        decode_picture(tmp_path / "bomb.png")


@pytest.mark.parametrize("kind", ["png", "jpg", "bmp", "webp", "tif"])
def test_pictures_of_every_kind_are_read(tmp_path, kind):
    cv2.imwrite(str(tmp_path / f"grey.{kind}"), np.full((20, 30, 3), 90, np.uint8))
    pixels = decode_picture(tmp_path / f"grey.{kind}")
    assert pixels.shape == (20, 30, 3)
    assert abs(int(pixels.mean()) - 90) <= 2
