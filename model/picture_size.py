"""How large a picture says that it is, read from its header before a decoder makes room for it."""

from __future__ import annotations

import re
import struct

#: Pixels of a single picture: photographs have up to 108 million. A few kilobytes can claim a billion.
MOST_STILL_PIXELS = 120_000_000

_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8"
_BYTE_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}  # of TIFF
_SIDES = {256: 0, 257: 1, 322: 0, 323: 1}  # TIFF's tags for width and height, and for those of a tile
_BITS, _SHORT, _LONG = 258, 3, 4
#: JPEG's markers that begin a frame, DHT, JPG and DAC not among them; those that stand without a length.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE = frozenset((0x01, *range(0xD0, 0xD9)))
_MARKER = re.compile(rb"\xff([^\xff])")
_MOST_SEGMENTS = 10_000  # before the size; a camera writes some hundreds at most


def size_of(encoded: bytes) -> tuple[int, int]:
    """``(width, height)`` in pixels of a PNG, JPEG, BMP, WebP, GIF or TIFF.

    Of a TIFF it is that of the first page, or of its tile where that is larger; one of more than 8 bits is refused.

    Raises:
        ValueError: it is none of these, or its header is damaged.
    """
    try:
        width, height = _read(encoded)
    except (struct.error, IndexError, KeyError):
        width, height = 0, 0
    if width <= 0 or height <= 0:
        raise ValueError("no picture's header")
    return width, height


def _read(encoded: bytes) -> tuple[int, int]:
    if encoded.startswith(_PNG) and encoded[12:16] == b"IHDR":
        return _two(">II", encoded, 16)
    if encoded.startswith(_JPEG):
        return _size_of_jpeg(encoded)
    if encoded.startswith(b"BM"):
        return _size_of_bmp(encoded)
    if encoded.startswith(b"RIFF") and encoded[8:12] == b"WEBP":
        return _size_of_webp(encoded)
    if encoded.startswith((b"GIF87a", b"GIF89a")):
        return _two("<HH", encoded, 6)
    return _size_of_tiff(encoded, _BYTE_ORDERS[encoded[:4]])


def _two(form: str, encoded: bytes, place: int) -> tuple[int, int]:
    first, second = struct.unpack_from(form, encoded, place)
    return first, second


def _size_of_jpeg(encoded: bytes) -> tuple[int, int]:
    place = len(_JPEG)
    for _ in range(_MOST_SEGMENTS):
        found = _MARKER.search(encoded, place)  # decoders pass over what is between two segments
        marker = found[1][0] if found else 0xD9
        if found is None or marker in (0xD9, 0xDA):  # the end, or pixels, before any size
            break
        place = found.end()
        if marker in _FRAMES:
            height, width = _two(">HH", encoded, place + 3)
            return width, height
        if marker and marker not in _BARE:
            (length,) = struct.unpack_from(">H", encoded, place)
            place += max(2, length)
    return 0, 0


def _size_of_bmp(encoded: bytes) -> tuple[int, int]:
    (header,) = struct.unpack_from("<I", encoded, 14)
    width, height = _two("<HH" if header == 12 else "<ii", encoded, 18)
    return width, abs(height)  # negative: from top to bottom


def _size_of_webp(encoded: bytes) -> tuple[int, int]:
    kind = encoded[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(encoded[24:27], "little"), 1 + int.from_bytes(encoded[27:30], "little")
    if kind == b"VP8L":
        (packed,) = struct.unpack_from("<I", encoded, 21)
        return 1 + (packed & 0x3FFF), 1 + (packed >> 14 & 0x3FFF)
    if kind != b"VP8 ":
        raise KeyError(kind)
    width, height = _two("<HH", encoded, 26)
    return width & 0x3FFF, height & 0x3FFF


def _size_of_tiff(encoded: bytes, order: str) -> tuple[int, int]:
    (place,) = struct.unpack_from(f"{order}I", encoded, 4)
    (count,) = struct.unpack_from(f"{order}H", encoded, place)
    sides = [0, 0]
    for entry in range(place + 2, place + 2 + 12 * count, 12):
        tag, kind, values = struct.unpack_from(f"{order}HHI", encoded, entry)
        if tag in _SIDES:
            form = {_SHORT: "H", _LONG: "I"}[kind]
            (side,) = struct.unpack_from(order + form, encoded, entry + 8)
            sides[_SIDES[tag]] = max(side, sides[_SIDES[tag]])  # a decoder makes room for a whole tile
        elif tag == _BITS:
            (offset,) = struct.unpack_from(f"{order}I", encoded, entry + 8)
            (bits,) = struct.unpack_from(f"{order}H", encoded, offset if values > 2 else entry + 8)
            if bits > 8:  # up to 64, so eight times the room
                raise KeyError(tag)
    return sides[0], sides[1]
