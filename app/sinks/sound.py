"""The source's sound, carried into the annotated video: packet for packet where MP4 can hold it, else as AAC."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import av
import av.audio
import av.container

from app.media_options import OPTIONS
from app.span import Span

_log = logging.getLogger(__name__)

# A video packet this much later than the last frame written means that the video was cut short on purpose, and not
# only that a last damaged frame could not be decoded.
_CUT_SHORT_S = 0.5

# Of a part, so many packets before its start are taken along: one may reach into it, and codecs like AAC need another
# to decode that. MP4 says of them that they are not to be heard.
_LEAD_PACKETS = 2
# Containers in which a time can be gone to.
_HAVE_INDEX = ("mov", "matroska")


class SourceSound:
    """Reads a source's packets once more, beside the analysis, and muxes its sound up to the video's time.

    Never more than the reader's own buffer is held: sound waits in the file until the video gets there. The video's
    packets are passed over without being decoded; they tell how long the last frame is shown.
    """

    def __init__(
        self,
        source: Path,
        output: av.container.OutputContainer,
        *,
        shift_s: float = 0.0,
        part: Span | None = None,
    ) -> None:
        """Add a stream to ``output`` for each of the source's sound streams.

        Args:
            source: the video file.
            output: the container, before its first packet.
            shift_s: seconds added to each time.
            part: only what begins within, in times of the output; None: everything.
        """
        self._output = output
        self._shift_s = shift_s
        self._part = part
        self._container = _open(source) if part is None else _open_at(source, part.start_s - shift_s)
        self._tracks: dict[int, _Track] = {}
        for stream in self._container.streams.audio:
            track = _track(stream, output)
            if track is not None:
                self._tracks[stream.index] = track
        video = self._container.streams.video[:1]
        self._packets = self._read([*(self._container.streams[index] for index in self._tracks), *video])
        self._waiting: av.Packet[Any] | None = None
        self._last_shown: tuple[float, float] | None = None  # (time, duration) of the video's last packet, seconds

    def copy_until(self, time_s: float) -> None:
        """Mux the sound up to a time of the output, in seconds."""
        while (packet := self._peek()) is not None:
            if packet.stream.type == "video":
                self._look_at(packet)
            # Only sound decides where to stop; video packets lie ahead of their times where there are B-frames.
            elif _start_s(packet) + self._shift_s > time_s:
                return
            else:
                self._put(packet)
            self._waiting = None

    def finish(self, last_time_s: float) -> None:
        """Mux what is left, or, where the video was stopped early, no more than lies beside it."""
        while (packet := self._peek()) is not None:
            if packet.stream.type != "video":
                self._put(packet)
            elif _start_s(packet) + self._shift_s > last_time_s + _CUT_SHORT_S:
                break
            else:
                self._look_at(packet)
            self._waiting = None
        for track in self._tracks.values():
            track.finish()

    def last_duration_s(self, last_time_s: float) -> float | None:
        """For how long the source shows its last frame, if that is the frame at ``last_time_s`` and it says so."""
        if self._last_shown is None:
            return None
        time_s, duration_s = self._last_shown
        return duration_s if abs(time_s - last_time_s) < 2e-3 and duration_s > 0 else None

    def close(self) -> None:
        """Close the source."""
        self._container.close()

    def _put(self, packet: av.Packet[Any]) -> None:
        time_s = _start_s(packet) + self._shift_s
        lead_s = _LEAD_PACKETS * float((packet.duration or 0) * (packet.time_base or 0))
        if self._is_asked_for(time_s) or self._is_asked_for(time_s + lead_s):
            self._tracks[packet.stream.index].put(packet, self._shift_s)

    def _is_asked_for(self, time_s: float) -> bool:
        return self._part is None or (self._part.begun(time_s) and not self._part.over(time_s))

    def _peek(self) -> av.Packet[Any] | None:
        if self._waiting is None:
            self._waiting = next(self._packets, None)
        return self._waiting

    def _read(self, streams: list[Any]) -> Iterator[av.Packet[Any]]:
        if not streams:
            return
        try:
            for packet in self._container.demux(streams):
                # The empty packets at the end are for decoders; one without any time cannot be placed.
                if packet.size and (packet.pts is not None or packet.dts is not None):
                    yield packet
        except av.FFmpegError as error:
            _log.warning("the sound of %s ends early: %s", self._container.name, error.strerror)

    def _look_at(self, packet: av.Packet[Any]) -> None:
        time_s = _start_s(packet) + self._shift_s
        if not self._is_asked_for(time_s):
            return
        if self._last_shown is None or time_s >= self._last_shown[0]:
            self._last_shown = (time_s, float((packet.duration or 0) * (packet.time_base or 0)))


def _open(source: Path) -> av.container.InputContainer:
    # As the pictures are opened: without the network or other files, and with tags in any encoding.
    return av.open(f"file:{source.absolute()}", metadata_errors="replace", options=OPTIONS)


def _open_at(source: Path, time_s: float) -> av.container.InputContainer:
    """Open the source near a time of its own, not behind it; its beginning where it cannot be told what lies where."""
    container = _open(source)
    if not container.format.name.startswith(_HAVE_INDEX):
        return container
    try:
        container.seek(int(time_s * av.time_base))
        first = next(container.demux(), None)
        if first is not None and first.size and _start_s(first) <= time_s:
            container.seek(int(time_s * av.time_base))
            return container
    except av.FFmpegError as error:
        _log.debug("%s: no way to %s s: %s", source, time_s, error)
    container.close()
    return _open(source)


class _Track(Protocol):
    def put(self, packet: av.Packet[Any], shift_s: float) -> None:
        """Mux one packet of the source."""

    def finish(self) -> None:
        """Mux what is still inside."""


def _track(stream: av.audio.AudioStream, output: av.container.OutputContainer) -> _Track | None:
    name = stream.codec_context.name
    try:
        return _Copied(output, output.add_stream_from_template(stream))
    except ValueError:
        _log.info("MP4 cannot hold %s sound; it is written as AAC", name)
    try:
        return _Transcoded(output, stream)
    except (av.FFmpegError, ValueError) as error:
        _log.warning("the sound (%s) cannot be carried over and is left out: %s", name, error)
        return None


class _Copied:
    """A stream whose packets are passed on as they are."""

    def __init__(self, output: av.container.OutputContainer, stream: av.audio.AudioStream) -> None:
        self._output = output
        self._stream = stream
        self._last_dts: int | None = None
        self._step = 0  # between the last two packets, in ticks of the source's clock

    def put(self, packet: av.Packet[Any], shift_s: float) -> None:
        shift = round(shift_s / (packet.time_base or 1))
        dts = _either(packet.dts, packet.pts) + shift
        if self._last_dts is not None:
            # MP4's times must rise; a millisecond clock may give two short packets one time. No packet is dropped.
            dts = max(dts, self._last_dts + 1)
            self._step = dts - self._last_dts
        if not packet.duration:
            # Readers leave out a last packet that takes no time.
            packet.duration = self._step
        self._last_dts = dts
        packet.pts, packet.dts = max(dts, _either(packet.pts, packet.dts) + shift), dts
        packet.stream = self._stream
        self._output.mux(packet)

    def finish(self) -> None:
        """Nothing is held back."""


class _Transcoded:
    """A stream that is decoded and encoded as AAC, for codecs that MP4 has no place for."""

    def __init__(self, output: av.container.OutputContainer, source: av.audio.AudioStream) -> None:
        rate = source.codec_context.sample_rate
        if not rate:
            raise ValueError("its sample rate is unknown")
        # AAC holds these rates and no others; 44.1 kHz and 48 kHz cover what is met.
        rate = rate if rate in _AAC_RATES else 48_000
        layout = "mono" if source.codec_context.channels == 1 else "stereo"
        self._output = output
        self._stream: Any = output.add_stream("aac", rate=rate, layout=layout)
        self._stream.bit_rate = 96_000 if layout == "mono" else 160_000
        self._source = source
        self._resampler = av.AudioResampler(format="fltp", layout=layout, rate=rate, frame_size=1024)

    def put(self, packet: av.Packet[Any], shift_s: float) -> None:
        try:
            frames = self._source.codec_context.decode(packet)
        except av.FFmpegError as error:
            _log.debug("a sound packet could not be decoded: %s", error)
            return
        for frame in frames:
            if frame.pts is not None and frame.time_base:
                frame.pts += round(shift_s / frame.time_base)
            self._encode(self._resampler.resample(frame))

    def finish(self) -> None:
        self._encode(self._resampler.resample(None))
        self._output.mux(self._stream.encode(None))

    def _encode(self, frames: list[av.AudioFrame]) -> None:
        for frame in frames:
            self._output.mux(self._stream.encode(frame))


_AAC_RATES = frozenset((96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350))


def _start_s(packet: av.Packet[Any]) -> float:
    return float(_either(packet.pts, packet.dts) * (packet.time_base or 0))


def _either(first: int | None, second: int | None) -> int:
    """The time that is known; packets without both never get here."""
    return first if first is not None else second or 0
