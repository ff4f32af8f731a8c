"""Measure following: faces lost, boxes' overlap and new faces' delay, against detection in every frame.

    python scripts/measure_following.py VIDEO...

The figures of docs/decisions/following.md come from here.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.capture.video_file import VideoFile
from app.pipeline.track import Tracker
from app.types import Face, Frame
from model.boxes import centre_of, overlap, side_of
from model.detector import FaceDetector
from model.following.follower import Detector, Follower

SAME = 0.5  # overlap of two boxes of one face


@dataclass(slots=True)
class Run:
    """One way of finding faces, over a whole video."""

    faces: list[list[Face]] = field(default_factory=list)  # of each frame
    seconds: list[float] = field(default_factory=list)  # each frame took


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """What following gives, against detection in every frame."""

    faces: int  # that detection gives, over all frames
    lost: int  # of them: not given by following
    more: int  # that following gives and detection does not
    overlaps: list[float] = field(repr=False)  # intersection over union of the others
    delays_s: list[float] = field(repr=False)  # of each track, until following shows it; infinite if never
    tremor: tuple[float, float]  # detection's and following's: median change of motion, in face sides


def run(detector: Detector, frames: list[Frame]) -> Run:
    """Find the faces of all frames, in order."""
    found = Run()
    for frame in frames:
        began = time.perf_counter()
        found.faces.append(detector.detect(frame.pixels, frame.time_s))
        found.seconds.append(time.perf_counter() - began)
    return found


def compare(frames: list[Frame], every: Run, followed: Run) -> Agreement:
    """Hold one against the other."""
    tracker, first_s, shown_s = Tracker(), {}, {}
    lost = more = 0
    overlaps: list[float] = []
    for frame, truth, faces in zip(frames, every.faces, followed.faces, strict=True):
        best = [max((overlap(face.box, other.box) for other in faces), default=0.0) for face in truth]
        overlaps += [value for value in best if value >= SAME]
        lost += sum(value < SAME for value in best)
        more += sum(max((overlap(face.box, other.box) for other in truth), default=0.0) < SAME for face in faces)
        for track in tracker.update(truth, frame.time_s):
            if track.visible:
                first_s.setdefault(track.id, frame.time_s)
                if any(overlap(track.face.box, face.box) >= SAME for face in faces):
                    shown_s.setdefault(track.id, frame.time_s)
    return Agreement(
        faces=sum(map(len, every.faces)),
        lost=lost,
        more=more,
        overlaps=overlaps,
        delays_s=[shown_s.get(track, np.inf) - began_s for track, began_s in first_s.items()],
        tremor=(_tremor(every), _tremor(followed)),
    )


def _tremor(found: Run) -> float:
    """By how much a lone face's motion changes from frame to frame, in its sides; 0 where there is none."""
    changes = []
    for three in zip(found.faces, found.faces[1:], found.faces[2:], strict=False):
        if all(len(faces) == 1 for faces in three):
            (a, b, c) = (np.array(centre_of(faces[0].box)) for faces in three)
            changes.append(float(np.hypot(*(a - 2 * b + c))) / side_of(three[1][0].box))
    return float(np.median(changes)) if changes else 0.0


def main() -> None:
    """Print a line for each video, and one for all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("videos", type=Path, nargs="+")
    faces = lost = more = 0
    overlaps: list[float] = []
    for path in parser.parse_args().videos:
        with VideoFile(path) as video:
            frames = list(video)
        with FaceDetector() as detector:
            every = run(detector, frames)
        with Follower(FaceDetector()) as follower:
            followed = run(follower, frames)
            detections = follower.detections
        found = compare(frames, every, followed)
        faces, lost, more, overlaps = (
            faces + found.faces,
            lost + found.lost,
            more + found.more,
            overlaps + found.overlaps,
        )
        print(
            f"{path.name:32} {len(frames)} frames, {found.faces} faces: lost {found.lost}, more {found.more}, "
            f"overlap median {np.median(found.overlaps):.3f}, 5 % {np.percentile(found.overlaps, 5):.3f}; "
            f"new faces shown within {max(found.delays_s, default=0):.2f} s; "
            f"tremor {100 * found.tremor[0]:.2f} -> {100 * found.tremor[1]:.2f} %; "
            f"{detections} detections, {1e3 * np.mean(every.seconds):.1f} -> {1e3 * np.mean(followed.seconds):.1f} ms"
        )
    share = 100 * lost / max(1, faces)
    print(f"all: lost {share:.2f} % of {faces}, more {more}, overlap median {np.median(overlaps):.3f}")


if __name__ == "__main__":
    main()
