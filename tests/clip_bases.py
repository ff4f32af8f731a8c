"""Short clips of every usual kind to be damaged: cut from the real ones where those are there, the others made."""

from __future__ import annotations

import itertools
from pathlib import Path

import av
import cv2
import numpy as np
from skimage.data import astronaut
from video_makers import write_video

#: Packets that are kept of a real clip.
LENGTH = 10
QUIET = {"x265-params": "log-level=none"}


def write_bases(folder: Path, real: Path | None) -> list[Path]:
    """Write the clips into ``folder``; ``real`` is the folder of real clips, if there is one."""
    face = cv2.resize(cv2.cvtColor(astronaut(), cv2.COLOR_RGB2BGR)[0:240, 100:420], (160, 120))
    frames = [np.roll(face, 2 * place, axis=1) for place in range(8)]
    made = [
        write_video(folder / "phone.mp4", frames, audio=True, rotation=90),
        write_video(folder / "fragments.mp4", frames, container_options={"movflags": "frag_keyframe+empty_moov"}),
        write_video(folder / "apple.mov", frames, codec="mjpeg", pix_fmt="yuvj420p"),
        write_video(folder / "broadcast.ts", frames, audio=True),
        write_video(folder / "old.avi", frames, codec="mpeg4", audio=True, audio_codec="mp2"),
        write_video(folder / "web.webm", frames, codec="libvpx-vp9", audio=True, audio_codec="libopus"),
        write_video(folder / "archive.mkv", frames, codec="ffv1", pix_fmt="bgr0"),
        write_video(folder / "deep.mkv", frames, codec="libx265", pix_fmt="yuv420p10le", options=QUIET),
        write_video(folder / "flash.flv", frames, codec="flv1"),
        write_video(folder / "picture.gif", frames, codec="gif", pix_fmt="rgb8"),
    ]
    for suffix in ("png", "jpg", "bmp", "webp", "tiff"):
        made.append(folder / f"still.{suffix}")
        cv2.imwrite(str(made[-1]), face)
    for place, clip in enumerate(sorted(real.glob("*.mkv")) if real is not None and real.is_dir() else ()):
        made.append(beginning(clip, folder / f"{clip.stem}.{('mkv', 'mp4', 'ts')[place % 3]}"))
    return made


def beginning(clip: Path, to: Path) -> Path:
    """The first packets of a clip, as they are, in another container."""
    with av.open(str(clip)) as source, av.open(str(to), "w") as target:
        stream = source.streams.video[0]
        copy = target.add_stream_from_template(stream)
        packets = list(itertools.islice(source.demux(stream), LENGTH))
        shown = sorted(packet.pts for packet in packets)
        earlier = max(pts - packet.pts for packet, pts in zip(packets, shown, strict=True))
        for packet, pts in zip(packets, shown, strict=True):
            packet.dts = pts - earlier  # Matroska does not store when a frame is to be decoded
            packet.stream = copy
            target.mux(packet)
    return to
