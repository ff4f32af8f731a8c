"""What calibration to one's own face gives: the figures of docs/decisions/calibration.md.

    python scripts/measure_calibration.py --persons condensed/lfw-48 --faces condensed/ferplus/valid --clips FOLDER

*Persons* is a folder of condensed sets with several photographs of each person, whom the names tell. Each is calibrated
from one photograph that is labelled neutral, up to ten times, and read on the others, which are of other days: harder
than a call. *Faces* are given made-up persons: a bias of the logits, the same for all pictures of one. *Clips* are of
one person, who is calibrated on one of them and read on all.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.capture.open import open_source
from app.config import ReadingConfig
from app.pipeline.calibrate import Calibration, CalibrationRun
from app.pipeline.pipeline import Pipeline
from model.classifier import Classifier
from model.emotions import LABELS, Emotion
from model.errors import ConfigError

CLIPS = ("again", "thanks", "night", "bird", "eat")
MOST_PICTURES = 20  # of one person, so that no one counts for half of the table
Scores = NDArray[np.float32]
Labels = NDArray[np.intp]
Read = tuple[Scores, Scores, Labels]  # before, after, what is right


def calibrated(scores: Scores) -> Calibration | None:
    """What comes of three and a half seconds of such frames ``(n, 8)``, over and over; None if it is refused."""
    run = CalibrationRun(model="any")
    for place in range(120):
        run.add(place / 30, scores[place % len(scores)])
    try:
        return run.result()
    except ConfigError:
        return None


def read_set(folder: Path, classifier: Classifier) -> tuple[Scores, Labels, NDArray[np.str_]]:
    """Scores, labels and groups of a condensed set."""
    pixels = np.concatenate([np.load(file) for file in sorted(folder.glob("pixels-*.npy"))])[..., 0]
    scores = np.concatenate([classifier.predict(pixels[i : i + 64]) for i in range(0, len(pixels), 64)])
    return scores, np.load(folder / "labels.npy"), np.array(json.loads((folder / "groups.json").read_text()))


def by_person(
    scores: Scores, labels: Labels, groups: NDArray[np.str_], half: int
) -> Iterator[tuple[bool, Read | None]]:
    """For each calibration whether the face was misread, and the person's other photographs; None if refused."""
    rng = np.random.default_rng(1)
    for number, person in enumerate(sorted(set(groups))):
        theirs = np.flatnonzero(groups == person)
        neutral = theirs[labels[theirs] == Emotion.NEUTRAL]
        for chosen in rng.permutation(neutral)[:10] if len(theirs) > 2 else []:
            others = rng.permutation(theirs[theirs != chosen])[:MOST_PICTURES]
            if number % 2 != half:
                continue
            misread = int(scores[chosen].argmax()) != Emotion.NEUTRAL
            calibration = calibrated(scores[chosen][None])
            before = scores[others]
            yield misread, None if calibration is None else (before, calibration.apply(before), labels[others])


def made_up(scores: Scores, labels: Labels, spread: float, persons: int = 300) -> Iterator[tuple[bool, Read | None]]:
    """The same for persons whose logits are off by a normal bias of this spread, in nats."""
    rng = np.random.default_rng(1)
    neutral = np.flatnonzero(labels == Emotion.NEUTRAL)
    for _ in range(persons):
        off = rng.normal(0, spread, len(LABELS))
        chosen, others = rng.choice(neutral), rng.choice(len(labels), 50, replace=False)
        frames = softmax(np.log(np.maximum(scores[chosen], 1e-6)) + off + rng.normal(0, 0.3, (30, len(LABELS))))
        before = softmax(np.log(np.maximum(scores[others], 1e-6)) + off)
        misread = int(frames.mean(axis=0).argmax()) != Emotion.NEUTRAL
        calibration = calibrated(frames)
        yield misread, None if calibration is None else (before, calibration.apply(before), labels[others])


def softmax(logits: NDArray[np.float64]) -> Scores:
    """Rows of sum 1."""
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True), np.float32)


def tell(title: str, found: list[tuple[bool, Read | None]]) -> None:
    """Two lines: all, and those whose neutral face was misread."""
    for name, chosen in (("all", found), ("misread at rest", [each for each in found if each[0]])):
        done = [read for _, read in chosen if read is not None]
        if not done:
            continue
        before, after, right = (np.concatenate(parts) for parts in zip(*done, strict=True))
        neutral = right == Emotion.NEUTRAL
        shares = [
            f"{what} {(before.argmax(1) == right)[which].mean():.3f} -> {(after.argmax(1) == right)[which].mean():.3f}"
            for what, which in (("right", slice(None)), ("neutral", neutral), ("others", ~neutral))
        ]
        print(f"{title}, {name}: {', '.join(shares)} ({len(done)} calibrations, {len(chosen) - len(done)} refused)")


def tell_clips(folder: Path, classifier: Classifier) -> None:
    """How often each label is read in the clips, before and after a calibration on the first."""
    read = {}
    for name in CLIPS:
        with Pipeline(classifier, ReadingConfig(faces="main", smoothing_s=0, margin=0)) as pipeline:
            results = list(pipeline.results(open_source(str(folder / f"{name}.mkv"))))
        read[name] = np.stack([each.readings[0].scores for each in results if each.readings])
    calibration = calibrated(read[CLIPS[0]])
    print(f"clips, calibrated on {CLIPS[0]}: {'refused' if calibration is None else calibration.words}")
    for name, before in read.items():
        after = before if calibration is None else calibration.apply(before)
        for when, scores in (("before", before), ("after", after)):
            counts = np.bincount(scores.argmax(axis=1), minlength=len(LABELS))
            shown = ", ".join(f"{LABELS[i]} {counts[i]}" for i in np.flatnonzero(counts))
            print(f"  {name} {when}: {shown}; neutral scores {scores[:, 0].mean():.2f} on the mean")
    print(f"  {CLIPS[-1]}, smile and neutral: {'refused' if calibrated(read[CLIPS[-1]]) is None else 'accepted'}")


def main() -> None:
    """Print what there is data for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="compact")
    parser.add_argument("--persons", type=Path, help="a folder of condensed sets, one per split")
    parser.add_argument("--faces", type=Path, help="a condensed set")
    parser.add_argument("--clips", type=Path)
    words = parser.parse_args()
    classifier = Classifier.load(words.model, threads=1)
    if words.persons:
        splits = [read_set(folder, classifier) for folder in sorted(words.persons.iterdir()) if folder.is_dir()]
        scores, labels, groups = (np.concatenate(parts) for parts in zip(*splits, strict=True))
        for half in (0, 1):
            tell(f"persons, half {half + 1}", list(by_person(scores, labels, groups, half)))
    if words.faces:
        scores, labels, _ = read_set(words.faces, classifier)
        for spread in (0.0, 0.5, 1.0, 2.0):
            tell(f"made-up persons, bias {spread} nats", list(made_up(scores, labels, spread)))
    if words.clips:
        tell_clips(words.clips, classifier)


if __name__ == "__main__":
    main()
