"""Where to begin decoding for a part of a file: at the key frame before it, with the number of frames before that.

MP4 and MOV have a table of all frames, which is asked. In other files the packets before are walked through without
being decoded: an hour of video takes two seconds, and no container's own seeking has to be trusted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from app.capture.times import RESTART_S
from app.span import Span

# Codecs whose packets are a frame each, so that frames can be counted without being decoded. Not MPEG-4 part 2, which
# packs two into one and leaves empty ones.
_BETWEEN = frozenset(("h264", "hevc", "vp8", "vp9", "av1", "mpeg1video", "mpeg2video"))
_ALONE = frozenset(("mjpeg", "png", "ffv1", "prores", "dnxhd", "rawvideo", "huffyuv", "ffvhuff", "utvideo"))
# Walking keeps the packets since the last key frame; where there is none for so long, decoding begins.
_MOST_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Entry:
    """Where decoding begins."""

    packets: Iterator[Packet[Any]]  # of all streams, from the key frame on
    frames_before: int  # the key frame
    hides: bool = False  # there may be packets whose frames are not shown


def enter(container: InputContainer, stream: VideoStream, span: Span) -> Entry | None:
    """Go to the last key frame that is not behind the span's start, whose times are the file's own.

    None where the frames before cannot be told without decoding them; the container is then anywhere.

    Raises:
        av.error.FFmpegError: the file is damaged before.
    """
    if not can_enter(stream):
        return None
    if has_table(container, stream):
        return _by_table(container, stream, span)
    return _by_walking(container, stream, span, hides=_codec(stream) == "vp8")


def can_enter(stream: VideoStream) -> bool:
    """Whether frames of this kind can be counted without being decoded."""
    return _codec(stream) in _BETWEEN | _ALONE and bool(stream.time_base)


def has_table(container: InputContainer, stream: VideoStream) -> bool:
    """Whether the file has a table of all its frames."""
    mov = container.format.name.startswith("mov") and _codec(stream) != "vp8"
    return mov and len(stream.index_entries) == stream.frames > 0


def _codec(stream: VideoStream) -> str:
    return stream.codec_context.codec.canonical_name


def _by_table(container: InputContainer, stream: VideoStream, span: Span) -> Entry | None:
    assert stream.time_base is not None
    entries, tick_s = stream.index_entries, float(stream.time_base)
    if not entries[0].is_keyframe:
        return None
    container.seek(int(span.start_s / tick_s), stream=stream)
    key = next(container.demux(stream), None)
    if key is None or not key.size:  # the file is cut off before it
        return Entry(iter(()), 0)
    # The table is in the order of decoding and has the decoder's times. Seeking is not to be trusted blindly.
    place = -1 if key.dts is None else entries.search_timestamp(key.dts)
    if place < 0 or entries[place].timestamp != key.dts or entries[place].pos != key.pos:
        return None
    if not key.is_keyframe or key.pts is None or not span.leads(key.pts * tick_s):
        return None
    before = sum(not entries[each].is_discard for each in range(place))
    return Entry(chain([key], container.demux()), before)


def _by_walking(container: InputContainer, stream: VideoStream, span: Span, *, hides: bool) -> Entry | None:
    kept: list[Packet[Any]] = []  # from the newest key frame on
    size = before = 0
    assert stream.time_base is not None
    tick_s = float(stream.time_base)
    first_s = newest_s = 0.0
    for packet in container.demux(stream):
        if not packet.size:
            break
        if packet.pts is None:
            return None
        time_s = packet.pts * tick_s
        if not kept:
            first_s = newest_s = time_s
        if (not kept and not packet.is_keyframe) or time_s < first_s:
            return None  # a recording that begins within a group: the decoder says which of them are frames
        if time_s < newest_s - RESTART_S:
            return None  # joined recordings, whose times are not those of the span
        newest_s = max(newest_s, time_s)
        late = not span.leads(time_s)
        if packet.is_keyframe and not late:
            before += sum(is_shown(each, hides=hides) for each in kept)
            kept, size = [], 0
        kept.append(packet)
        size += packet.size
        decoded_s = None if packet.dts is None else packet.dts * tick_s
        if (late and packet.is_keyframe) or (decoded_s is not None and not span.leads(decoded_s)):
            break  # whatever comes is presented later still
        if size > _MOST_BYTES:
            break
    return Entry(chain(kept, container.demux()), before, hides)


def is_shown(packet: Packet[Any], *, hides: bool) -> bool:
    """Whether a packet gives a frame; ``hides``: it is VP8, whose header says so."""
    return not packet.is_discard and (not hides or bool(bytes(packet)[0] & 0x10))
