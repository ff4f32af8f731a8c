"""How steady and how quick the label is: the figures of docs/decisions/smoothing.md.

    python scripts/measure_smoothing.py --clips FOLDER --faces condensed/ferplus/valid

Faces of a condensed set are shaken, turned and lit as a webcam's are, 30 pictures a second, and read by the model; the
clips are played forwards and backwards, a minute each, since they last two seconds. What is read goes through the
smoother and, to compare with, through the average of scores that it replaced.
"""

from __future__ import annotations

import argparse
import itertools
import math
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.capture.open import open_source
from app.config import ReadingConfig
from app.pipeline.pipeline import Pipeline
from app.pipeline.smooth import Smoother
from model.classifier import Classifier

FPS, SECONDS = 30, 10
#: For how long a shake lasts (s), its shift (sides), its growth, its turn (degrees).
SHAKES = {"still": (0.15, 0.010, 0.010, 0.5), "moving": (0.8, 0.03, 0.03, 3.0)}
CLIPS = {"again": 0.0, "thanks": 0.0, "eat": 0.7, "night": 0.0}  # from when on the face is steady: eat begins smiling
Scores = NDArray[np.float32]
Labels = NDArray[np.intp]


def smoothed(**constants: float) -> Callable[[Scores], Labels]:
    """The label of each frame by the app's smoother."""

    def labels(scores: Scores) -> Labels:
        smoother, nothing = Smoother(**constants), np.zeros(2, np.float32)
        return np.array([smoother.update(1, i / FPS, each, nothing).emotion for i, each in enumerate(scores)])

    return labels


def averaged(constant_s: float, margin: float) -> Callable[[Scores], Labels]:
    """The label of each frame by a fading average of scores; another label must lead by ``margin``."""
    fade = math.exp(-1 / FPS / constant_s)

    def labels(scores: Scores) -> Labels:
        total, weight, shown, all_shown = np.zeros(8), 0.0, int(scores[0].argmax()), []
        for each in scores:
            total, weight = total * fade + each, weight * fade + 1
            leader = int(total.argmax())
            if total[leader] >= total[shown] + margin * weight:
                shown = leader
            all_shown.append(shown)
        return np.array(all_shown)

    return labels


def wander(rng: np.random.Generator, lasts_s: float, size: float) -> NDArray[np.float64]:
    """A number per frame that wanders about zero."""
    keep, values = math.exp(-1 / (FPS * lasts_s)), [rng.normal(0, size)]
    for _ in range(FPS * SECONDS - 1):
        values.append(keep * values[-1] + math.sqrt(1 - keep**2) * rng.normal(0, size))
    return np.array(values)


def shaken(rng: np.random.Generator, face: NDArray[np.uint8], shake: str) -> list[NDArray[np.uint8]]:
    """Ten seconds of one grey picture before a webcam."""
    lasts_s, shift, growth, turn = SHAKES[shake]
    side, large = face.shape[0], cv2.resize(face, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    x, y, grown, turned = (wander(rng, lasts_s, size) for size in (shift, shift, growth, turn))
    light, frames = 1 + wander(rng, 0.5, 0.03), []
    for i in range(FPS * SECONDS):
        matrix = cv2.getRotationMatrix2D((side, side), turned[i], 1 + grown[i])
        matrix[:, 2] += 2 * side * np.array([x[i], y[i]])
        moved = cv2.warpAffine(large, matrix, (2 * side, 2 * side), borderMode=cv2.BORDER_REPLICATE)
        seen = cv2.resize(moved, (side, side), interpolation=cv2.INTER_AREA) * light[i] + rng.normal(0, 3, (side, side))
        frames.append(np.clip(seen, 0, 255).astype(np.uint8))
    return frames


def spliced(read: Scores, rng: np.random.Generator, count: int = 400) -> list[tuple[Scores, int]]:
    """Three seconds of one face and two of another with another expression, both read with 0.8 on the mean."""
    means = read.mean(axis=1)
    clear, made = np.flatnonzero(means.max(axis=1) >= 0.8), []
    while len(made) < count:
        first, second = rng.choice(clear, 2)
        if means[first].argmax() != means[second].argmax():
            joined = np.concatenate([read[first, : 3 * FPS], read[second, : 2 * FPS]])
            made.append((joined, int(means[second].argmax())))
    return made


def changes(labels: Labels) -> float:
    """Per minute."""
    return float((np.diff(labels) != 0).sum() * 60 * FPS / len(labels))


def read_faces(folder: Path, classifier: Classifier, count: int) -> dict[str, Scores]:
    """For each shake the scores ``(faces, frames, 8)``."""
    pixels = np.load(folder / "pixels-00000.npy", mmap_mode="r")[..., 0]
    rng = np.random.default_rng(0)
    chosen = rng.permutation(len(pixels))[:count]
    return {
        shake: np.stack([classifier.predict(shaken(rng, np.array(pixels[i]), shake)) for i in chosen])
        for shake in SHAKES
    }


def read_clips(folder: Path, classifier: Classifier) -> dict[str, Scores]:
    """For each clip the scores ``(frames, 8)`` of a minute, played to and fro."""
    minutes = {}
    for name, from_s in CLIPS.items():
        with Pipeline(classifier, ReadingConfig(faces="main", smoothing_s=0, margin=0)) as pipeline:
            results = list(pipeline.results(open_source(str(folder / f"{name}.mkv"))))
        seen = [each.readings[0].scores for each in results if each.readings and each.frame.time_s >= from_s]
        to_and_fro = itertools.cycle([*seen, *seen[-2:0:-1]])
        minutes[name] = np.stack(list(itertools.islice(to_and_fro, 60 * FPS)))
    return minutes


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="compact")
    parser.add_argument("--clips", type=Path)
    parser.add_argument("--faces", type=Path, help="a condensed set of grey faces, of the model's size")
    parser.add_argument("--count", type=int, default=120, help="faces")
    words = parser.parse_args()
    classifier = Classifier.load(words.model, threads=1)
    ways = {
        "average of scores, 0.35 s, margin 0.10": averaged(0.35, 0.10),
        **{f"evidence, {constant} s": smoothed(time_constant_s=constant) for constant in (0.0, 0.1, 0.35, 1.0, 3.0)},
    }
    faces = read_faces(words.faces, classifier, words.count) if words.faces else {}
    clips = read_clips(words.clips, classifier) if words.clips else {}
    for way, labels in ways.items():
        print(way)
        for shake, read in faces.items():
            rates = np.array([changes(labels(each)) for each in read])
            waits = [
                np.append(labels(each)[3 * FPS :] == goal, True)
                for each, goal in spliced(read, np.random.default_rng(1))
            ]
            took = np.array([(each.argmax() + 1) / FPS for each in waits])
            print(
                f"  {shake}: {rates.mean():.2f} changes a minute, above 4 for {(rates > 4).mean():.1%} of the faces; "
                f"a change takes {np.median(took):.2f} s, 95 % within {np.quantile(took, 0.95):.2f} s, "
                f"later than 0.5 s {(took > 0.5).mean():.1%}"
            )
        for name, read in clips.items():
            print(f"  {name}: {changes(labels(read)):.0f} changes a minute")


if __name__ == "__main__":
    main()
