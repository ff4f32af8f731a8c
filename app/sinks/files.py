"""Which files a source's results go to, checked before the first frame is decoded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from app.span import Span
from app.stamp import Stamp
from app.types import Sink
from model.errors import ConfigError, SinkError

from . import new_file
from .atomic import reported
from .parquet import ParquetSink
from .subtitles import SubtitleSink
from .table import CsvSink, JsonLinesSink
from .timeline import TimelineSink
from .video_file import AnnotatedVideoSink

#: The formats that can be asked for; each is the suffix of its file.
FORMATS: tuple[str, ...] = ("csv", "jsonl", "srt", "png", "mp4", "parquet")


def output_path(out_folder: Path, source_path: Path, format: str) -> Path:
    """Where one format of one source goes: ``out/talk.csv`` for ``clips/talk.mkv``."""
    return out_folder / f"{source_path.stem}.{format}"


def open_file_sinks(
    out_folder: Path,
    source_path: Path,
    formats: Sequence[str],
    *,
    size: tuple[int, int],
    fps: float,
    every: int = 1,
    part: Span | None = None,
    end_s: float | None = None,
    stamp: Stamp | None = None,
    overwrite: bool = False,
) -> list[Sink]:
    """A sink per format, in the order given; their files appear when they are entered and left.

    Every target is checked, so that an hour of work is not lost to a name that was taken.

    Args:
        out_folder: made if it is missing.
        source_path: the video; gives the name and the sound.
        formats: names out of :data:`FORMATS`; one named twice is written once.
        size: ``(width, height)`` of the frames in pixels.
        fps: nominal rate of the source.
        every: a result comes for each so many frames only, and stands for them.
        part: the results are of this part only, in their own times; its start is what becomes 0 in a video of it.
        end_s: when the source or the part ends, if known.
        stamp: what makes the rows; a Parquet table holds it.
        overwrite: replace existing files, though never the source itself.

    Raises:
        ConfigError: a format is unknown.
        SinkError: the folder cannot be made or written to, or a file exists already, or it is the source.
        AffectcamError: a package that a format needs is not installed.
    """
    unknown = [name for name in formats if name not in FORMATS]
    if unknown:
        raise ConfigError(f"unknown format {unknown[0]!r}; known: {', '.join(FORMATS)}")
    make_folder(out_folder)
    sinks: list[Sink] = []
    for name in dict.fromkeys(formats):
        path = output_path(out_folder, source_path, name)
        if _same_file(path, source_path):
            raise SinkError(f"{path} is the source itself and would be overwritten; use another --out folder")
        if name == "csv":
            sinks.append(CsvSink(path, overwrite=overwrite))
        elif name == "jsonl":
            sinks.append(JsonLinesSink(path, overwrite=overwrite))
        elif name == "parquet":
            sinks.append(ParquetSink(path, stamp=stamp, overwrite=overwrite))
        elif name == "srt":
            # As the video beside which they lie: the annotated one, or else the source.
            zero_s = part.start_s if part is not None and "mp4" in formats else 0.0
            sinks.append(SubtitleSink(path, fps / every, zero_s=zero_s, end_s=end_s, overwrite=overwrite))
        elif name == "png":
            begin_s = 0.0 if part is None else part.start_s
            period_s = every / fps if every > 1 else 0.0
            sinks.append(TimelineSink(path, source_path.name, begin_s=begin_s, period_s=period_s, overwrite=overwrite))
        else:
            sinks.append(AnnotatedVideoSink(path, source_path, size, fps, part=part, overwrite=overwrite))
    return sinks


def make_folder(folder: Path) -> None:
    """Make the folder and those above it, for this user alone, unless they are there.

    Raises:
        SinkError: there is a file in its place, or no permission.
    """
    with reported(folder):
        if folder.exists() and not folder.is_dir():
            raise SinkError(f"{folder} is a file, not a folder; use another --out folder")
        new_file.make_folder(folder)


def colliding(source_paths: Iterable[Path]) -> list[tuple[Path, ...]]:
    """Groups of two or more sources whose results would have the same names, in the order given.

    Case is ignored, because it is by the file systems of Windows and macOS. A path named twice collides with itself.
    """
    by_stem: dict[str, list[Path]] = defaultdict(list)
    for path in source_paths:
        by_stem[path.stem.casefold()].append(path)
    return [tuple(paths) for paths in by_stem.values() if len(paths) > 1]


def _same_file(target: Path, source: Path) -> bool:
    # samefile() sees through links and differing case; it needs both to exist.
    try:
        return target.samefile(source)
    except OSError:
        return target.absolute() == source.absolute()
