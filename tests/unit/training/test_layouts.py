"""The layouts in words, and the promise that every data set's labels map by name."""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path

import pytest
from data_set_makers import (
    PIXELS,
    affectnet_row,
    write_affectnet,
    write_fer2013,
    write_ferplus_folder,
    write_manual_affectnet,
    write_picture,
    write_rafdb,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from model.emotions import Emotion
from training.config import DataConfig, PretrainConfig
from training.data import affectnet, fer2013, ferplus, folder, rafdb
from training.data.layouts import LAYOUTS, describe

# As each data set's own documentation numbers them, by name: written out here a second time on purpose.
AFFECTNET = dict(enumerate(["neutral", "happy", "sad", "surprise", "fear", "disgust", "anger", "contempt"]))
RAFDB = dict(enumerate(["surprise", "fear", "disgust", "happiness", "sadness", "anger", "neutral"], start=1))
FER2013 = dict(enumerate(["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]))
FERPLUS = dict(enumerate(["neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt"]))


def affectnet_8(root, codes):
    write_affectnet(root, [(str(code), "0", "0") for code in codes])
    write_affectnet(root, [("0", "0", "0")], split="val_set")
    return affectnet.read_splits(root)


def affectnet_manual(root, codes):
    write_manual_affectnet(
        root, [affectnet_row("1/a.jpg", code) for code in codes], [affectnet_row("1/a.jpg", 0)], ["1/a.jpg"]
    )
    return affectnet.read_splits(root)


def rafdb_basic(root, codes):
    names = [f"train_{number:05}" for number in range(1, len(codes) + 1)]
    write_rafdb(root, [f"{name}.jpg {code}" for name, code in zip(names, codes, strict=True)], names)
    return rafdb.read_splits(root)


def fer2013_table(root, codes):
    write_fer2013(root, [(code, PIXELS, "Training") for code in codes])
    return fer2013.read_splits(root)


def ferplus_votes(root, codes):
    write_ferplus_folder(root, [",".join("9" if column == code else "0" for column in range(10)) for code in codes])
    return ferplus.read_splits(root)


@pytest.mark.parametrize(
    ("write_and_read", "published"),
    [
        (affectnet_8, AFFECTNET),
        (affectnet_manual, AFFECTNET),
        (rafdb_basic, RAFDB),
        (fer2013_table, FER2013),
        (ferplus_votes, FERPLUS),
    ],
)
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_labels_map_by_name_in_any_order(write_and_read, published, data):
    codes = data.draw(st.lists(st.sampled_from(sorted(published)), min_size=1, max_size=6))
    with tempfile.TemporaryDirectory() as root:
        train = write_and_read(Path(root), codes)["train"]
    assert [sample.label for sample in train] == [Emotion.from_name(published[code]) for code in codes]
    assert all(int(sample.target.argmax()) == sample.label and sample.target.sum() == 1 for sample in train)


@settings(max_examples=12, deadline=None)
@given(emotions=st.lists(st.sampled_from(sorted(Emotion)), min_size=1, max_size=8, unique=True), upper=st.booleans())
def test_folders_map_by_name_whichever_of_them_are_there(emotions, upper):
    with tempfile.TemporaryDirectory() as root:
        for emotion in emotions:
            name = emotion.label.upper() if upper else emotion.label.title()
            write_picture(Path(root) / name / f"{emotion.value}.png")
        train = folder.read_splits(Path(root))["train"]
    assert {sample.group: sample.label for sample in train} == {str(emotion.value): emotion for emotion in emotions}


def test_every_kind_that_a_config_may_name_has_a_layout():
    for config in (DataConfig, PretrainConfig):
        (kinds,) = [field.metadata["choices"] for field in dataclasses.fields(config) if field.name == "kind"]
        assert set(kinds) == {"", *LAYOUTS}


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        (
            "affectnet",
            ["train_set/annotations/0_exp.npy", "Manually_Annotated_Images/", "mohammadmahoor.com/affectnet/"],
        ),
        (
            "rafdb",
            ["EmoLabel/list_patition_label.txt", "train_00001_aligned.jpg", "whdeng.cn/RAF", "--valid-share 0.1"],
        ),
        ("ferplus", ["FER2013Train/label.csv", "fer2013new.csv", "github.com/microsoft/FERPlus"]),
        ("fer2013", ["fer2013.csv", "emotion, pixels, Usage", "kaggle.com"]),
        ("folder", ["my-faces/happiness/", "a person's"]),
        ("generated", ["drawn"]),
    ],
)
def test_a_description_has_the_files_the_address_the_licence_and_the_command(kind, texts):
    described = describe(kind)
    assert all(text in described for text in texts)
    lines = described.splitlines()
    assert lines[-3].startswith("Where: ")
    assert lines[-2].startswith("Use: ")
    assert lines[-1].startswith("Example: python -m training.")
    assert max(map(len, lines)) <= 200


def test_an_unknown_kind_has_no_layout():
    with pytest.raises(KeyError, match="imagenet"):
        describe("imagenet")
