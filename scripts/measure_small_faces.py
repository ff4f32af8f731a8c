"""Measure small faces: how many are found in a 1280x720 picture, with tiles and without, and how many false ones.

    python scripts/measure_small_faces.py FOLDER [--count N] [--seed N]

Each photograph of one face in FOLDER (LFW: the face's box is 0.9 of it) lies somewhere on a picture of a rocket.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import skimage.data

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from model.boxes import centre_of
from model.detector import FaceDetector
from model.small_faces import SmallFaces

SIZE = (1280, 720)
SHARES = (20, 30, 40, 50)  # the face's box is 1/20 of the picture's width, and so on
OF_PHOTOGRAPH = 0.9


def measure(paths: list[Path], share: int, seed: int) -> str:
    """A line for faces of one size."""
    chance = random.Random(seed)
    background = cv2.resize(skimage.data.rocket()[:, :, ::-1], SIZE)
    side = round(SIZE[0] / share / OF_PHOTOGRAPH)
    found, false, seconds = [0, 0], [0, 0], [0.0, 0.0]
    with FaceDetector(mode="image") as plain, SmallFaces(mode="image") as tiled:
        for path in paths:
            photograph = cv2.imread(str(path))
            if photograph is None:
                raise SystemExit(f"error: {path}: not a readable picture")
            x, y = chance.randrange(SIZE[0] - side), chance.randrange(SIZE[1] - side)
            frame = np.array(background, np.uint8)
            frame[y : y + side, x : x + side] = cv2.resize(photograph, (side, side), interpolation=cv2.INTER_AREA)
            for way, detector in enumerate((plain, tiled)):
                began = time.perf_counter()
                middles = [centre_of(face.box) for face in detector.detect(frame)]
                seconds[way] += time.perf_counter() - began
                there = [x <= right <= x + side and y <= down <= y + side for right, down in middles]
                found[way] += any(there)
                false[way] += there.count(False)
    count = len(paths)
    return (
        f"1/{share} of the width: found {100 * found[0] / count:.0f} % -> {100 * found[1] / count:.0f} %, "
        f"elsewhere {false[0]} -> {false[1]}, {1e3 * seconds[0] / count:.0f} -> {1e3 * seconds[1] / count:.0f} ms"
    )


def main() -> None:
    """Print a line for each size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    paths = sorted(path for path in chosen.folder.rglob("*") if path.suffix.lower() in (".jpg", ".png"))
    if len(paths) < chosen.count:
        raise SystemExit(f"error: {chosen.folder}: {len(paths)} pictures, {chosen.count} asked for")
    paths = random.Random(chosen.seed).sample(paths, chosen.count)
    for share in SHARES:
        print(measure(paths, share, chosen.seed))


if __name__ == "__main__":
    main()
