"""End to end: the score when the face is first found by the app's own detector in the whole picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from model.card import Colour
from model.classifier import Classifier
from model.emotions import LABELS
from model.errors import DataError
from model.face import Box, Face
from model.main_face import main_face
from model.preprocess import crop, sized
from model.upright import tilt_of

from .data.sample import Sample, Split
from .ideal_crop import Ideal, ideal_boxes
from .intervals import MISSED, Intervals, Pair, intervals_of, resampled_mean, span
from .metrics import Figures, measure

_LISTED = 20


class Detector(Protocol):
    """What finds faces: ``FaceDetector(mode="image")``."""

    def detect(self, frame: NDArray[np.uint8]) -> list[Face]:
        """The faces in a BGR picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The same model on the same pictures with ideal crops, and how far the detector's crops are below."""

    ideal: Ideal
    figures: Figures  # of ideal crops, all photographs
    figures_where_found: Figures  # of ideal crops, the photographs in which the detector found a face
    accuracy: float  # end to end, misses wrong, minus ideal, all photographs
    accuracy_interval: Pair
    mean_recall: float
    accuracy_where_found: float  # the detector's crops minus ideal ones: what its boxes cost, misses aside
    accuracy_where_found_interval: Pair
    mean_recall_where_found: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "ideal": {
                **self.ideal.to_dict(),
                "figures": self.figures.to_dict(),
                "figures_where_found": self.figures_where_found.to_dict(),
            },
            "difference": {
                "accuracy": self.accuracy,
                "accuracy_interval": list(self.accuracy_interval),
                "mean_recall": self.mean_recall,
                "accuracy_where_found": self.accuracy_where_found,
                "accuracy_where_found_interval": list(self.accuracy_where_found_interval),
                "mean_recall_where_found": self.mean_recall_where_found,
            },
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class EndToEnd:
    """What comes of whole photographs."""

    pictures: int  # that could be read
    misses: int  # in which no face was found
    several_faces: int  # in which more than one was found; the main one was read
    missed: dict[str, int]  # misses by true class
    found: Figures  # of the photographs in which a face was found
    accuracy: float  # misses count as wrong
    mean_recall: float  # misses count as wrong
    intervals: Intervals  # of these two
    unreadable: list[str]  # one line per picture that could not be read
    compared: Compared | None
    no_ideal: str = ""  # why there is nothing to compare with
    names: Sequence[str] = ()  # of the photographs
    labels: Sequence[int] = ()
    predicted: Sequence[int] = ()  # MISSED where no face was found

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "pictures": self.pictures,
            "misses": self.misses,
            "miss_share": self.misses / self.pictures,
            "several_faces": self.several_faces,
            "missed": self.missed,
            "unreadable": {"count": len(self.unreadable), "lines": self.unreadable[:_LISTED]},
            "accuracy": self.accuracy,
            "mean_recall": self.mean_recall,
            "interval": self.intervals.to_dict(),
            "found": self.found.to_dict(),
            **(self.compared.to_dict() if self.compared else {"ideal": None, "no_ideal": self.no_ideal}),
        }


