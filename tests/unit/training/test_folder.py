"""A folder per emotion: names, not alphabetical order, decide."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs its extra")

from model.emotions import Emotion
from model.errors import DataError
from training.data.folder import read_splits


def picture(path, level):
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((20, 20, 3), level, np.uint8))


def test_folders_map_by_name_whatever_their_order(tmp_path):
    for place, name in enumerate(["Anger", "contempt", "DISGUST", "fear", "happy", "neutral", "sad", "surprise"]):
        picture(tmp_path / name / "x.png", place)
    (tmp_path / "notes").mkdir()
    train = read_splits(tmp_path)["train"]
    assert {int(sample.read()[0, 0, 0]): sample.label for sample in train} == {
        0: Emotion.ANGER,
        1: Emotion.CONTEMPT,
        2: Emotion.DISGUST,
        3: Emotion.FEAR,
        4: Emotion.HAPPINESS,
        5: Emotion.NEUTRAL,
        6: Emotion.SADNESS,
        7: Emotion.SURPRISE,
    }
    assert [line for line in train.skipped if "notes" in line]


def test_split_folders_are_kept_apart(tmp_path):
    picture(tmp_path / "train" / "fear" / "a.png", 1)
    picture(tmp_path / "val" / "fear" / "b.png", 2)
    splits = read_splits(tmp_path)
    assert {name: len(split) for name, split in splits.items()} == {"train": 1, "valid": 1}


def test_no_emotion_among_the_folders_is_an_error(tmp_path):
    (tmp_path / "cats").mkdir()
    (tmp_path / "dogs").mkdir()
    with pytest.raises(DataError, match="no folder named after an emotion; expected neutral"):
        read_splits(tmp_path)


def test_two_folders_for_one_split_are_not_silently_one(tmp_path):
    picture(tmp_path / "val" / "happy" / "a.png", 1)
    picture(tmp_path / "valid" / "sad" / "b.png", 2)
    with pytest.raises(DataError, match=r"one split has two folders \(val, valid\)"):
        read_splits(tmp_path)
