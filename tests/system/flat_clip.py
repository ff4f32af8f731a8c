"""A clip to send through a camera: flat areas of known colours beside the demo's face, and what must come out."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from video_makers import write_video

from app.capture.demo import open_demo
from app.config import ReadingConfig
from app.pipeline.draw import Drawer, DrawStyle
from app.pipeline.pipeline import Pipeline
from app.types import Frame, Reading
from model.classifier import Classifier
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


@cache
def picture() -> Pixels:
    """The only picture of the clip, uint8 BGR."""
    made = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    rows = HEIGHT // len(COLOURS)
    for place, colour in enumerate(COLOURS):
        made[place * rows : (place + 1) * rows, :STRIPE] = colour
    with open_demo() as demo:
        made[:, STRIPE:] = next(frame.pixels for frame in demo if frame.index == 60)
    return made


def write_clip(path: Path, *, seconds: float, fps: int = 10) -> Path:
    """Write it, nearly without loss."""
    return write_video(
        path, (picture() for _ in range(round(seconds * fps))), fps=fps, pix_fmt="yuv444p", colorspace="bt601"
    )


def jpeg() -> bytes:
    """The picture for a network camera, nearly without loss."""
    full = [cv2.IMWRITE_JPEG_QUALITY, 100, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
    return cv2.imencode(".jpg", picture(), full)[1].tobytes()


def worst_colour(got: Pixels) -> int:
    """How far the middle of any flat area is from its colour, in the worst channel, of 255."""
    rows = HEIGHT // len(COLOURS)
    worst = 0
    for place, colour in enumerate(COLOURS):
        area = got[place * rows + 12 : (place + 1) * rows - 12, 16 : STRIPE - 16].reshape(-1, 3).astype(int)
        worst = max(worst, int(np.abs(np.median(area, axis=0) - colour).max()))
    return worst


def legibility(got: Pixels) -> tuple[Emotion, float]:
    """The word that the label's place resembles most, and how much (1: as drawn)."""
    (reading,) = readings()
    left, top, right, bottom = label_place()
    seen = cv2.cvtColor(got[top:bottom, left:right], cv2.COLOR_BGR2GRAY)
    likeness = {}
    for emotion in Emotion:
        other = replace(reading, emotion=emotion, scores=np.roll(reading.scores, emotion - reading.emotion))
        drawn = Drawer(DrawStyle(badge=True)).draw(picture(), [other])[top:bottom, left:right]
        drawn = cv2.cvtColor(drawn, cv2.COLOR_BGR2GRAY)
        likeness[emotion] = float(cv2.matchTemplate(seen, drawn, cv2.TM_CCOEFF_NORMED)[0, 0])
    best = max(likeness, key=lambda emotion: likeness[emotion])
    return best, likeness[best]


@cache
def label_place() -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the label, found by drawing the picture with and without its reading."""
    bare = Drawer(DrawStyle(kind="none")).draw(picture(), readings())
    boxed = Drawer(DrawStyle(kind="box")).draw(picture(), readings())
    changed = (bare != boxed).any(axis=2)
    changed[round(readings()[0].face.box[1]) - 4 :] = False  # the box and what is below its upper edge
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


@cache
def readings() -> tuple[Reading, ...]:
    """What affectcam reads in the picture."""
    with Pipeline(Classifier.load("compact"), ReadingConfig()) as pipeline:
        *_, last = pipeline.results(Frame(pixels=picture(), time_s=index / 10, index=index) for index in range(20))
    return last.readings
