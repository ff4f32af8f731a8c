"""Small data sets in the exact layouts in which they are published."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

PIXELS = " ".join(["7"] * 48 * 48)
AFFECTNET_HEADER = (
    "subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,arousal"
)
FERPLUS_HEADER = "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"


def write_picture(path: Path, level: int = 100, side: int = 24) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), np.full((side, side, 3), level, np.uint8))


def write_affectnet(
    root: Path, rows: Sequence[tuple[object, object, object]], *, split: str = "train_set", pictures: bool = True
) -> None:
    """The release with 8 labels: ``rows`` of expression, valence, arousal as anything that ``np.save`` takes."""
    images, annotations = root / split / "images", root / split / "annotations"
    images.mkdir(parents=True, exist_ok=True)
    annotations.mkdir(parents=True, exist_ok=True)
    for number, values in enumerate(rows):
        if pictures:
            write_picture(images / f"{number}.jpg", level=10 * number)
        for label, value in zip(("exp", "val", "aro"), values, strict=True):
            np.save(annotations / f"{number}_{label}.npy", np.array(value), allow_pickle=False)
        np.save(annotations / f"{number}_lnd.npy", np.zeros(136), allow_pickle=False)


def affectnet_row(
    path: str, expression: object, valence: object = 0.5, arousal: object = -0.25, box="4,6,10,12"
) -> str:
    return f"{path},{box},{';'.join(['1.5'] * 136)},{expression},{valence},{arousal}"


def write_manual_affectnet(
    root: Path, training: Sequence[str], validation: Sequence[str], pictures: Sequence[str]
) -> None:
    """The release of manually annotated photographs: rows of both tables, and the pictures that are there."""
    (root / "Manually_Annotated_Images").mkdir(parents=True, exist_ok=True)
    for table, rows in (("training.csv", training), ("validation.csv", validation)):
        (root / table).write_text("\n".join([AFFECTNET_HEADER, *rows]) + "\n")
    for path in pictures:
        write_picture(root / "Manually_Annotated_Images" / path, side=32)


def write_rafdb(root: Path, lines: Sequence[str], pictures: Sequence[str]) -> None:
    """RAF-DB basic: lines such as ``train_00001.jpg 5`` and pictures such as ``train_00001``."""
    (root / "EmoLabel").mkdir(parents=True, exist_ok=True)
    (root / "EmoLabel" / "list_patition_label.txt").write_text("\n".join(lines) + "\n")
    (root / "Image" / "aligned").mkdir(parents=True, exist_ok=True)
    for name in pictures:
        write_picture(root / "Image" / "aligned" / f"{name}_aligned.jpg", side=100)


def write_fer2013(root: Path, rows: Sequence[tuple[object, str, str]]) -> None:
    """FER2013: rows of emotion, pixels, usage."""
    root.mkdir(parents=True, exist_ok=True)
    text = "".join(f"{emotion},{pixels},{usage}\n" for emotion, pixels, usage in rows)
    (root / "fer2013.csv").write_text(f"emotion,pixels,Usage\n{text}")


def write_ferplus_folder(root: Path, rows: Sequence[str], *, folder: str = "FER2013Train") -> None:
    """FER+ as folders: rows of votes in FER+'s order, such as ``0,8,0,0,0,0,0,0,2,0``."""
    for number in range(len(rows)):
        write_picture(root / folder / f"fer{number:07}.png", side=48)
    table = "".join(f'fer{number:07}.png,"(0, 0, 48, 48)",{votes}\n' for number, votes in enumerate(rows))
    (root / folder / "label.csv").write_text(table)
