"""FER2013 without votes: its own label order, its usages, and broken rows named by line."""

from __future__ import annotations

import pytest
from data_set_makers import PIXELS, write_fer2013

from model.emotions import Emotion
from model.errors import DataError
from training.data.fer2013 import read_splits

ORDER = ["anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral"]


def test_labels_map_by_name_and_usages_to_splits(tmp_path):
    rows = [(code, PIXELS, "Training") for code in range(7)]
    write_fer2013(tmp_path / "fer2013", [*rows, (3, PIXELS, "PublicTest"), (0, PIXELS, "PrivateTest")])
    splits = read_splits(tmp_path)
    assert [sample.label.label for sample in splits["train"]] == ORDER
    assert [sample.label for sample in splits["valid"]] == [Emotion.HAPPINESS]
    assert [sample.label for sample in splits["test"]] == [Emotion.ANGER]
    assert splits["train"].samples[0].read().shape == (48, 48)
    assert splits["train"].samples[0].read().max() == 7
    assert splits["train"].samples[0].group == "fer2013.csv:2"


def test_the_competitions_other_table_is_read_by_its_columns_names(tmp_path):
    (tmp_path / "icml_face_data.csv").write_text(f"emotion, Usage, pixels\n6,Training,{PIXELS}\n")
    (sample,) = read_splits(tmp_path)["train"]
    assert sample.label is Emotion.NEUTRAL


def test_each_broken_row_is_a_listed_skip_or_fails_when_read_with_file_and_line(tmp_path):
    rows = [(7, PIXELS, "Training"), (-1, PIXELS, "PublicTest"), ("", PIXELS, "Training"), (0, PIXELS, "Testing")]
    rows += [(0, "7 7", "Training"), (0, PIXELS[:-1] + "256", "Training"), (0, PIXELS[:-1] + "x", "Training")]
    write_fer2013(tmp_path, [*rows, (0, PIXELS + ",1", "Training")])
    splits = read_splits(tmp_path)
    table = tmp_path / "fer2013.csv"
    assert splits["train"].skipped == [
        f"{table}:2: emotion '7', expected 0 to 6",
        f"{table}:4: emotion '', expected 0 to 6",
        f"{table}:5: usage 'Testing', expected Training, PublicTest, PrivateTest",
        f"{table}:9: 4 columns, expected 3",
    ]
    assert splits["valid"].skipped == [f"{table}:3: emotion '-1', expected 0 to 6"]
    reasons = [
        ":6: 2 pixels, expected 2304",
        ":7: 2304 pixels, expected 2304 from 0 to 255",
        ":8: pixels are not whole",
    ]
    for sample, reason in zip(splits["train"], reasons, strict=True):
        with pytest.raises(DataError, match=f"fer2013.csv{reason}"):
            sample.read()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"emotion,pixels\n0,7\n", r"fer2013\.csv:1: the header lacks Usage; it has: emotion, pixels"),
        (b"", "lacks emotion, pixels, Usage"),
        (b"\xff\xfee\0m\0o\0", "lacks emotion, pixels, Usage"),
        (b"emotion,pixels,Usage\n0," + b"7 " * 40_000, r"fer2013\.csv:2: longer than 64 KB; this is not the table"),
        (b"emotion,pixels,Usage\n", r"not one usable picture; expected fer2013\.csv"),
    ],
)
def test_what_is_no_such_table_is_one_line(tmp_path, content, expected):
    (tmp_path / "fer2013.csv").write_bytes(content)
    with pytest.raises(DataError, match=expected) as caught:
        read_splits(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_place_without_the_data_set_says_where_it_comes_from(tmp_path):
    with pytest.raises(DataError, match=r"no FER2013 here; expected fer2013\.csv .*kaggle\.com"):
        read_splits(tmp_path)
