"""How the square that a FER2013 picture is lies around our detector's box, measured on the training pictures.

    python -m training.crop_geometry SRC [--count N] [--json]

The weights are trained on FER2013's own crops, but the app's faces are boxes of ``model.detector``. The medians printed
here are ``FER2013_GEOMETRY`` in ``model/preprocess.py``; the spread says how much augmentation has to cover
(docs/decisions/crop-geometry.md).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from model.boxes import centre_of, side_of
from model.detector import FaceDetector
from model.errors import AffectcamError, DataError
from model.face import Face

ENLARGED_SIDE = 240  # pixels: 48 times 5
BORDER_SIDES = 1.0  # of grey around the picture: the face is then as large in it as on a webcam
GREY = 128
MAD_TO_SIGMA = 1.4826  # of a normal distribution


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """One measure over all pictures."""

    median: float
    low: float  # 5th percentile
    high: float  # 95th percentile
    sigma: float  # robust standard deviation; of the natural logarithm for the scale

    @classmethod
    def of(cls, values: NDArray[np.float64], *, logarithmic: bool = False) -> Spread:
        """Summarise ``(n,)`` values."""
        low, median, high = (float(value) for value in np.percentile(values, (5, 50, 95)))
        even = np.log(values) if logarithmic else values
        return cls(
            median=median, low=low, high=high, sigma=float(MAD_TO_SIGMA * np.median(np.abs(even - np.median(even))))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """The picture's square as seen from the box: its side and its centre's offset, in box sides."""

    pictures: int
    found: int  # pictures with exactly one face
    scale: Spread
    shift_x: Spread
    shift_y: Spread
    roll_degrees: Spread  # of the line between the eyes; positive is clockwise on the screen


def measure(pictures: Iterable[NDArray[np.uint8]], detector: FaceDetector) -> Measurement:
    """Find the one face in each grey ``(48, 48)`` picture and summarise how the picture lies around its box.

    Raises:
        DataError: no face was found in any picture.
    """
    rows: list[tuple[float, float, float, float]] = []
    count = 0
    for picture in pictures:
        count += 1
        faces = detector.detect(_on_canvas(picture))
        if len(faces) == 1:
            rows.append(_geometry(faces[0]))
    if not rows:
        raise DataError(f"no face found in {count} pictures; give the folder with FER2013's training pictures")
    scale, shift_x, shift_y, roll = np.array(rows, dtype=np.float64).T
    return Measurement(
        pictures=count,
        found=len(rows),
        scale=Spread.of(scale, logarithmic=True),
        shift_x=Spread.of(shift_x),
        shift_y=Spread.of(shift_y),
        roll_degrees=Spread.of(roll),
    )


def _on_canvas(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    large = cv2.resize(picture, (ENLARGED_SIDE, ENLARGED_SIDE), interpolation=cv2.INTER_CUBIC)
    border = (round(BORDER_SIDES * ENLARGED_SIDE),) * 4
    canvas = cv2.copyMakeBorder(large, *border, cv2.BORDER_CONSTANT, value=GREY)
    return np.asarray(cv2.cvtColor(canvas, cv2.COLOR_GRAY2BGR), dtype=np.uint8)


def _geometry(face: Face) -> tuple[float, float, float, float]:
    side = side_of(face.box)
    middle = ENLARGED_SIDE * (0.5 + BORDER_SIDES)
    centre_x, centre_y = centre_of(face.box)
    across, down = face.keypoints[1] - face.keypoints[0]
    roll = float(np.degrees(np.arctan2(down, across)))
    return ENLARGED_SIDE / side, (middle - centre_x) / side, (middle - centre_y) / side, roll


def read_some(folder: Path, count: int, seed: int = 0) -> list[NDArray[np.uint8]]:
    """``count`` pictures of a folder, grey, drawn at random with a fixed seed; all if there are fewer.

    Raises:
        DataError: the folder is missing, has no .png, or one cannot be read.
    """
    paths = sorted(folder.glob("*.png"))
    if not paths:
        raise DataError(f"{folder}: no .png pictures; give FER+'s folder FER2013Train")
    chosen = np.random.default_rng(seed).permutation(len(paths))[:count]
    pictures = []
    for place in sorted(chosen):
        picture = cv2.imread(str(paths[place]), cv2.IMREAD_GRAYSCALE)
        if picture is None:
            raise DataError(f"{paths[place]}: not a readable picture; unpack the data set again")
        pictures.append(np.asarray(picture, dtype=np.uint8))
    return pictures


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m training.crop_geometry", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("source", metavar="SRC", type=Path, help="folder of 48x48 grey .png: FER+'s FER2013Train")
    parser.add_argument("--count", type=int, default=2000, help="pictures to draw at random (default %(default)s)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args(arguments)
    if options.count < 1:
        parser.error("--count must be at least 1")
    try:
        with FaceDetector(mode="image") as detector:
            result = measure(read_some(options.source, options.count), detector)
    except AffectcamError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    sys.stdout.write(json.dumps(asdict(result), indent=2) + "\n" if options.json else _table(result))
    return 0


def _table(result: Measurement) -> str:
    share = result.found / result.pictures
    lines = [f"one face found in {result.found} of {result.pictures} pictures ({share:.1%})"]
    lines.append(f"{'':14}{'median':>9}{'5 %':>9}{'95 %':>9}{'sigma':>9}")
    for name in ("scale", "shift_x", "shift_y", "roll_degrees"):
        spread: Spread = getattr(result, name)
        lines.append(f"{name:14}{spread.median:9.3f}{spread.low:9.3f}{spread.high:9.3f}{spread.sigma:9.3f}")
    return "\n".join([*lines, "(shifts in box sides; the scale's sigma is of its natural logarithm)"]) + "\n"


if __name__ == "__main__":
    sys.exit(main())
