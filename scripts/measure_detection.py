"""Measure face detection and tracking: faces and tracks per clip, faces missed and doubled on photographs, times.

    python scripts/measure_detection.py --clips FOLDER --photographs FOLDER [--count N] [--seed N] [--mode image|video]

Each photograph of one face (LFW: 224x224, folders of .jpg) lies on a grey canvas with a border of 0.25, 0.5 and 1.5 of
its side on each side: from a face that fills half of the picture to a small one. The figures of
docs/decisions/face-detection.md come from here.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.pipeline.track import Tracker
from model.detector import FaceDetector, Mode

BORDERS = (0.25, 0.5, 1.5)
CLIP_KINDS = {".mkv", ".mp4", ".gif", ".avi", ".mov", ".webm"}
GREY = (128, 128, 128)


def measure_clip(path: Path) -> str:
    """A line with the clip's frames by number of faces, frames by track, and time per frame."""
    capture = cv2.VideoCapture(str(path))
    fps = capture.get(cv2.CAP_PROP_FPS) or 30.0
    counts: Counter[int] = Counter()
    tracks: Counter[int] = Counter()
    times: list[float] = []
    tracker = Tracker()
    with FaceDetector() as detector:
        for index in range(sys.maxsize):
            there, frame = capture.read()
            if not there:
                break
            start = time.perf_counter()
            faces = detector.detect(frame, index / fps)
            times.append(time.perf_counter() - start)
            counts[len(faces)] += 1
            tracks.update(track.id for track in tracker.update(faces, index / fps) if track.visible)
    capture.release()
    by_count = ", ".join(f"{number}: {frames}" for number, frames in sorted(counts.items()))
    by_track = ", ".join(f"#{id_}: {frames}" for id_, frames in sorted(tracks.items()))
    return f"{path.name:34} frames by faces {{{by_count}}}  by track {{{by_track}}}  {_milliseconds(times)}"


def on_canvas(photograph: NDArray[np.uint8], border: float) -> NDArray[np.uint8]:
    """The photograph with ``border`` of its height in grey on each side."""
    sides = (round(photograph.shape[0] * border),) * 4
    return np.asarray(cv2.copyMakeBorder(photograph, *sides, cv2.BORDER_CONSTANT, value=GREY), dtype=np.uint8)


def measure_photographs(paths: list[Path], border: float, mode: Mode) -> str:
    """A line with the shares of photographs where no face, and where more than one, was found."""
    counts: Counter[int] = Counter()
    times: list[float] = []
    shared = FaceDetector(mode="image")
    for path in paths:
        photograph = cv2.imread(str(path))
        if photograph is None:
            raise SystemExit(f"error: {path}: not a readable picture")
        canvas = on_canvas(np.asarray(photograph, dtype=np.uint8), border)
        detector = shared if mode == "image" else FaceDetector()
        start = time.perf_counter()
        counts[len(detector.detect(canvas))] += 1
        times.append(time.perf_counter() - start)
        if detector is not shared:
            detector.close()
    shared.close()
    missed, doubled = counts[0] / len(paths), sum(counts[n] for n in counts if n > 1) / len(paths)
    return f"border {border:4}  {mode}  missed {missed:6.1%}  two or more {doubled:6.1%}  {_milliseconds(times)}"


def _milliseconds(times: list[float]) -> str:
    return f"{np.median(times) * 1000:.1f} ms median, {np.mean(times) * 1000:.1f} ms mean" if times else "no frames"


def main() -> None:
    """Read the words, print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--clips", type=Path, help="folder of clips")
    parser.add_argument("--photographs", type=Path, help="folder of photographs of one face each, searched below, too")
    parser.add_argument("--count", type=int, default=500, help="photographs to draw (default %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the draw (default %(default)s)")
    parser.add_argument("--mode", choices=("image", "video"), default="image", help="video: a fresh detector for each")
    options = parser.parse_args()
    if options.clips:
        for path in sorted(path for path in options.clips.iterdir() if path.suffix in CLIP_KINDS):
            sys.stdout.write(measure_clip(path) + "\n")
    if options.photographs:
        paths = sorted(options.photographs.rglob("*.jpg"))
        if not paths:
            raise SystemExit(f"error: {options.photographs}: no .jpg in it")
        paths = random.Random(options.seed).sample(paths, min(options.count, len(paths)))
        for border in BORDERS:
            sys.stdout.write(measure_photographs(paths, border, options.mode) + "\n")


if __name__ == "__main__":
    main()
