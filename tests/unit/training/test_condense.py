"""The condensed set: what goes in comes out, and an altered file is noticed."""

from __future__ import annotations

import json

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs its extra")

import training.data.condense as module
import training.data.condensed_index as reading
from model.emotions import Emotion
from model.errors import DataError
from training.data.condense import condense, open_condensed
from training.data.replace_folder import aside_of
from training.data.sample import Sample, Split, one_hot


def made_split(count, *, broken=()):
    def reader(place):
        def read():
            if place in broken:
                raise DataError(f"p{place}.png: not a readable 8-bit picture")
            return np.full((24, 24), place, np.uint8)

        return read

    samples = [
        Sample(name=f"p{place}.png", label=Emotion(place % 8), target=one_hot(Emotion(place % 8)), read=reader(place))
        for place in range(count)
    ]
    return Split("train", samples)


def test_pictures_and_labels_come_back_in_any_order(tmp_path):
    seven = 7 * 24 * 24
    made = condense(made_split(40), tmp_path / "train", size=24, channels=1, source="made", shard_bytes=seven)
    assert len(made.pixels) == 6
    order = np.random.default_rng(0).permutation(40)
    assert made.take(order)[:, 0, 0, 0].tolist() == order.tolist()
    assert made.labels[order].tolist() == (order % 8).tolist()
    assert (made.targets.argmax(axis=1) == made.labels).all()


def test_pictures_are_resized_and_given_three_channels_on_request(tmp_path):
    made = condense(made_split(3), tmp_path / "train", size=12, channels=3, source="made")
    assert made.take(np.array([2])).shape == (1, 12, 12, 3)
    assert made.take(np.array([2])).min() == 2


def test_a_broken_picture_is_a_listed_skip(tmp_path):
    made = condense(made_split(5, broken={1, 3}), tmp_path / "train", size=24, channels=1, source="made")
    assert made.take(np.arange(3))[:, 0, 0, 0].tolist() == [0, 2, 4]
    assert json.loads((tmp_path / "train" / "index.json").read_text())["skipped"] == [
        "p1.png: not a readable 8-bit picture",
        "p3.png: not a readable 8-bit picture",
    ]


def test_nothing_readable_leaves_nothing_behind(tmp_path):
    with pytest.raises(DataError, match="not one picture"):
        condense(made_split(2, broken={0, 1}), tmp_path / "train", size=24, channels=1, source="made")
    assert list(tmp_path.iterdir()) == []


def test_a_failure_keeps_the_earlier_set(tmp_path, monkeypatch):
    condense(made_split(3), tmp_path / "train", size=24, channels=1, source="made")

    def full_disk(*_args, **_named):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("training.data.whole.np.save", full_disk)
    with pytest.raises(DataError, match=r"train: cannot write the condensed set .No space left on device"):
        condense(made_split(9), tmp_path / "train", size=24, channels=1, source="made")
    assert [file.name for file in tmp_path.iterdir()] == ["train"]
    assert len(open_condensed(tmp_path / "train")) == 3


@pytest.mark.parametrize("name", ["pixels-00000.npy", "labels.npy", "targets.npy"])
@pytest.mark.parametrize("cut", [True, False])
def test_an_altered_or_cut_file_is_named(tmp_path, name, cut):
    condense(made_split(9), tmp_path / "train", size=24, channels=1, source="made")
    file = tmp_path / "train" / name
    whole = bytearray(file.read_bytes())
    whole[-1] ^= 1
    file.write_bytes(whole[:-20] if cut else whole)
    with pytest.raises(DataError, match=f"{name}: altered or cut short"):
        open_condensed(tmp_path / "train")


def test_a_missing_set_says_how_to_make_one(tmp_path):
    with pytest.raises(DataError, match=r"no condensed set here; make one with: python -m training\.prepare"):
        open_condensed(tmp_path / "train")


def test_a_folder_that_is_no_condensed_set_is_never_replaced(tmp_path):
    # As with `prepare folder faces faces`: DST/train is the user's own pictures.
    own = tmp_path / "train" / "happy" / "me.png"
    own.parent.mkdir(parents=True)
    own.write_bytes(b"my picture")
    with pytest.raises(DataError, match=r"train: exists and is no condensed set, so it is not replaced"):
        condense(made_split(3), tmp_path / "train", size=24, channels=1, source="made")
    assert own.read_bytes() == b"my picture"
    assert [file.name for file in tmp_path.iterdir()] == ["train"]


