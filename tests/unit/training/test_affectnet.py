"""AffectNet in both of its releases, as they lie on disk, and what is broken in them."""

from __future__ import annotations

import contextlib
import io
import zipfile

import numpy as np
import pytest
from data_set_makers import (
    AFFECTNET_HEADER,
    affectnet_row,
    write_affectnet,
    write_manual_affectnet,
    write_picture,
)
from hypothesis import given
from hypothesis import strategies as st

from model.emotions import Emotion
from model.errors import DataError
from training.data.affectnet import read_splits
from training.data.affectnet_labels import DROPPED, read_affect, read_expression
from training.data.scalar import parse_scalar

ORDER = ["neutral", "happiness", "sadness", "surprise", "fear", "disgust", "anger", "contempt"]


@pytest.mark.parametrize("as_kind", [str, int, float, np.uint8, lambda code: [code], lambda code: str(code).encode()])
def test_labels_are_read_as_text_as_whole_numbers_and_as_floats(tmp_path, as_kind):
    write_affectnet(tmp_path, [(as_kind(code), "0.5", -0.25) for code in range(8)])
    write_affectnet(tmp_path, [("1", np.float32(0.75), "-1")], split="val_set")
    splits = read_splits(tmp_path)
    assert [sample.label.label for sample in splits["train"]] == ORDER
    assert {sample.valence_arousal for sample in splits["train"]} == {(0.5, -0.25)}
    assert [sample.valence_arousal for sample in splits["valid"]] == [(0.75, -1.0)]
    assert splits["train"].samples[3].read()[0, 0, 0] == pytest.approx(30, abs=2)
    assert splits["train"].samples[3].target.tolist() == [0, 0, 0, 1, 0, 0, 0, 0]
    assert splits["train"].samples[3].box is None
    assert splits["train"].skipped == splits["valid"].skipped == []


def test_pictures_come_in_the_order_of_their_numbers_and_are_their_own_groups(tmp_path):
    write_affectnet(tmp_path, [(number % 8, 0, 0) for number in range(12)], pictures=False)
    write_affectnet(tmp_path, [(0, 0, 0)], split="val_set")
    for number in range(12):
        (tmp_path / "train_set" / "images" / f"{number}.jpg").touch()
    assert [sample.group for sample in read_splits(tmp_path)["train"]] == [str(number) for number in range(12)]


def test_each_broken_picture_is_a_listed_skip_that_names_its_file(tmp_path):
    rows = [(3, 0, 0), (11, 0, 0), (2.5, 0, 0), (-1, 0, 0), ("sad", 0, 0), (1, 1.5, 0), (1, 0, "nan"), (8, 0, 0)]
    rows += [(0, -2, 0)] * 7
    write_affectnet(tmp_path, rows)
    write_affectnet(tmp_path, [(0, 0, 0)], split="val_set")
    folder = tmp_path / "train_set"
    (folder / "annotations" / "8_exp.npy").unlink()
    (folder / "images" / "9.jpg").unlink()
    (folder / "annotations" / "10_aro.npy").unlink()
    whole = (folder / "annotations" / "11_val.npy").read_bytes()
    (folder / "annotations" / "11_val.npy").write_bytes(whole[:-1])
    (folder / "annotations" / "12_exp.npy").write_bytes(b"3")
    (folder / "images" / "notes.txt").touch()
    (folder / "images" / ".DS_Store").touch()
    train = read_splits(tmp_path)["train"]
    assert [sample.label for sample in train] == [Emotion.SURPRISE, Emotion.NEUTRAL, Emotion.NEUTRAL]
    assert train.samples[1].valence_arousal is None
    assert train.dropped == {"labelled none": 1}
    for file, reason in [
        ("images/notes.txt", "not a .jpg"),
        ("images/8.jpg", "no labels (8_exp.npy)"),
        ("annotations/9_exp.npy", "no picture (9.jpg)"),
        ("annotations/1_exp.npy", "expression 11, expected a whole number from 0 to 10"),
        ("annotations/2_exp.npy", "expression 2.5, expected"),
        ("annotations/3_exp.npy", "expression -1, expected"),
        ("annotations/4_exp.npy", "expression 'sad' is no number"),
        ("annotations/5_val.npy", "valence 1.5, expected -1 to 1"),
        ("annotations/6_aro.npy", "arousal 'nan' is no number"),
        ("annotations/10_aro.npy", "cannot be read"),
        ("annotations/11_val.npy", "holds 7 bytes, expected 8"),
        ("annotations/12_exp.npy", "not a .npy file"),
    ]:
        assert [line for line in train.skipped if f"{folder}/{file}: {reason}" in line], (file, train.skipped)
    assert len(train.skipped) == 12


