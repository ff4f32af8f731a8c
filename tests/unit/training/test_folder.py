"""A folder per emotion: names, not alphabetical order, decide."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch", reason="training needs its extra")

from model.emotions import Emotion
from model.errors import DataError
from training.data.folder import group_of, read_splits


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


def test_numbered_folders_are_refused_because_each_data_set_numbers_otherwise(tmp_path):
    for number in range(7):
        picture(tmp_path / "train" / str(number) / "a.png", 1)
    with pytest.raises(DataError, match=r"no folder named after an emotion.*numbers are not read"):
        read_splits(tmp_path / "train")
    with pytest.raises(DataError, match=r"not one usable picture; the first of 7 skipped: .*train/0: not named after"):
        read_splits(tmp_path)


def test_what_systems_leave_behind_is_no_data_and_other_files_are_listed(tmp_path):
    picture(tmp_path / "faces" / "happy" / "a.png", 1)
    (tmp_path / "faces" / "happy" / "Thumbs.db").touch()
    (tmp_path / "faces" / "happy" / ".DS_Store").touch()
    (tmp_path / "faces" / "happy" / "list.txt").touch()
    (tmp_path / "__MACOSX" / "faces").mkdir(parents=True)
    train = read_splits(tmp_path)["train"]
    assert len(train) == 1
    assert train.skipped == [f"{tmp_path}/faces/happy/list.txt: not a picture file"]


def test_folders_without_a_picture_are_an_error(tmp_path):
    (tmp_path / "happy").mkdir()
    (tmp_path / "happy" / "a.txt").touch()
    with pytest.raises(
        DataError, match=r"not one usable picture; the first of 1 skipped: .*a\.txt: not a picture file"
    ):
        read_splits(tmp_path)
    with pytest.raises(DataError, match="no such folder; expected one folder per emotion"):
        read_splits(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("Aaron_Guiel_0001.jpg", "Aaron_Guiel"),
        ("George_W_Bush_0530.jpg", "George_W_Bush"),
        ("Madonna_0002.jpeg", "Madonna"),
        ("Training_10118481.jpg", "Training_10118481"),  # FER2013's copies: a number, no person
        ("Training_3908.jpg", "Training_3908"),
        ("train_00001_aligned.jpg", "train_00001_aligned"),
        ("_0001.png", "_0001"),
        ("me.png", "me"),
    ],
)
def test_a_number_after_a_name_is_not_part_of_the_persons_name(name, group):
    assert group_of(name) == group


@given(st.text("abcXYZ_-é ", min_size=1, max_size=12), st.integers(1, 999), st.integers(1, 999))
def test_all_pictures_of_a_person_are_one_group(person, first, second):
    assert group_of(f"{person}_{first:04}.jpg") == group_of(f"{person}_{second:04}.png") == person


def test_a_persons_group_is_the_same_under_every_emotion(tmp_path):
    for emotion in ("happy", "sad"):
        for number in (1, 2):
            picture(tmp_path / emotion / f"Ada_Byron_000{number}.png", number)
    assert [sample.group for sample in read_splits(tmp_path)["train"]] == ["Ada_Byron"] * 4
