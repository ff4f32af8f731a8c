"""Measure what a head held askew costs, with its crop as it stands and turned upright as the app turns it.

``python scripts/measure_tilt.py folder:lfw-expressions.zip [--each 200] [--model compact]`` (needs extra ``train``).
Up to ``--each`` photographs of each class, drawn with a fixed seed, are set on a border that repeats their edge, turned
by each angle, to the left and the right in turn, and read from whole picture to label. Only photographs in which a face
was found count; accuracy and mean recall over the classes that occur.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from rich.table import Table

from model.classifier import Classifier
from model.detector import FaceDetector
from model.emotions import LABELS
from model.main_face import main_face
from model.preprocess import crop, resize_crop
from model.upright import tilt_of
from training.data.sample import Sample
from training.metrics import measure
from training.photographs import open_photographs, parse_photographs

ANGLES = (0, 10, 20, 30, 45)  # degrees
_BORDER = 0.45  # of the longer side


def drawn(samples: Sequence[Sample], each: int) -> list[Sample]:
    """Up to ``each`` of every class, the same each time."""
    rng = np.random.default_rng(0)
    labels = np.array([int(sample.label) for sample in samples])
    places = (rng.permutation(np.flatnonzero(labels == label))[:each] for label in range(len(LABELS)))
    return [samples[place] for place in np.concatenate(list(places))]


def turned(picture: NDArray[np.uint8], degrees: float) -> NDArray[np.uint8]:
    """The picture on its border, turned about its middle."""
    colour = picture if picture.ndim == 3 else cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)
    border = round(_BORDER * max(colour.shape[:2]))
    wide = cv2.copyMakeBorder(colour, border, border, border, border, cv2.BORDER_REPLICATE)
    turn = cv2.getRotationMatrix2D((wide.shape[1] / 2, wide.shape[0] / 2), degrees, 1)
    return np.asarray(cv2.warpAffine(wide, turn, wide.shape[1::-1], borderMode=cv2.BORDER_REPLICATE), np.uint8)


def crops(
    samples: Sequence[Sample], detector: FaceDetector, size: int, angle: float
) -> Iterator[tuple[int, NDArray[np.uint8], NDArray[np.uint8]]]:
    """The label of each photograph with a face, its crop as it stands, and turned."""
    for place, sample in enumerate(track(samples, description=f"{angle:3g} degrees", console=Console(stderr=True))):
        frame = turned(sample.read(), angle if place % 2 else -angle)
        face = main_face(detector.detect(frame), (frame.shape[1], frame.shape[0]), None)
        if face is not None:
            both = (crop(frame, face.box, tilt=tilt) for tilt in (0.0, tilt_of(face)))
            yield int(sample.label), *(resize_crop(each, size) for each in both)


def main() -> None:
    """Print a row for each angle."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photographs", help="KIND:PATH or KIND:PATH:SPLIT, as evaluate.photographs takes it")
    parser.add_argument("--each", type=int, default=200, help="photographs of each class at most")
    parser.add_argument("--model", default="compact")
    asked = parser.parse_args()
    samples = drawn(list(open_photographs(parse_photographs(asked.photographs))), asked.each)
    classifier = Classifier.load(asked.model)
    table = Table("degrees", "found", "as it stands", "mean recall", "turned upright", "mean recall")
    with FaceDetector(mode="image") as detector:
        for angle in ANGLES:
            labels, plain, upright = zip(*crops(samples, detector, classifier.card.input_size, angle), strict=True)
            row = []
            for pictures in (plain, upright):
                batches = math.ceil(len(pictures) / 256)
                scores = [classifier.predict(list(part)) for part in np.array_split(np.stack(pictures), batches)]
                figures = measure(np.concatenate(scores), np.array(labels))
                row += [f"{figures.accuracy:.3f}", f"{figures.mean_recall:.3f}"]
            table.add_row(f"{angle}", f"{len(labels)}/{len(samples)}", *row)
    Console().print(table)


if __name__ == "__main__":
    main()
