"""FER+: votes to labels by the headline rule, both layouts, and broken rows named by line."""

from __future__ import annotations

import zipfile

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs its extra")

from model.emotions import Emotion
from model.errors import DataError
from training.data.ferplus import read_splits, read_votes


def votes(**named):
    order = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt", "unknown", "NF")
    return np.array([named.get(name, 0) for name in order])


@pytest.mark.parametrize(
    "name", ["surprise", "sadness", "anger", "disgust", "fear", "contempt", "neutral", "happiness"]
)
def test_a_column_maps_to_its_emotion_by_name(name):
    label, target = read_votes(votes(**{name: 10}))
    assert label is Emotion.from_name(name)
    assert target[label] == 1


def test_single_votes_are_dropped_and_the_rest_shared():
    label, target = read_votes(votes(neutral=6, sadness=2, anger=1, fear=1))
    assert label is Emotion.NEUTRAL
    assert target[Emotion.NEUTRAL] == pytest.approx(0.75)
    assert target[Emotion.SADNESS] == pytest.approx(0.25)
    assert target.sum() == pytest.approx(1)


def test_votes_for_unknown_leave_the_distribution_but_a_winning_unknown_drops_the_row():
    _, target = read_votes(votes(happiness=6, unknown=4))
    assert target[Emotion.HAPPINESS] == 1
    assert read_votes(votes(happiness=4, unknown=6)) == "winner is unknown"
    assert read_votes(votes(NF=10)) == "winner is NF"
    assert read_votes(votes(neutral=1, anger=1, fear=1)) == "no emotion with two votes"


def test_a_tie_goes_to_the_first_column():
    assert read_votes(votes(surprise=5, sadness=5))[0] is Emotion.SURPRISE


def write_folders(root):
    folders = {"FER2013Train": ["a.png", "b.png", "broken.png", "short.png", "c.png"], "FER2013Valid": ["d.png"]}
    for folder, names in folders.items():
        (root / folder).mkdir(parents=True)
        for place, name in enumerate(names):
            cv2.imwrite(str(root / folder / name), np.full((48, 48), 10 * place, np.uint8))
    (root / "FER2013Train/label.csv").write_text(
        'a.png,"(0, 0, 48, 48)",0,8,0,0,0,0,0,0,2,0\n'
        'b.png,"(0, 0, 48, 48)",0,0,0,0,0,0,0,0,10,0\n'
        'broken.png,"(0, 0, 48, 48)",0,x,0,0,0,0,0,0,0,0\n'
        'short.png,"(0, 0, 48, 48)",0,8\n'
        '../../secret.png,"(0, 0, 48, 48)",0,8,0,0,0,0,0,0,0,0\n'
        'c.png,"(0, 0, 48, 48)",0,0,0,5,5,0,0,0,0,0\n'
        'gone.png,"(0, 0, 48, 48)",0,0,0,5,5,0,0,0,0,0\n'
    )
    (root / "FER2013Valid/label.csv").write_text('d.png,"(0, 0, 48, 48)",9,0,0,0,0,0,0,0,0,1\n')


@pytest.mark.parametrize("packed", [False, True])
def test_the_folder_layout_is_read_from_a_folder_and_from_a_zip(tmp_path, packed):
    write_folders(tmp_path / "ferplus" / "data")
    root = tmp_path / "ferplus"
    if packed:
        with zipfile.ZipFile(tmp_path / "f.zip", "w") as pack:
            for file in sorted(root.rglob("*.*")):
                pack.write(file, str(file.relative_to(tmp_path)))
        root = zipfile.Path(tmp_path / "f.zip")
    splits = read_splits(root)
    assert sorted(splits) == ["train", "valid"]
    train = splits["train"]
    assert [sample.label for sample in train] == [Emotion.HAPPINESS, Emotion.SADNESS]
    assert train.samples[1].read()[0, 0] == 40
    assert train.dropped == {"winner is unknown": 1}
    assert len(train.skipped) == 4
    assert "label.csv:3: a vote is not a whole number" in train.skipped[0]
    assert "label.csv:4: 2 votes" in train.skipped[1]
    assert "label.csv:5: picture name '../../secret.png' leaves the folder" in train.skipped[2]
    assert "label.csv:7: no such picture: " in train.skipped[3]
    assert "FER2013Train/gone.png" in train.skipped[3]
    assert train.samples[0].group == "a.png"
    assert train.samples[0].name.endswith("data/FER2013Train/a.png")


def test_the_csv_pair_is_read_row_by_row(tmp_path):
    pixels = " ".join(["7"] * 2304)
    (tmp_path / "fer2013.csv").write_text(
        "emotion,pixels,Usage\n" + f"0,{pixels},Training\n" * 2 + f"3,{pixels},PrivateTest\n" + "1,7 7,Training\n"
    )
    (tmp_path / "fer2013new.csv").write_text(
        "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF\n"
        "Training,fer0000000.png,0,0,9,0,0,0,0,0,1,0\n"
        "Training,,0,0,0,0,0,0,0,0,0,10\n"
        "PrivateTest,fer0000002.png,0,0,0,0,0,0,0,8,2,0\n"
        "Training,fer0000003.png,0,9,0,0,0,0,0,0,1,0\n"
    )
    splits = read_splits(tmp_path)
    assert [sample.label for sample in splits["train"]] == [Emotion.SURPRISE, Emotion.HAPPINESS]
    assert [sample.label for sample in splits["test"]] == [Emotion.CONTEMPT]
    assert splits["train"].samples[0].read().shape == (48, 48)
    with pytest.raises(DataError, match=r"fer2013\.csv:5: 2 pixels"):
        splits["train"].samples[1].read()


