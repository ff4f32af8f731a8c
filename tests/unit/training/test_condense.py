"""The condensed set: what goes in comes out, and an altered file is noticed."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch", reason="training needs its extra")

import training.data.condense as module
import training.data.condensed_index as reading
from model.emotions import Emotion
from model.errors import DataError
from training.data.condense import condense, open_condensed
from training.data.replace_folder import aside_of
from training.data.sample import Sample, Split, one_hot


def made_split(count, *, broken=(), rich=False):
    """Picture ``n`` is all of value n; ``rich`` ones have groups of two, and every other one valence and arousal."""

    def reader(place):
        def read():
            if place in broken:
                raise DataError(f"p{place}.png: not a readable 8-bit picture")
            return np.full((24, 24), place, np.uint8)

        return read

    samples = [
        Sample(
            name=f"p{place}.png",
            label=Emotion(place % 8),
            target=one_hot(Emotion(place % 8)),
            read=reader(place),
            valence_arousal=(place / 100, -place / 100) if rich and place % 2 else None,
            group=f"g{place // 2}" if rich else "",
        )
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


def test_names_groups_valence_and_arousal_follow_the_pictures(tmp_path):
    made = condense(made_split(6, broken={2}, rich=True), tmp_path / "train", size=24, channels=1, source="made")
    opened = open_condensed(tmp_path / "train")
    assert opened.names == ("p0.png", "p1.png", "p3.png", "p4.png", "p5.png")
    assert opened.groups == made.groups == ("g0", "g0", "g1", "g2", "g2")
    values = opened.valence_arousal
    assert values.dtype == np.float32
    assert np.isnan(values[[0, 3]]).all()
    assert np.allclose(values[[1, 2, 4]], [[0.01, -0.01], [0.03, -0.03], [0.05, -0.05]])


def test_data_without_groups_valence_or_arousal_say_so(tmp_path):
    made = condense(made_split(3), tmp_path / "train", size=24, channels=1, source="made")
    assert made.groups == ("", "", "")
    assert np.isnan(made.valence_arousal).all()
    assert made.valence_arousal.shape == (3, 2)
    assert not (tmp_path / "train" / "groups.json").exists()
    assert not (tmp_path / "train" / "valence_arousal.npy").exists()


@pytest.fixture(scope="module")
def forty(tmp_path_factory):
    folder = tmp_path_factory.mktemp("forty") / "train"
    split = made_split(40, rich=True)
    return condense(split, folder, size=8, channels=1, source="made", shard_bytes=7 * 8 * 8)


@given(places=st.lists(st.integers(0, 39), max_size=60), inner=st.data())
def test_a_subset_is_what_lies_at_its_places(forty, places, inner):
    view = forty.subset(places)
    assert len(view) == len(places)
    asked = np.array(inner.draw(st.lists(st.integers(0, len(places) - 1), max_size=20) if places else st.just([])), int)
    wanted = np.array(places, int)[asked]
    assert view.take(asked)[:, 0, 0, 0].tolist() == wanted.tolist()
    assert view.labels.tolist() == [place % 8 for place in places]
    assert view.targets.argmax(axis=1).tolist() == view.labels.tolist()
    assert view.names == tuple(f"p{place}.png" for place in places)
    assert view.groups == tuple(f"g{place // 2}" for place in places)
    assert np.array_equal(np.isnan(view.valence_arousal[:, 0]), [place % 2 == 0 for place in places])
    again = view.subset(asked)
    assert again.names == forty.subset(wanted).names
    assert again.fingerprint == forty.subset(wanted).fingerprint


def test_the_fingerprint_tells_subsets_apart(forty):
    prints = [forty.fingerprint, *(forty.subset(places).fingerprint for places in ([0, 1], [1, 0], [0], [], range(40)))]
    assert len(set(prints)) == len(prints)
    assert forty.subset([3, 1]).fingerprint == forty.subset(np.array([3, 1], np.uint8)).fingerprint


@pytest.mark.parametrize("places", [[-1], [40], [0.0], [[1]], [True]])
def test_a_place_without_a_picture_is_refused(forty, places):
    with pytest.raises(ValueError, match="places"):
        forty.subset(places)


def test_a_set_goes_to_another_process_as_its_path(forty):
    view = forty.subset(range(39, -1, -1))
    sent = pickle.dumps(view)
    assert len(sent) < 3000
    there = pickle.loads(sent)
    assert there.take(np.arange(40))[:, 0, 0, 0].tolist() == list(range(39, -1, -1))
    assert there.names == view.names
    assert there.fingerprint == view.fingerprint


def test_a_set_that_was_replaced_on_the_way_is_refused(tmp_path):
    sent = pickle.dumps(condense(made_split(3), tmp_path / "train", size=24, channels=1, source="made"))
    condense(made_split(4), tmp_path / "train", size=24, channels=1, source="made")
    with pytest.raises(DataError, match="train: replaced while it was in use"):
        pickle.loads(sent)


def test_what_was_taken_does_not_change_with_what_is_taken_next(forty, monkeypatch):
    monkeypatch.setattr("training.data.condensed_files._MOST_MAPPED_BYTES", 0)  # gives pages back each time
    first = forty.take(np.array([5, 6]))
    assert forty.take(np.array([7, 8]))[:, 3, 3, 0].tolist() == [7, 8]
    assert first[:, 3, 3, 0].tolist() == [5, 6]


@pytest.mark.parametrize("number", [1, 3])
def test_a_set_of_another_version_says_which_command_makes_it_anew(tmp_path, number):
    condense(made_split(3), tmp_path / "train", size=24, channels=3, source="ferplus FERPlus.zip")
    index = json.loads((tmp_path / "train" / "index.json").read_text()) | {"format": number}
    (tmp_path / "train" / "index.json").write_text(json.dumps(index))
    with pytest.raises(DataError) as caught:
        open_condensed(tmp_path / "train")
    command = f"python -m training.prepare ferplus SRC {tmp_path} --size 24 --colour"
    assert str(caught.value).endswith(f"written by another version; condense the data set again: {command}")


def test_opening_without_comparing_hashes_reads_no_pixels(tmp_path, monkeypatch):
    condense(made_split(3), tmp_path / "train", size=24, channels=1, source="made")
    monkeypatch.setattr(reading, "sha256_of", lambda file: pytest.fail(f"read all of {file}"))
    assert len(open_condensed(tmp_path / "train", verify=False)) == 3


def test_a_large_set_has_few_shards(tmp_path):
    made = condense(made_split(200), tmp_path / "train", size=8, channels=1, source="made", shard_bytes=1)
    assert len(made.pixels) == 50  # of four pictures: at most 64 files to keep open
    assert made.take(np.array([199, 0]))[:, 0, 0, 0].tolist() == [199, 0]


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


@pytest.mark.parametrize(
    "name", ["pixels-00000.npy", "labels.npy", "targets.npy", "valence_arousal.npy", "names.json", "groups.json"]
)
@pytest.mark.parametrize("cut", [True, False])
def test_an_altered_or_cut_file_is_named(tmp_path, name, cut):
    condense(made_split(9, rich=True), tmp_path / "train", size=24, channels=1, source="made")
    file = tmp_path / "train" / name
    whole = bytearray(file.read_bytes())
    whole[-1] ^= 1
    file.write_bytes(whole[:-5] if cut else whole)
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
        file = f"{name.replace('pixels_', 'pixels-')}.npy"
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
        ({"pixels_00000": np.asfortranarray(np.zeros((9, 24, 24, 1), np.uint8))}, "disagree"),
        ({"valence_arousal": np.zeros((8, 2), np.float32)}, "disagree"),
        ({"valence_arousal": np.full((9, 2), 1.5, np.float32)}, "outside of -1 to 1"),
        ({"valence_arousal": np.array([[np.nan, 0]] * 9, np.float32)}, "outside of -1 to 1"),
        ({"valence_arousal": np.array([[None, 0]] * 9, object)}, r"valence_arousal\.npy: damaged"),
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


@pytest.mark.parametrize(
    "texts", ['["a", "b"]', '["a", "b", 3]', '{"a": 1, "b": 2, "c": 3}', "[", '["a", "b", "' + "c" * 40_000 + '"]']
)
def test_names_that_are_none_are_refused(tmp_path, texts):
    condense(made_split(3), tmp_path / "train", size=24, channels=1, source="made")
    (tmp_path / "train" / "names.json").write_text(texts)
    opened = open_condensed(tmp_path / "train", verify=False)
    with pytest.raises(DataError, match=r"names\.json: .*condense the data set again"):
        _ = opened.names


@pytest.mark.parametrize("text", ["[]", "3", "{}", "[" * 100_000, "\ud800"])
def test_an_index_that_is_none_is_refused(tmp_path, text):
    (tmp_path / "index.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(DataError, match="condense the data set again"):
        open_condensed(tmp_path)