def test_a_picture_that_cannot_be_decoded_fails_when_it_is_read_and_names_itself(tmp_path):
    write_affectnet(tmp_path, [(0, 0, 0)])
    write_affectnet(tmp_path, [(0, 0, 0)], split="val_set")
    (tmp_path / "train_set/images/0.jpg").write_bytes(b"no picture")
    (sample,) = read_splits(tmp_path)["train"]
    with pytest.raises(DataError, match=r"train_set/images/0\.jpg: not a readable 8-bit picture"):
        sample.read()


@pytest.mark.parametrize("gone", ["train_set/annotations", "train_set/images", "val_set"])
def test_a_half_unpacked_release_says_what_is_missing_and_where_it_comes_from(tmp_path, gone):
    write_affectnet(tmp_path, [(0, 0, 0)])
    write_affectnet(tmp_path, [(0, 0, 0)], split="val_set")
    (tmp_path / gone).rename(tmp_path / "elsewhere")
    with pytest.raises(
        DataError, match=f"half unpacked, without {gone}.*train_set/ and val_set/.*mohammadmahoor"
    ) as caught:
        read_splits(tmp_path)
    assert "\n" not in str(caught.value)


def test_most_pictures_without_labels_is_half_unpacked_and_not_a_long_list_of_skips(tmp_path):
    write_affectnet(tmp_path, [(0, 0, 0)] * 4)
    write_affectnet(tmp_path, [(0, 0, 0)], split="val_set")
    for number in range(3):
        (tmp_path / f"train_set/annotations/{number}_exp.npy").unlink()
    with pytest.raises(DataError, match="train_set: 3 of the 4 pictures that AffectNet names are not there"):
        read_splits(tmp_path)


def test_both_releases_are_read_from_a_zip(tmp_path):
    write_affectnet(tmp_path / "AffectNet", [("2", "0.5", "0.5")])
    write_affectnet(tmp_path / "AffectNet", [("3", "0", "0")], split="val_set")
    rows = [affectnet_row("1/a.jpg", 6)]
    write_manual_affectnet(tmp_path / "manual", rows, rows, ["1/a.jpg"])
    for name, label in (("AffectNet", Emotion.SADNESS), ("manual", Emotion.ANGER)):
        with zipfile.ZipFile(tmp_path / f"{name}.zip", "w") as packed:
            for file in sorted((tmp_path / name).rglob("*.*")):
                packed.write(file, str(file.relative_to(tmp_path)))
        train = read_splits(zipfile.Path(tmp_path / f"{name}.zip"))["train"]
        assert [sample.label for sample in train] == [label]
        assert train.samples[0].read().ndim == 3
        assert "//" not in train.samples[0].name


def scalar_file(array):
    opened = io.BytesIO()
    np.save(opened, array)
    return opened.getvalue()


@pytest.mark.parametrize("value", ["7", "-0.123456789", 3, -0.5, np.float32(0.25), np.int64(-2), np.uint8(200), b"4"])
def test_a_scalar_is_read_as_numpy_reads_it(value):
    expected = np.array(value).item()
    assert parse_scalar(scalar_file(value)) == (expected.decode() if isinstance(expected, bytes) else expected)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "not a .npy file"),
        (b"\x93NUMPY\x09\x00aaaa", "not a .npy file"),
        (b"\x93NUMPY\x02\x00\xff\xff\xff\x7f", "header is cut short"),
        (b"\x93NUMPY\x01\x00\xff\xff" + b" " * 70_000, "not one number or text"),
        (scalar_file(np.array(2.0))[:40], "header is cut short"),
        (scalar_file(np.zeros(3)), "not one number or text: .*'shape': .3,."),
        (scalar_file(np.array(1j)), "not one number or text"),
        (scalar_file(np.array("")).replace(b"<U1", b"<U0"), "not one number or text"),
        (scalar_file(np.array(2)).replace(b"<i8", b"<i3"), "not one number or text"),
        (scalar_file(np.array(2.0)) + b"x", "holds 9 bytes, expected 8"),
    ],
)
def test_what_is_no_scalar_is_refused(content, expected):
    with pytest.raises(ValueError, match=expected):
        parse_scalar(content)


