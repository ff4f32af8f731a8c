"""A clip to send through a camera: flat areas of known colours beside the demo's face, and what must come out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray
from video_makers import write_video

from model.emotions import Emotion

Pixels = NDArray[np.uint8]

WIDTH, HEIGHT = 800, 480
STRIPE = 160  # pixels: the colours' width, at the left; signs are drawn into the other corners first
COLOURS = (  # blue, green, red
    (0, 0, 255),
    (0, 255, 0),
    (255, 0, 0),
    (128, 128, 128),
    (235, 235, 235),
    (16, 16, 16),
    (120, 160, 220),
    (200, 120, 40),
)
TOLERANCE = 4  # of 255
ROWS = HEIGHT // len(COLOURS)


@cache
def picture() -> Pixels:
    """The only picture of the clip, uint8 BGR."""
    from app.capture.demo import open_demo

    made = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    for place, colour in enumerate(COLOURS):
        made[place * ROWS : (place + 1) * ROWS, :STRIPE] = colour
    with open_demo() as demo:
        made[:, STRIPE:] = next(frame.pixels for frame in demo if frame.index == 60)
    return made


def write_clip(path: Path, *, seconds: float, fps: int = 5) -> Path:
    """Write it, nearly without loss."""
    return write_video(
        path, (picture() for _ in range(round(seconds * fps))), fps=fps, pix_fmt="yuv444p", colorspace="bt601"
    )


def worst_colour(got: Pixels) -> int:
    """How far the middle of any flat area is from its colour, in the worst channel, of 255."""
    worst = 0
    for place, colour in enumerate(COLOURS):
        area = got[place * ROWS + 12 : (place + 1) * ROWS - 12, 16 : STRIPE - 16].reshape(-1, 3).astype(int)
        worst = max(worst, int(np.abs(np.median(area, axis=0) - colour).max()))
    return worst


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What must be seen; made once, since an emulated machine takes minutes for it."""

    place: tuple[int, int, int, int]  # left, top, right and bottom of the label
    labels: NDArray[np.uint8]  # (8, height, width), grey: that place as each expression's label would look
    jpeg: NDArray[np.uint8]  # the picture for a network camera, nearly without loss

    @classmethod
    def make(cls) -> Self:
        """Read the picture's face as affectcam does, and draw it with each label."""
        from app.config import ReadingConfig
        from app.pipeline.draw import Drawer, DrawStyle
        from app.pipeline.pipeline import Pipeline
        from app.types import Frame
        from model.classifier import Classifier

        frames = (Frame(pixels=picture(), time_s=index / 10, index=index) for index in range(20))
        with Pipeline(Classifier.load("compact"), ReadingConfig()) as pipeline:
            *_, last = pipeline.results(frames)
        (reading,) = last.readings
        style = DrawStyle(badge=True)
        changed = (picture() != Drawer(DrawStyle()).draw(picture(), [reading])).any(axis=2)
        changed[round(reading.face.box[1]) - 4 :] = False  # the box and what is below its upper edge
        rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
        left, top, right, bottom = int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
        labels = []
        for emotion in Emotion:
            other = replace(reading, emotion=emotion, scores=np.roll(reading.scores, emotion - reading.emotion))
            drawn = Drawer(style).draw(picture(), [other])[top:bottom, left:right]
            labels.append(cv2.cvtColor(drawn, cv2.COLOR_BGR2GRAY))
        full = [cv2.IMWRITE_JPEG_QUALITY, 100, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
        jpeg = cv2.imencode(".jpg", picture(), full)[1].reshape(-1)
        return cls(place=(left, top, right, bottom), labels=np.stack(labels), jpeg=jpeg)

    def save(self, path: Path) -> None:
        """Write it for :meth:`load`."""
        np.savez(path, place=self.place, labels=self.labels, jpeg=self.jpeg)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what :meth:`save` wrote."""
        with np.load(path) as kept:
            left, top, right, bottom = (int(edge) for edge in kept["place"])
            return cls(place=(left, top, right, bottom), labels=kept["labels"], jpeg=kept["jpeg"])

    def legibility(self, got: Pixels) -> tuple[Emotion, float]:
        """The expression whose label the label's place resembles most, and how much (1: as drawn)."""
        left, top, right, bottom = self.place
        seen = cv2.cvtColor(got[top:bottom, left:right], cv2.COLOR_BGR2GRAY)
        likeness = [float(cv2.matchTemplate(seen, label, cv2.TM_CCOEFF_NORMED)[0, 0]) for label in self.labels]
        best = int(np.argmax(likeness))
        return Emotion(best), likeness[best]
