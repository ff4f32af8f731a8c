"""Opens a video file with PyAV, and says in one line why that cannot be done."""

from __future__ import annotations

from pathlib import Path

import av
import av.error
from av.container import InputContainer
from av.stream import Disposition
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from app.media_options import MOST_STILL_PIXELS, MOST_VIDEO_PIXELS, OPTIONS
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
        container = av.open(f"file:{path}", metadata_errors="replace", options=OPTIONS)
    except PermissionError:
        raise SourceError(f"no permission to read {path}; change its permissions or copy it") from None
    except (av.error.InvalidDataError, av.error.EOFError):
        raise SourceError(f"{path} is not a video, or its beginning or index is missing; copy it again") from None
    except av.error.ArgumentError:  # what ffmpeg says of a reader that is not in the list
        raise SourceError(f"{path} is of no kind of video or picture that affectcam reads; convert it to MP4") from None
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise SourceError(f"cannot open {path}: {reason(error)}; check that it is a video") from None
    if container.format.name in _NOT_VIDEO:
        container.close()
        raise SourceError(f"{path} is a text file, not a video; give the path of a video file")
    return container


def video_stream(container: InputContainer, path: Path) -> VideoStream:
    """The stream with the moving pictures.

    Raises:
        SourceError: there is none, it cannot be decoded, or its frames are too large.
    """
    # A song's cover is a video stream of one picture to ffmpeg.
    streams = [s for s in container.streams.video if Disposition.attached_pic not in s.disposition]
    if not streams:
        kind = "sound" if container.streams.audio else "data"
        raise SourceError(f"{path} holds {kind} but no video; give a file with pictures")
    best = container.streams.best("video")
    stream = best if isinstance(best, VideoStream) and best in streams else streams[0]
    codec: VideoCodecContext | None = (
        stream.codec_context
    )  # None where ffmpeg has no decoder, whatever PyAV's types say
    if codec is None:
        raise SourceError(f"{path} holds video of a kind that cannot be decoded here; convert it to MP4 with H.264")
    most = MOST_STILL_PIXELS if is_still(container) else MOST_VIDEO_PIXELS
    if codec.width * codec.height > most:
        raise SourceError(
            f"{path} has frames of {codec.width}x{codec.height} pixels, more than the {most // 1_000_000} million that "
            "affectcam reads; make it smaller"
        )
    codec.options = {"max_pixels": str(most)}  # frames may grow on the way
    return stream


def is_still(container: InputContainer) -> bool:
    """Whether it is one picture, as a photograph: FFmpeg's readers ``image2``, ``png_pipe``, ``jpeg_pipe`` …."""
    return container.format.name.startswith("image2") or container.format.name.endswith("_pipe")


def reason(error: Exception) -> str:
    """What an exception of PyAV's or the system's says, in one line without paths and codes."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(str(text).split())