def end_to_end(
    classifier: Classifier,
    split: Split,
    detector: Detector,
    *,
    batch_size: int = 256,
    tick: Callable[[int], None] = lambda _: None,
) -> EndToEnd:
    """Find the main face in each photograph as the app does, read it, and compare with ideal crops.

    Args:
        classifier: the model.
        split: whole photographs with their labels.
        detector: finds the faces.
        batch_size: crops that the model reads at a time.
        tick: called with the number of photographs done.

    Raises:
        DataError: there is no readable photograph, or no face in any.
        ModelError: the model fails.
    """
    size = classifier.card.input_size
    colour: Colour = "gray" if classifier.card.channels == 1 else "bgr"  # as the classifier takes crops
    samples: list[Sample] = []
    boxes: list[Box | None] = []  # of the main face, for each readable photograph
    sides: list[tuple[int, int]] = []
    several, unreadable = 0, []

    def detected() -> Iterator[NDArray[np.uint8]]:
        nonlocal several
        for done, sample in enumerate(split, start=1):
            try:
                picture = _read(sample)
            except DataError as error:
                unreadable.append(str(error))
                continue
            finally:
                tick(done)
            faces = detector.detect(picture)
            height, width = picture.shape[:2]
            face = main_face(faces, (width, height), sample.box)
            several += len(faces) > 1
            samples.append(sample)
            sides.append((width, height))
            boxes.append(face.box if face else None)
            if face:
                yield sized(crop(picture, face.box, tilt=tilt_of(face)), size, colour)

    scores = _scores(classifier, detected(), batch_size)
    where = np.array([box is not None for box in boxes], dtype=bool)
    if not where.any():
        raise DataError(f"no face found in any of {len(samples)} photograph(s); give pictures of faces, uncropped")
    persons = [sample.group for sample in samples]
    labels = np.array([int(sample.label) for sample in samples])
    predicted = np.full(len(samples), MISSED)
    predicted[where] = scores.argmax(axis=1)
    found = measure(scores, labels[where])
    accuracy, mean_recall = float((predicted == labels).mean()), _mean_recall(predicted, labels)

    ideal, no_ideal = ideal_boxes(samples, boxes, sides)
    compared = None
    if ideal is not None:
        squares = (ideal.cut(_read(sample), place) for place, sample in enumerate(samples))
        best = _scores(classifier, (sized(square, size, colour) for square in squares), batch_size)
        compared = _compare(ideal, best, predicted, labels, where, persons)
    return EndToEnd(
        pictures=len(samples),
        misses=int((~where).sum()),
        several_faces=several,
        missed={label: int((labels[~where] == place).sum()) for place, label in enumerate(LABELS)},
        found=found,
        accuracy=accuracy,
        mean_recall=mean_recall,
        intervals=intervals_of(labels, predicted, persons),
        unreadable=unreadable,
        compared=compared,
        no_ideal=no_ideal,
        names=[sample.name for sample in samples],
        labels=labels.tolist(),
        predicted=predicted.tolist(),
    )


def _compare(
    ideal: Ideal,
    scores: NDArray[np.float32],
    predicted: NDArray[np.integer[Any]],
    labels: NDArray[np.integer[Any]],
    where: NDArray[np.bool_],
    persons: Sequence[str],
) -> Compared:
    at_best = scores.argmax(axis=1)
    # -1 lost, 1 won, picture by picture: what both read right or both wrong is no difference.
    change = (predicted == labels).astype(np.float64) - (at_best == labels)
    who = [person for person, there in zip(persons, where, strict=True) if there]
    return Compared(
        ideal=ideal,
        figures=measure(scores, labels),
        figures_where_found=measure(scores[where], labels[where]),
        accuracy=float(change.mean()),
        accuracy_interval=span(resampled_mean(change, persons)),
        mean_recall=_mean_recall(predicted, labels) - _mean_recall(at_best, labels),
        accuracy_where_found=float(change[where].mean()),
        accuracy_where_found_interval=span(resampled_mean(change[where], who)),
        mean_recall_where_found=_mean_recall(predicted[where], labels[where])
        - _mean_recall(at_best[where], labels[where]),
    )


def _mean_recall(predicted: NDArray[np.integer[Any]], labels: NDArray[np.integer[Any]]) -> float:
    hits = predicted == labels
    return float(np.mean([hits[labels == place].mean() for place in np.unique(labels)]))


def _scores(classifier: Classifier, crops: Iterator[NDArray[np.uint8]], batch_size: int) -> NDArray[np.float32]:
    """Scores ``(n, 8)`` of crops that come one by one; only a batch of them is in memory."""
    parts: list[NDArray[np.float32]] = [np.zeros((0, len(LABELS)), np.float32)]
    batch: list[NDArray[np.uint8]] = []
    for each in crops:
        batch.append(each.copy())  # a crop may be a view that keeps its whole photograph
        if len(batch) == batch_size:
            parts.append(classifier.predict(batch))
            batch.clear()
    if batch:
        parts.append(classifier.predict(batch))
    return np.concatenate(parts)


def _read(sample: Sample) -> NDArray[np.uint8]:
    """The photograph in BGR: what the detector takes."""
    picture = sample.read()
    return picture if picture.ndim == 3 else np.asarray(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR), np.uint8)
