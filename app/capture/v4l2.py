"""What Linux tells about a video device, asked without disturbing a program that uses it."""

from __future__ import annotations

import contextlib
import errno
import os
import struct
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

#: Asks a device: the request's number and its structure, which the answer replaces.
Ask = Callable[[int, bytearray], object]

# linux/videodev2.h: _IOWR('V', number, structure)
ENUM_FORMATS = 0xC0405602  # v4l2_fmtdesc, 64 bytes
ENUM_SIZES = 0xC02C564A  # v4l2_frmsizeenum, 44 bytes
ENUM_INTERVALS = 0xC034564B  # v4l2_frmivalenum, 52 bytes
REQUEST_BUFFERS = 0xC0145608  # v4l2_requestbuffers, 20 bytes
CAPTURE = 1  # V4L2_BUF_TYPE_VIDEO_CAPTURE
_MMAP = 1  # V4L2_MEMORY_MMAP
_DISCRETE = 1  # of both enumerations' types; continuous and stepwise answer in the same words
_MOST = 256  # answers of one kind; a broken driver might go on for ever


@contextlib.contextmanager
def opened(path: Path | str) -> Iterator[Ask]:
    """Open a device for questions only.

    Raises:
        OSError: it is missing, forbidden or, rarely, for one program alone; or this is not Linux.
    """
    if sys.platform != "linux":
        raise OSError("video devices can be asked on Linux only")
    import fcntl

    descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        yield lambda request, structure: fcntl.ioctl(descriptor, request, structure)
    finally:
        os.close(descriptor)


def formats(ask: Ask) -> list[str]:
    """The pixel formats that the device gives, as four letters: "MJPG", "YUYV"."""
    answers = _answers(ask, ENUM_FORMATS, 64, lambda index: struct.pack("=II", index, CAPTURE))
    return [answer[44:48].decode("latin-1") for answer in answers]


def sizes(ask: Ask, pixel_format: str) -> list[tuple[int, int]] | tuple[range, range]:
    """The sizes in one format: ``(width, height)`` each, or all widths and all heights that a device scales to."""
    letters = pixel_format.encode("latin-1")
    answers = list(_answers(ask, ENUM_SIZES, 44, lambda index: struct.pack("=I4s", index, letters)))
    if answers and struct.unpack_from("=I", answers[0], 8)[0] != _DISCRETE:
        width, to_width, step_x, height, to_height, step_y = struct.unpack_from("=6I", answers[0], 12)
        return range(width, to_width + 1, max(1, step_x)), range(height, to_height + 1, max(1, step_y))
    return [struct.unpack_from("=2I", answer, 12) for answer in answers]


def intervals(ask: Ask, pixel_format: str, size: tuple[int, int]) -> tuple[list[Fraction], bool]:
    """The times between two pictures in seconds, and whether they are single ones; else shortest and longest."""
    letters = pixel_format.encode("latin-1")
    answers = list(_answers(ask, ENUM_INTERVALS, 52, lambda index: struct.pack("=I4sII", index, letters, *size)))
    if answers and struct.unpack_from("=I", answers[0], 16)[0] != _DISCRETE:
        return _fractions(answers[0][20:36]), False
    return [interval for answer in answers for interval in _fractions(answer[20:28])], True


def is_taken(ask: Ask) -> bool:
    """Whether another program gets pictures from the device: asking for no buffers changes nothing, but is refused."""
    structure = bytearray(20)
    struct.pack_into("=III", structure, 0, 0, CAPTURE, _MMAP)
    try:
        ask(REQUEST_BUFFERS, structure)
    except OSError as error:
        return error.errno == errno.EBUSY
    return False


def _answers(ask: Ask, request: int, length: int, question: Callable[[int], bytes]) -> Iterator[bytes]:
    """The answers to one enumeration, until the device has no more."""
    for index in range(_MOST):
        structure = bytearray(length)
        begin = question(index)
        structure[: len(begin)] = begin
        try:
            ask(request, structure)
        except OSError:  # EINVAL: no more; anything else: the device is gone
            return
        yield bytes(structure)


def _fractions(raw: bytes) -> list[Fraction]:
    numbers = struct.unpack(f"={len(raw) // 4}I", raw)
    pairs = zip(numbers[::2], numbers[1::2], strict=True)
    return [Fraction(above, below) for above, below in pairs if above and below]