def test_a_pair_of_tables_that_are_no_pair_is_refused_or_listed(tmp_path):
    pixels = " ".join(["7"] * 2304)
    votes = "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF\n"
    row = "Training,fer.png,0,9,0,0,0,0,0,0,1,0\n"
    (tmp_path / "fer2013new.csv").write_text(votes + row + row.replace("Training", "PublicTest") + "Training,x\n")
    (tmp_path / "fer2013.csv").write_text("emotion,pixels,Usage\n" + f"3,{pixels},Training\n" * 3)
    splits = read_splits(tmp_path)
    assert list(splits) == ["train"]
    assert len(splits["train"]) == 1
    assert [line.partition("fer2013new.csv:")[2].replace(str(tmp_path), "") for line in splits["train"].skipped] == [
        "3: usage 'PublicTest', but 'Training' in /fer2013.csv:3",
        "4: 2 columns, expected 12",
    ]
    (tmp_path / "fer2013.csv").write_text("emotion,pixels,Usage\n" + f"3,{pixels},Training\n" * 2)
    with pytest.raises(DataError, match=r"fer2013\.csv: ends before the table that it belongs to"):
        read_splits(tmp_path)


def test_votes_count_by_their_columns_names(tmp_path):
    pixels = " ".join(["7"] * 2304)
    (tmp_path / "fer2013.csv").write_text(f"Usage,pixels,emotion\nTraining,{pixels},0\n")
    (tmp_path / "fer2013new.csv").write_text(
        "Usage,Image name,contempt,neutral,happiness,sadness,surprise,disgust,fear,anger,unknown,NF\n"
        "Training,fer0000000.png,0,0,0,0,2,0,0,8,0,0\n"
    )
    (sample,) = read_splits(tmp_path)["train"]
    assert (sample.label, sample.target[Emotion.SURPRISE]) == (Emotion.ANGER, pytest.approx(0.2))


def test_most_pictures_absent_is_half_unpacked(tmp_path):
    write_folders(tmp_path)
    for name in ("a.png", "b.png", "broken.png", "short.png", "c.png"):
        (tmp_path / "FER2013Train" / name).unlink()
    with pytest.raises(DataError, match=r"FER2013Train: 6 of the 6 pictures that FER\+ names are not there"):
        read_splits(tmp_path)


def test_a_single_splits_folder_is_taken_by_its_name(tmp_path):
    write_folders(tmp_path)
    assert list(read_splits(tmp_path / "FER2013Valid")) == ["valid"]


def test_a_folder_without_the_data_set_says_what_was_expected(tmp_path):
    with pytest.raises(DataError, match=r"expected folders FER2013Train.*fer2013new\.csv"):
        read_splits(tmp_path)


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("naïve.png,x,9".encode("latin-1"), r"not a readable FER\+ data set .*utf-8"),
        (b"a.png," + b"9" * 2_000_000, r"not a readable FER\+ data set .*field larger"),
    ],
)
def test_a_table_that_is_no_utf_8_csv_is_one_line(tmp_path, table, expected):
    write_folders(tmp_path)
    (tmp_path / "FER2013Valid/label.csv").write_bytes(table)
    with pytest.raises(DataError, match=expected) as caught:
        read_splits(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_vote_beyond_any_number_is_a_listed_skip(tmp_path):
    write_folders(tmp_path)
    (tmp_path / "FER2013Valid/label.csv").write_text(f"d.png,x,0,{'9' * 30},0,0,0,0,0,0,0,0\n")
    valid = read_splits(tmp_path)["valid"]
    assert len(valid) == 0
    assert "not a whole number" in valid.skipped[0]


def test_a_picture_that_a_zip_cannot_give_is_a_data_error(tmp_path, monkeypatch):
    # Stored, then altered: the checksum fails. And one that unpacks to more than any picture.
    monkeypatch.setattr("training.data.sample.MOST_PICTURE_BYTES", 1 << 20)
    with zipfile.ZipFile(tmp_path / "d.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        rows = "".join(
            f"{name},x,9,0,0,0,0,0,0,0,0,0\n" for name in ("torn.png", "bomb.png", "nul\0.png")
        )  # the last one is no name of a file
        packed.writestr("FER2013Train/label.csv", rows)
        packed.writestr("FER2013Train/torn.png", b"torn here" * 9, zipfile.ZIP_STORED)
        packed.writestr("FER2013Train/bomb.png", b"\0" * (2 << 20))
    content = (tmp_path / "d.zip").read_bytes()
    (tmp_path / "d.zip").write_bytes(content.replace(b"torn here", b"torn HERE", 1))
    train = read_splits(zipfile.Path(tmp_path / "d.zip"))["train"]
    assert [line.rpartition("label.csv:")[2] for line in train.skipped] == [
        r"3: picture name 'nul\x00.png' leaves the folder"
    ]
    for sample, expected in zip(train, [r"label\.csv:1: .*Bad CRC", r"label\.csv:2: .*larger than 1 MB"], strict=True):
        with pytest.raises(DataError, match=expected):
            sample.read()
