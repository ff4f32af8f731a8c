"""Subtitles (SubRip): one cue per stretch of one label."""

from __future__ import annotations

from pathlib import Path

from app.types import FrameResult

from .collected import CollectedSink

_LAST_MS = 100 * 3600 * 1000 - 1  # 99:59:59,999: there is no room for more


class SubtitleSink(CollectedSink):
    """An .srt that any player shows beside the video.

    With one face in the picture a cue is its label; with several, one line per face: ``face 2: happiness``. A cue lasts
    until a label changes or a face comes or goes.
    """

    def __init__(
        self, path: Path, fps: float, *, zero_s: float = 0.0, end_s: float | None = None, overwrite: bool = False
    ) -> None:
        """Check the target.

        Args:
            path: where to.
            fps: nominal rate of what is read; how long the last frame lasts.
            zero_s: the frames' time that is 0 in the video that the subtitles are for.
            end_s: no cue reaches beyond this time of the frames.
            overwrite: replace an existing file.

        Raises:
            SinkError: ``path`` exists and ``overwrite`` is false, or it cannot be written.
        """
        super().__init__(path, overwrite=overwrite)
        self._fps, self._zero_s, self._video_end_s = fps, zero_s, end_s
        self._cues: list[tuple[float, float, str]] = []  # from, to (seconds), text
        self._shown = ""
        self._since_s = self._last_s = 0.0

    def write(self, result: FrameResult) -> None:
        """Go on with the cue, or begin another one."""
        text = _text(result)
        if text != self._shown:
            self._end_cue(result.frame.time_s)
            self._shown, self._since_s = text, result.frame.time_s
        self._last_s = result.frame.time_s

    def _end_cue(self, time_s: float) -> None:
        if self._shown:
            self._cues.append((self._since_s - self._zero_s, time_s - self._zero_s, self._shown))

    def _save(self, part: Path) -> None:
        import pysubs2

        end_s = self._last_s + 1 / self._fps
        if self._video_end_s is not None and self._video_end_s > self._last_s:
            end_s = min(end_s, self._video_end_s)
        self._end_cue(end_s)
        file = pysubs2.SSAFile()
        for start_s, end_s, text in self._cues:
            file.append(pysubs2.SSAEvent(start=_ms(start_s), end=_ms(end_s), text=text))
        part.write_text(file.to_string("srt"), encoding="utf-8", newline="\n")


def _ms(time_s: float) -> int:
    """As SubRip writes it; a damaged file may state times of years."""
    return min(round(1000 * time_s), _LAST_MS)


def _text(result: FrameResult) -> str:
    if len(result.readings) == 1:
        return result.readings[0].emotion.label
    return "\\N".join(f"face {reading.track}: {reading.emotion.label}" for reading in result.readings)