def test_a_pickle_is_never_opened():
    opened = io.BytesIO()
    np.save(opened, np.array({"a": 1}, dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match=r"not one number or text: .*\|O"):
        parse_scalar(opened.getvalue())


@given(value=st.integers(-(2**31), 2**31) | st.floats(allow_nan=False) | st.text("0123456789.-", min_size=1))
def test_a_scalar_that_numpy_writes_comes_back(value):
    assert parse_scalar(scalar_file(np.array(value))) == value


@given(place=st.integers(0, 200), byte=st.integers(0, 255), end=st.integers(0, 200))
def test_a_damaged_scalar_is_a_value_or_a_value_error(place, byte, end):
    content = bytearray(scalar_file(np.array("0.25")))
    content[place % len(content)] = byte
    with contextlib.suppress(ValueError):
        assert isinstance(parse_scalar(bytes(content[:end] if end < 190 else content)), (str, int, float))


def test_the_table_gives_labels_values_and_the_faces_place(tmp_path):
    training = [affectnet_row("689/a.jpg", 3, 0.5, -0.25, "4,6,10,12"), affectnet_row("1/b.jpg", 7, -2, -2)]
    write_manual_affectnet(tmp_path, training, [affectnet_row("1/b.jpg", 1)], ["689/a.jpg", "1/b.jpg"])
    splits = read_splits(tmp_path)
    first, second = splits["train"]
    assert (first.label, first.valence_arousal, first.box) == (Emotion.SURPRISE, (0.5, -0.25), (4, 6, 14, 18))
    assert (second.label, second.valence_arousal) == (Emotion.CONTEMPT, None)
    assert first.read().shape == (32, 32, 3)
    assert [sample.label for sample in splits["valid"]] == [Emotion.HAPPINESS]


def test_columns_count_by_name_and_the_tables_may_lie_in_a_folder_of_their_own(tmp_path):
    write_manual_affectnet(tmp_path, [], [affectnet_row("1/a.jpg", 0)], ["1/a.jpg"])
    lists = tmp_path / "Manually_Annotated_file_lists"
    lists.mkdir()
    (tmp_path / "validation.csv").rename(lists / "validation.csv")
    (tmp_path / "training.csv").unlink()
    (lists / "training.csv").write_text(
        "valence,expression,arousal,face_height,face_width,face_y,face_x,subDirectory_filePath\n"
        "0.5,6,-0.5,12,10,6,4,1/a.jpg\n"
    )
    (sample,) = read_splits(tmp_path)["train"]
    assert (sample.label, sample.valence_arousal, sample.box) == (Emotion.ANGER, (0.5, -0.5), (4, 6, 14, 18))


def test_pictures_without_an_emotion_are_dropped_and_counted_by_reason(tmp_path):
    rows = [affectnet_row("1/a.jpg", code, -2, -2, "NULL,NULL,NULL,NULL") for code in (8, 9, 9, 10, 10, 10)]
    write_manual_affectnet(tmp_path, [*rows, affectnet_row("1/a.jpg", 0)], [affectnet_row("1/a.jpg", 0)], ["1/a.jpg"])
    train = read_splits(tmp_path)["train"]
    assert train.dropped == {"labelled none": 1, "labelled uncertain": 2, "labelled no face": 3}
    assert train.skipped == []


def test_each_broken_row_is_a_listed_skip_with_file_and_line(tmp_path):
    good = affectnet_row("1/a.jpg", 0)
    training = [
        good,
        "1/a.jpg,4,6",  # line 3: cut short
        affectnet_row("1/a.jpg", 11),
        affectnet_row("1/a.jpg", ""),
        affectnet_row("1/a.jpg", 0, 1.25),
        affectnet_row("1/a.jpg", 0, 0, "NULL"),
        affectnet_row("1/a.jpg", 0, box="4,6,0,12"),
        affectnet_row("1/a.jpg", 0, box="4,6,NULL,12"),
        affectnet_row("1/a.jpg", 0, box="4,99999999999999999999,10,12"),
        affectnet_row("../../secret.jpg", 0),
        affectnet_row("/etc/secret.jpg", 0),
        affectnet_row("1\\..\\a.jpg", 0),
        affectnet_row("1/gone.jpg", 0),
        affectnet_row('"1/a.jpg', 0),  # a stray quotation mark costs no other row
        good,
    ]
    write_manual_affectnet(tmp_path, training, [good], ["1/a.jpg"])
    (tmp_path / "Manually_Annotated_Images/1/a.jpg").write_bytes(b"no picture")
    train = read_splits(tmp_path)["train"]
    assert len(train) == 3
    expected = [
        "3: 3 columns, expected 9",
        "4: expression '11', expected a whole number from 0 to 10",
        "5: expression '' is no number",
        "6: valence 1.25, expected -1 to 1",
        "7: arousal 'NULL' is no number",
        "8: face of 0 x 12 pixels",
        "9: face_width 'NULL' is no number",
        "10: face at 4, 1e+20, in no picture",
        "11: picture name '../../secret.jpg' leaves the folder",
        "12: picture name '/etc/secret.jpg' leaves the folder",
        r"13: picture name '1\\..\\a.jpg' leaves the folder",
        "14: no such picture:",
    ]
    assert len(train.skipped) == len(expected)
    for line, text in zip(train.skipped, expected, strict=True):
        assert line.startswith(f"{tmp_path / 'training.csv'}:{text}")
    with pytest.raises(DataError, match=r"training\.csv:16: .*1/a\.jpg: not a readable 8-bit picture"):
        train.samples[-1].read()


@pytest.mark.parametrize("gone", ["training.csv", "validation.csv", "Manually_Annotated_Images"])
def test_a_half_unpacked_table_release_says_what_is_missing(tmp_path, gone):
    row = affectnet_row("1/a.jpg", 0)
    write_manual_affectnet(tmp_path, [row], [row], ["1/a.jpg"])
    (tmp_path / gone).rename(tmp_path / "elsewhere")
    with pytest.raises(DataError, match=f"half unpacked, without {gone}.*Manually_Annotated_Images/ with training.csv"):
        read_splits(tmp_path)


def test_most_photographs_absent_is_half_unpacked(tmp_path):
    rows = [affectnet_row(f"{number}/a.jpg", 0) for number in range(3)]
    write_manual_affectnet(tmp_path, rows, rows[:1], ["0/a.jpg"])
    with pytest.raises(DataError, match="2 of the 3 pictures that AffectNet names are not there"):
        read_splits(tmp_path)


def test_a_table_without_a_column_is_refused_by_the_columns_name(tmp_path):
    row = affectnet_row("1/a.jpg", 0)
    write_manual_affectnet(tmp_path, [row], [row], ["1/a.jpg"])
    (tmp_path / "training.csv").write_text(AFFECTNET_HEADER.replace("face_x", "x").replace("valence", "v") + "\n")
    with pytest.raises(DataError, match=r"training\.csv:1: the header lacks face_x, valence; it has: subDirectory"):
        read_splits(tmp_path)


def test_each_folder_of_photographs_is_listed_once(tmp_path, monkeypatch):
    import training.data.affectnet_csv as module

    rows = [affectnet_row(f"{number % 2}/{number}.jpg", 0) for number in range(8)]
    write_manual_affectnet(tmp_path, rows, rows[:1], [f"{number % 2}/{number}.jpg" for number in range(8)])
    listed = []
    real = module.names_in
    monkeypatch.setattr(module, "names_in", lambda folder: listed.append(folder.name) or real(folder))
    assert len(read_splits(tmp_path)["train"]) == 8
    assert sorted(listed) == ["0", "1"]


def test_a_code_is_an_emotion_a_reason_or_an_error():
    assert [read_expression(code) for code in range(11)] == [*Emotion, *DROPPED.values()]
    for bad in (11, -1, 0.5, "1_0", "", "happiness", float("inf")):
        with pytest.raises(ValueError, match="expression"):
            read_expression(bad)
    assert read_affect("valence", "-2") is None


def test_a_folder_without_the_data_set_says_what_was_expected(tmp_path):
    write_picture(tmp_path / "cats" / "a.jpg")
    for place in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(
            DataError, match=r"no AffectNet here; expected train_set/ and val_set/.*to get it: http://moh"
        ):
            read_splits(place)