def test_a_crash_between_the_renames_loses_no_set(tmp_path, monkeypatch):
    condense(made_split(3), tmp_path / "train", size=24, channels=1, source="made")

    def killed(_folder, _part):
        aside_of(_folder).exists() or _folder.rename(aside_of(_folder))
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "replace_folder", killed)
    with pytest.raises(KeyboardInterrupt):
        condense(made_split(9), tmp_path / "train", size=24, channels=1, source="made")
    assert not (tmp_path / "train").exists()
    assert len(open_condensed(tmp_path / "train")) == 3


def test_a_set_that_cannot_be_put_in_place_leaves_the_earlier_one(tmp_path, monkeypatch):
    condense(made_split(3), tmp_path / "train", size=24, channels=1, source="made")
    rename = module.Path.rename

    def stubborn(self, target):
        if self.name == ".train.part":
            raise OSError(13, "Permission denied")
        return rename(self, target)

    monkeypatch.setattr(module.Path, "rename", stubborn)
    with pytest.raises(DataError, match="Permission denied"):
        condense(made_split(9), tmp_path / "train", size=24, channels=1, source="made")
    assert [file.name for file in tmp_path.iterdir()] == ["train"]
    assert len(open_condensed(tmp_path / "train")) == 3


def rewritten(folder, **arrays):
    """Put arrays in the place of files, with hashes that fit: what a crafted set looks like."""
    index = json.loads((folder / "index.json").read_text())
    for name, array in arrays.items():
        file = f"{name.replace('_', '-')}.npy"
        np.save(folder / file, array)
        index["files"][file] = reading.sha256_of(folder / file)
    (folder / "index.json").write_text(json.dumps(index))


@pytest.mark.parametrize(
    ("arrays", "expected"),
    [
        ({"labels": np.full(9, 8, np.uint8)}, "none of the eight"),
        ({"labels": np.zeros(9, np.float32)}, r"labels\.npy: holds float32 .9,., expected uint8"),
        ({"targets": np.full((9, 8), np.nan, np.float32)}, "none of the eight"),
        ({"targets": np.zeros((9, 7), np.float32)}, "disagree"),
        ({"labels": np.zeros(0, np.uint8), "targets": np.zeros((0, 8), np.float32)}, "damaged|disagree"),
        ({"pixels_00001": np.zeros((9, 24, 24, 1), np.uint8)}, "disagree"),
        (
            {"pixels_00000": np.zeros((4, 24, 24, 1), np.uint8), "pixels_00001": np.zeros((5, 24, 24, 1), np.uint8)},
            "dis",
        ),
        ({"pixels_00000": np.zeros((9, 24, 24), np.uint8)}, "dimensions"),
    ],
)
def test_files_that_disagree_are_refused(tmp_path, arrays, expected):
    condense(made_split(9), tmp_path / "train", size=24, channels=1, source="made")
    rewritten(tmp_path / "train", **arrays)
    with pytest.raises(DataError, match=expected):
        open_condensed(tmp_path / "train")


@pytest.mark.parametrize(
    "files", [None, [], {}, {"../../secret": "0"}, {"labels.npy": "0", "targets.npy": "0", "pixels-../../x.npy": "0"}]
)
def test_a_crafted_list_of_files_is_refused_before_any_is_read(tmp_path, files, monkeypatch):
    condense(made_split(2), tmp_path / "train", size=24, channels=1, source="made")
    index = json.loads((tmp_path / "train" / "index.json").read_text()) | {"files": files}
    (tmp_path / "train" / "index.json").write_text(json.dumps(index))
    monkeypatch.setattr(reading, "sha256_of", lambda _: pytest.fail("read a file that the index names"))
    with pytest.raises(DataError, match=r"index\.json: its list of files is damaged"):
        open_condensed(tmp_path / "train")


@pytest.mark.parametrize("text", ["[]", "3", "{}", "[" * 100_000, "\ud800"])
def test_an_index_that_is_none_is_refused(tmp_path, text):
    (tmp_path / "index.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(DataError, match="condense the data set again"):
        open_condensed(tmp_path)
