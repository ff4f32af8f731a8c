"""Makers of small videos for the tests, with PyAV: exact times, any pixel format, sound, rotation, damage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

RED = (0, 0, 255)
GREEN = (0, 255, 0)
BLUE = (255, 0, 0)
GREY = (128, 128, 128)


def plain(colour: tuple[int, int, int], *, width: int = 64, height: int = 48) -> Pixels:
    """A picture of one BGR colour."""
    return np.full((height, width, 3), colour, dtype=np.uint8)


def red_square(*, width: int = 64, height: int = 48) -> Pixels:
    """A red square in the top left quarter, on grey: shows the colour order, the colour matrix and the orientation."""
    picture = plain(GREY, width=width, height=height)
    picture[: height // 2, : width // 2] = RED
    return picture


def counting_frames(count: int, *, width: int = 64, height: int = 48) -> list[Pixels]:
    """Pictures whose grey level rises from frame to frame, so that a lost or repeated frame can be seen.

    Numbers repeat after 25: :func:`number_of` gives ``i % 25``.
    """
    levels = [16 + 9 * (i % 25) for i in range(count)]
    return [plain((level, level, level), width=width, height=height) for level in levels]


def number_of(picture: Pixels) -> int:
    """The number (modulo 25) of a picture that :func:`counting_frames` made."""
    return round((float(np.median(picture)) - 16) / 9)


def write_video(
    path: Path,
    frames: Iterable[Pixels],
    *,
    times_s: Sequence[float] | None = None,
    fps: int | Fraction = 30,
    time_base: Fraction | None = None,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    options: dict[str, str] | None = None,
    colorspace: str | None = None,
    color_range: str = "tv",
    audio: bool = False,
    audio_rate: int = 48_000,
    audio_codec: str = "aac",
    rotation: int = 0,
    container_options: dict[str, str] | None = None,
) -> Path:
    """Write BGR frames as a video; the container follows from the path's suffix.

    Args:
        path: where to; ``.mp4``, ``.mkv``, ``.avi``, ``.gif``, ``.mov``, ``.ts``, …
        frames: BGR uint8 ``(height, width, 3)``, or ``(height, width)`` grey, all of one size.
        times_s: presentation time of each frame in seconds, rounded to ``time_base``; at ``fps`` if None.
        fps: nominal rate.
        time_base: of the stream; 1/90000 with ``times_s``, else 1/fps. Matroska always stores milliseconds.
        codec: name of an encoder: libx264, ffv1, mpeg4, gif, png, mjpeg, …
        pix_fmt: pixel format of the encoder; 10-bit and grey are converted from BGR.
        options: encoder options; libx264 gets ``preset=ultrafast, qp=0`` unless given.
        colorspace: "bt601" or "bt709": the matrix with which RGB becomes YUV, written into the stream as well.
        color_range: "tv" or "pc"; pc for yuvj formats.
        audio: add a sine of 440 Hz (AAC, mono) as long as the video.
        audio_rate: samples per second.
        audio_codec: name of the sound's encoder.
        rotation: the display matrix, degrees counter-clockwise (as ffmpeg's ``av_display_rotation_get`` tells it), a
            multiple of 90; a phone held upright writes -90 or 90.
        container_options: muxer options, for instance ``{"movflags": "frag_keyframe+empty_moov"}``.
    """
    frames = iter(frames)
    first = next(frames)
    height, width = first.shape[:2]
    if time_base is None:
        time_base = 1 / Fraction(fps) if times_s is None else Fraction(1, 90_000)
    if times_s is None:
        ticks_of = _Regular(Fraction(fps), time_base)
    else:
        ticks_of = [round(Fraction(t) / time_base) for t in times_s]
    if options is None:
        options = {"preset": "ultrafast", "qp": "0"} if codec == "libx264" else {}
    with av.open(str(path), "w", options=container_options or {}) as container:
        video = container.add_stream(codec, rate=fps, options=dict(options))
        video.width, video.height, video.pix_fmt = width, height, pix_fmt
        video.codec_context.thread_count = 1  # handing such small pictures to other threads takes longer than coding
        video.time_base = time_base
        video.codec_context.time_base = time_base
        if colorspace is not None:
            # ffmpeg's numbers: 1 = bt709, 6 = smpte170m, which is bt601's matrix.
            video.codec_context.colorspace = {"bt709": 1, "bt601": 6}[colorspace]
            video.codec_context.color_range = {"tv": 1, "pc": 2}[color_range]
        if rotation:
            video.set_display_rotation(rotation)
        sound = container.add_stream(audio_codec, rate=audio_rate, layout="mono") if audio else None
        last_tick = 0
        for index, pixels in enumerate([first, *frames]):
            last_tick = ticks_of[index]
            frame = _video_frame(pixels, pix_fmt, colorspace, color_range)
            frame.pts, frame.time_base = last_tick, time_base
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        if sound is not None:
            length_s = float(last_tick * time_base) + 1 / float(fps)
            for block in _sine(length_s, audio_rate):
                container.mux(sound.encode(block))
            container.mux(sound.encode(None))
    return path


def write_audio(path: Path, *, length_s: float = 0.5, rate: int = 48_000, codec: str = "aac") -> Path:
    """A file with sound and no picture."""
    with av.open(str(path), "w") as container:
        sound = container.add_stream(codec, rate=rate, layout="mono")
        for block in _sine(length_s, rate):
            container.mux(sound.encode(block))
        container.mux(sound.encode(None))
    return path


def truncate(path: Path, fraction: float) -> Path:
    """Cut a file off after ``fraction`` of its bytes; an .mkv stays openable, an .mp4 loses its index at the end."""
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * fraction)])
    return path


def damage(path: Path, *, start: float, length: int, seed: int = 0) -> Path:
    """Overwrite ``length`` bytes from ``start`` (a fraction of the file's size) with noise."""
    data = bytearray(path.read_bytes())
    begin = int(len(data) * start)
    noise = np.random.default_rng(seed).integers(0, 256, size=length, dtype=np.uint8).tobytes()
    data[begin : begin + length] = noise
    path.write_bytes(bytes(data))
    return path


def presentation_times(path: Path) -> list[float]:
    """Presentation times in seconds of the video's frames, in order, straight from the packets."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        packets = [packet for packet in container.demux(stream) if packet.pts is not None]
        return sorted(float(packet.pts * packet.time_base) for packet in packets)


def sound_packets(path: Path) -> list[bytes]:
    """The bytes of each sound packet, in order."""
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(container.streams.audio[0]) if packet.size]


class _Regular:
    """Ticks of a constant frame rate."""

    def __init__(self, fps: Fraction, time_base: Fraction) -> None:
        self._step = 1 / fps / time_base

    def __getitem__(self, index: int) -> int:
        return round(index * self._step)


def _video_frame(pixels: Pixels, pix_fmt: str, colorspace: str | None, color_range: str) -> av.VideoFrame:
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="gray" if pixels.ndim == 2 else "bgr24")
    if pix_fmt == "pal8":
        raise ValueError("swscale writes no palettes; use rgb8 for .gif")
    if colorspace is None:
        return frame.reformat(format=pix_fmt)
    matrix = {"bt709": "ITU709", "bt601": "ITU601"}[colorspace]
    limits = {"tv": "MPEG", "pc": "JPEG"}[color_range]
    return frame.reformat(format=pix_fmt, dst_colorspace=matrix, src_color_range="JPEG", dst_color_range=limits)


def _sine(length_s: float, rate: int) -> Iterable[av.AudioFrame]:
    total = int(length_s * rate)
    wave = (0.1 * np.sin(2 * np.pi * 440 * np.arange(total) / rate)).astype(np.float32)
    for begin in range(0, total, 1024):
        block = av.AudioFrame.from_ndarray(wave[None, begin : begin + 1024], format="fltp", layout="mono")
        block.sample_rate, block.pts, block.time_base = rate, begin, Fraction(1, rate)
        yield block
