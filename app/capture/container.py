"""Opens a video file with PyAV, and says in one line why that cannot be done."""

from __future__ import annotations

from pathlib import Path

import av
import av.error
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from model.errors import SourceError

# ffmpeg "plays" text files as a terminal picture; nobody who hands us one means that.
_NOT_VIDEO = {"tty", "ansi", "txt"}


def open_container(path: Path) -> InputContainer:
    """Open the file for reading, without the network.

    Raises:
        SourceError: it is missing, not a file, unreadable, or of no kind that ffmpeg knows.
    """
    try:
        if path.is_dir():
            raise SourceError(f"{path} is a folder, not a video; give the path of a video file")
        if not path.exists():
            raise SourceError(f"no such file: {path}; check the path")
        if not path.is_file():
            raise SourceError(f"{path} is not a regular file; give the path of a video file")
        if path.stat().st_size == 0:
            raise SourceError(f"{path} is empty; record or copy it again")
        # "file:" and the white list: a playlist in disguise, or a name with a colon, must not reach for the network.
        container = av.open(f"file:{path}", metadata_errors="replace", options={"protocol_whitelist": "file"})
    except PermissionError:
        raise SourceError(f"no permission to read {path}; change its permissions or copy it") from None
    except (av.error.InvalidDataError, av.error.EOFError):
        raise SourceError(f"{path} is not a video, or its beginning or index is missing; copy it again") from None
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise SourceError(f"cannot open {path}: {reason(error)}; check that it is a video") from None
    if container.format.name in _NOT_VIDEO:
        container.close()
        raise SourceError(f"{path} is a text file, not a video; give the path of a video file")
    return container


def video_stream(container: InputContainer, path: Path) -> VideoStream:
    """The stream with the moving pictures.

    Raises:
        SourceError: there is none.
    """
    # A song's cover is a video stream of one picture to ffmpeg.
    streams = [s for s in container.streams.video if Disposition.attached_pic not in s.disposition]
    if not streams:
        kind = "sound" if container.streams.audio else "data"
        raise SourceError(f"{path} holds {kind} but no video; give a file with pictures")
    best = container.streams.best("video")
    return best if isinstance(best, VideoStream) and best in streams else streams[0]


def reason(error: Exception) -> str:
    """What an exception of PyAV's or the system's says, in one line without paths and codes."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(str(text).split())
