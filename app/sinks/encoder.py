"""BGR pictures with times -> H.264 packets: which encoder, which colours, which clock."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import av
import av.container
import cv2
import numpy as np
from av.video.frame import PictureType
from av.video.stream import VideoStream
from numpy.typing import NDArray

from model.errors import SinkError

from .fit import even, fit

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Codec:
    name: str
    time_base: Fraction  # of a tick; times are rounded to it
    options: dict[str, str] = field(default_factory=dict)
    live_options: dict[str, str] = field(default_factory=dict)
    bits_per_pixel: float = 0.0  # for encoders that know no constant quality


# Best first. No B-frames: packets then leave in order of presentation, and the file starts at its first time
# without an edit list that some players ignore. 1/90000 s holds 24, 25, 30 and 60 Hz, their NTSC relatives and
# milliseconds exactly; MPEG-4 allows 1/65535 at the finest.
#
# Live, beside a call: two thirds of the time per picture, and none held back, so that a program that is killed loses
# nothing inside the encoder (docs/decisions/recording.md).
_CODECS = (
    _Codec(
        name="libx264",
        time_base=Fraction(1, 90_000),
        options={"preset": "superfast", "crf": "22", "bf": "0"},
        live_options={"preset": "superfast", "crf": "23", "tune": "zerolatency"},
    ),
    _Codec(name="libopenh264", time_base=Fraction(1, 90_000), bits_per_pixel=0.15),
    _Codec(name="mpeg4", time_base=Fraction(1, 60_000), bits_per_pixel=0.3),
)

# The numbers of ITU-T H.273. OpenCV converts with the matrix of BT.601, and readers that ignore tags (OpenCV's is
# one) assume the same one; primaries and transfer are those of sRGB and BT.709 cameras.
_MATRIX_BT601 = 6
_PRIMARIES_BT709 = 1
_TRANSFER_BT709 = 1
_LIMITED_RANGE = 1


class Encoder:
    """One video stream of an output container. Pictures go in with rising times, packets come out in that order."""

    def __init__(
        self, container: av.container.OutputContainer, *, size: tuple[int, int], fps: float, live: bool = False
    ) -> None:
        """Add the stream.

        Args:
            container: what the packets are for.
            size: ``(width, height)`` of the pictures; odd ones grow by one repeated edge pixel, since H.264 with
                the usual chroma (yuv420p) has even sizes only.
            fps: nominal rate, a hint for rate control and players.
            live: give each packet at once and take one core at most, since a call goes on beside it.

        Raises:
            SinkError: this installation of PyAV has no usable encoder.
        """
        codec = _available()
        self.size = even(size)
        self._time_base = codec.time_base
        rate = _rate(fps)
        options = dict(codec.live_options if live else codec.options)
        # Any: PyAV's stub knows add_stream's overloads by literal codec name only.
        stream: Any = container.add_stream(codec.name, rate=rate, options=options)
        stream.width, stream.height, stream.pix_fmt = (*self.size, "yuv420p")
        stream.time_base = codec.time_base
        context = stream.codec_context
        context.time_base = codec.time_base
        context.framerate = rate
        context.thread_count = 1 if live else 0  # 0: as many as the machine has
        context.colorspace, context.color_range = _MATRIX_BT601, _LIMITED_RANGE
        context.color_primaries, context.color_trc = _PRIMARIES_BT709, _TRANSFER_BT709
        if codec.bits_per_pixel:
            context.bit_rate = max(100_000, int(self.size[0] * self.size[1] * float(rate) * codec.bits_per_pixel))
        self._stream: VideoStream = stream
        self._last_tick: int | None = None

    def encode(self, pixels: NDArray[np.uint8], time_s: float, *, key: bool = False) -> list[av.Packet[Any]]:
        """The packets that are ready after one more picture, uint8 BGR; none while the encoder looks ahead.

        ``key`` makes it one to which a player can jump.
        """
        tick = round(time_s / self._time_base)
        if self._last_tick is not None and tick <= self._last_tick:
            # Two frames at one time cannot both be stored; the later one waits a tick (11 microseconds).
            tick = self._last_tick + 1
        self._last_tick = tick
        planes = cv2.cvtColor(fit(pixels, self.size), cv2.COLOR_BGR2YUV_I420)
        frame = av.VideoFrame.from_ndarray(np.asarray(planes, dtype=np.uint8), format="yuv420p")
        frame.colorspace, frame.color_range = _MATRIX_BT601, _LIMITED_RANGE
        frame.pts, frame.time_base = tick, self._time_base
        if key:
            frame.pict_type = PictureType.I
        return list(self._stream.encode(frame))

    @property
    def newest_s(self) -> float:
        """The time that the newest picture has got, in seconds."""
        return float((self._last_tick or 0) * self._time_base)

    def flush(self) -> list[av.Packet[Any]]:
        """The packets that were still inside."""
        return list(self._stream.encode(None))


def _available() -> _Codec:
    for codec in _CODECS:
        try:
            av.codec.Codec(codec.name, "w")
        except (av.codec.codec.UnknownCodecError, ValueError):
            continue
        if codec is not _CODECS[0]:
            _log.warning("PyAV has no %s here; videos are written with %s", _CODECS[0].name, codec.name)
        return codec
    names = ", ".join(codec.name for codec in _CODECS)
    raise SinkError(f"PyAV has no video encoder here ({names}); reinstall it with: pip install --force-reinstall av")


def _rate(fps: float) -> Fraction:
    if not 0 < fps < float("inf"):
        return Fraction(30)
    return min(max(Fraction(fps).limit_denominator(1001), Fraction(1, 100)), Fraction(1000))
