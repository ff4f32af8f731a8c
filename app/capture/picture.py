"""A decoded frame of any pixel format and orientation -> upright BGR pixels."""

from __future__ import annotations

from typing import cast

import av
import cv2
import numpy as np
from av.sidedata.sidedata import Type
from av.video.reformatter import VideoReformatter

from app.types import Pixels


def _know_all_side_data() -> None:
    """Let PyAV give a frame's side data also where one kind of it is newer than PyAV.

    ffmpeg 8 hands on what a camera wrote into a photograph (EXIF, kind 31). PyAV 18 has no name for that, and then
    gives nothing at all: no photograph of a phone could be read.
    """

    def unknown(cls: type[Type], value: object) -> Type:
        kind = object.__new__(cls)
        kind._name_ = f"UNKNOWN_{value}"
        kind._value_ = value  # type: ignore[assignment]
        return kind

    Type._missing_ = classmethod(unknown)  # type: ignore[method-assign, assignment]


_know_all_side_data()


class Upright:
    """Turns the frames of one stream into pixels as a player shows them.

    Colour matrix and range follow the stream's tags (an untagged one counts as BT.601, limited range, as in ffmpeg);
    transparent places are black; a phone's rotation and mirroring are applied.
    """

    def __init__(self) -> None:
        # Kept from frame to frame, since setting it up costs as much as a webcam frame's conversion.
        self._converter = VideoReformatter()
        self._rotation: int | None = None  # of the frame whose matrix is known
        self._matrix: bytes | None = None

    def bgr(self, frame: av.VideoFrame) -> Pixels:
        """The frame's pixels, uint8 BGR ``(height, width, 3)``, C-contiguous, of their own memory."""
        see_through = frame.format.has_palette or any(part.is_alpha for part in frame.format.components)
        # One thread: swscale's own threads cost ten times what they save at webcam sizes.
        converted = self._converter.reformat(frame, format="bgra" if see_through else "bgr24", threads=1)
        pixels = cast(Pixels, converted.to_ndarray())
        if see_through:
            pixels = _on_black(pixels)
        return np.ascontiguousarray(_turned(pixels, self._matrix_of(frame)), dtype=np.uint8)

    def _matrix_of(self, frame: av.VideoFrame) -> bytes | None:
        """The display matrix, read anew when the rotation changes.

        PyAV's ``side_data`` refers to its frame and the frame to it: each frame asked for it would stay in memory until
        Python looks for such circles, hundreds of frames later.
        """
        if frame.rotation != self._rotation:
            self._rotation = frame.rotation
            matrix = frame.side_data.get("DISPLAYMATRIX")
            self._matrix = None if matrix is None else bytes(cast(bytes, matrix))
        return self._matrix


def _on_black(bgra: Pixels) -> Pixels:
    alpha = bgra[:, :, 3]
    if alpha.min() == 255:
        return np.ascontiguousarray(bgra[:, :, :3])
    return cast(Pixels, cv2.multiply(bgra[:, :, :3], cv2.merge([alpha] * 3), scale=1 / 255))


def _turned(pixels: Pixels, matrix: bytes | None) -> Pixels:
    if matrix is None:
        return pixels
    # ffmpeg's display matrix, nine int32: x' = a x + c y, y' = b x + d y. Only quarter turns and mirrors occur; any
    # other angle is taken as the nearest quarter turn.
    a, b, _, c, d, *_ = (int(value) for value in np.frombuffer(matrix, dtype=np.int32))
    if a * d - b * c == 0:
        return pixels  # a broken matrix
    if abs(a) >= abs(b):
        x_sign, y_sign = a, d
    else:
        pixels = cast(Pixels, cv2.transpose(pixels))
        x_sign, y_sign = c, b
    if x_sign < 0 and y_sign < 0:
        return cast(Pixels, cv2.flip(pixels, -1))
    if x_sign < 0:
        return cast(Pixels, cv2.flip(pixels, 1))
    if y_sign < 0:
        return cast(Pixels, cv2.flip(pixels, 0))
    return pixels
