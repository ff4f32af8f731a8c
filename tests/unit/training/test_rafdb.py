"""RAF-DB as it lies on disk: names, not numbers, decide; what is broken is listed with its line."""

from __future__ import annotations

import zipfile

import pytest
from data_set_makers import write_rafdb

from model.emotions import Emotion
from model.errors import DataError
from training.data.hold_out import hold_out
from training.data.rafdb import read_splits

ORDER = ["surprise", "fear", "disgust", "happiness", "sadness", "anger", "neutral"]


def published(root):
    lines = [f"train_{number:05}.jpg {number}" for number in range(1, 8)] + ["test_0001.jpg 4", "test_0002.jpg 7"]
    write_rafdb(root, lines, [line.partition(".")[0] for line in lines])


@pytest.mark.parametrize("packed", [False, True])
def test_both_splits_are_read_from_a_folder_and_from_a_zip(tmp_path, packed):
    published(tmp_path / "RAF-DB" / "basic")
    root = tmp_path / "RAF-DB"
    if packed:
        with zipfile.ZipFile(tmp_path / "r.zip", "w") as pack:
            for file in sorted(root.rglob("*.*")):
                pack.write(file, str(file.relative_to(tmp_path)))
        root = zipfile.Path(tmp_path / "r.zip")
    splits = read_splits(root)
    assert sorted(splits) == ["test", "train"]
    assert [sample.label.label for sample in splits["train"]] == ORDER
    assert [sample.label for sample in splits["test"]] == [Emotion.HAPPINESS, Emotion.NEUTRAL]
    assert splits["train"].samples[0].read().shape == (100, 100, 3)
    assert splits["train"].samples[0].group == "train_00001_aligned.jpg"
    assert splits["train"].samples[0].name.endswith("basic/Image/aligned/train_00001_aligned.jpg")
    assert splits["train"].skipped == splits["test"].skipped == []


def test_each_broken_line_is_a_listed_skip_with_file_and_line(tmp_path):
    lines = [
        "train_00001.jpg 5",
        "train_00002.jpg 0",
        "train_00003.jpg 8",
        "train_00004.jpg x",
        "train_00005.jpg",
        "train_00006.jpg 5 5",
        "valid_00007.jpg 5",
        "train_00008.png 5",
        "train_/../../secret.jpg 5",
        "",
        "test_0001.jpg 5",
        "train_00010.jpg 6",
        "train_00011.jpg 1.0",
    ]
    write_rafdb(tmp_path, lines, ["train_00001", "train_00002", "train_00010"])
    (tmp_path / "Image/aligned/train_00010_aligned.jpg").write_bytes(b"no picture")
    splits = read_splits(tmp_path)
    train = splits["train"]
    assert [sample.label for sample in train] == [Emotion.SADNESS, Emotion.ANGER]
    table = tmp_path / "EmoLabel" / "list_patition_label.txt"
    expected = [
        "2: label '0', expected 1 to 7",
        "3: label '8', expected 1 to 7",
        "4: label 'x', expected 1 to 7",
        "5: 'train_00005.jpg', expected a picture's name and a label",
        "6: 'train_00006.jpg 5 5', expected a picture's name and a label",
        "7: picture name 'valid_00007.jpg', expected train_….jpg or test_….jpg",
        "8: picture name 'train_00008.png', expected train_….jpg or test_….jpg",
        "9: picture name 'train_/../../secret.jpg' leaves the folder",
        "13: label '1.0', expected 1 to 7",
    ]
    assert train.skipped == [f"{table}:{line}" for line in expected]
    assert splits["test"].skipped == [
        f"{table}:11: no such picture: {tmp_path / 'Image' / 'aligned' / 'test_0001_aligned.jpg'}"
    ]
    with pytest.raises(DataError, match=r"list_patition_label\.txt:12: .*train_00010_aligned\.jpg: not a readable"):
        train.samples[1].read()


def test_a_missing_table_or_missing_pictures_say_what_is_missing_and_where_to_apply(tmp_path):
    published(tmp_path)
    (tmp_path / "Image" / "aligned").rename(tmp_path / "Image" / "elsewhere")
    with pytest.raises(DataError, match=r"RAF-DB is half unpacked, without Image/aligned; .*www\.whdeng\.cn/RAF"):
        read_splits(tmp_path)
    (tmp_path / "Image" / "aligned.zip").touch()
    with pytest.raises(DataError, match=r"without Image/aligned \(unpack Image/aligned\.zip\)"):
        read_splits(tmp_path)
    (tmp_path / "Image" / "elsewhere").rename(tmp_path / "Image" / "aligned")
    (tmp_path / "EmoLabel" / "list_patition_label.txt").unlink()
    with pytest.raises(DataError, match=r"without EmoLabel/list_patition_label\.txt") as caught:
        read_splits(tmp_path)
    assert "\n" not in str(caught.value)
    with pytest.raises(
        DataError, match=r"no RAF-DB here; expected EmoLabel/list_patition_label\.txt and Image/aligned"
    ):
        read_splits(tmp_path / "nowhere")


def test_most_pictures_absent_is_half_unpacked(tmp_path):
    lines = [f"train_{number:05}.jpg 1" for number in range(1, 4)]
    write_rafdb(tmp_path, lines, ["train_00001"])
    with pytest.raises(DataError, match="2 of the 3 pictures that RAF-DB names are not there; it seems half unpacked"):
        read_splits(tmp_path)


def test_a_split_to_validate_on_is_held_out_and_the_published_test_stays_as_it_is(tmp_path):
    lines = [f"train_{number:05}.jpg {number % 7 + 1}" for number in range(1, 81)] + ["test_0001.jpg 4"]
    write_rafdb(tmp_path, lines, [line.partition(".")[0] for line in lines])
    splits = read_splits(tmp_path)
    held = hold_out(splits, valid=0.25, test=0)
    assert held["test"] is splits["test"]
    assert len(held["train"]) + len(held["valid"]) == 80
    assert 10 <= len(held["valid"]) <= 30
    with pytest.raises(DataError, match="has a split 'test' of its own; leave out --test-share"):
        hold_out(splits, valid=0, test=0.1)
