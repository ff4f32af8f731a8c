"""Condensing by several processes: the same bytes whatever their number, and archives opened by each."""

from __future__ import annotations

import io
import zipfile
from contextlib import closing
from functools import partial

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs its extra")

from condense_makers import RECIPE, SIDE, dying, made_split

from model.emotions import Emotion
from model.errors import DataError
from training.data.condense import condense
from training.data.decode_many import decode_many
from training.data.sample import Sample, Split, decode_picture, one_hot
from training.data.to_processes import packed, unpacked


def picture(place):
    return cv2.imencode(".png", np.full((SIDE, SIDE), place % 256, np.uint8))[1].tobytes()


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """600 pictures, two of them broken, in a .zip."""
    file = tmp_path_factory.mktemp("zip") / "faces.zip"
    with zipfile.ZipFile(file, "w") as opened:
        for place in range(600):
            opened.writestr(f"faces/{place}.png", b"broken" if place in (17, 555) else picture(place))
    return file


def split_of(root):
    samples = [
        Sample(
            name=f"{place}.png",
            label=Emotion(place % 8),
            target=one_hot(Emotion(place % 8)),
            read=partial(decode_picture, root / f"faces/{place}.png"),
        )
        for place in range(600)
    ]
    return Split("train", samples)


def test_two_processes_write_the_same_bytes_as_one(tmp_path, archive):
    ticks = []
    made = [
        condense(
            split_of(zipfile.Path(archive)),
            tmp_path / str(jobs),
            size=SIDE,
            channels=1,
            source="made",
            jobs=jobs,
            shard_bytes=100 * SIDE * SIDE,
            tick=ticks.append,
        )
        for jobs in (1, 2)
    ]
    assert made[0].take(np.array([16, 17, 597]))[:, 0, 0, 0].tolist() == [16, 18, 599 % 256]
    assert [line.rpartition("/")[2] for line in made[1].index["skipped"]] == [
        "17.png: not a readable 8-bit picture",
        "555.png: not a readable 8-bit picture",
    ]
    one, two = ({file.name: file.read_bytes() for file in (tmp_path / jobs).iterdir()} for jobs in ("1", "2"))
    assert len(one) == 6 + 4
    assert one == two
    assert ticks == sorted(ticks[: len(ticks) // 2]) * 2
    assert ticks[-1] == 600


def test_an_archive_goes_to_another_process_as_its_path_and_is_opened_there_once(archive):
    root = zipfile.Path(archive)
    sent = packed([root / "faces/1.png", root / "faces/2.png"])
    assert len(sent) < 1000
    first, second = unpacked(sent)
    third = unpacked(packed(root / "faces/3.png"))
    assert first.root is second.root is third.root
    assert first.root is not root.root
    assert decode_picture(third)[0, 0] == 3


def test_an_archive_that_is_in_no_file_cannot_be_shared():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as opened:
        opened.writestr("a", "b")
    with pytest.raises(DataError, match=r"in no file can be read by one process only; use --jobs 1"):
        packed(zipfile.Path(buffer))


def test_one_process_decodes_no_more_than_it_is_asked_for():
    log = []
    with closing(decode_many(made_split(600, log).samples, RECIPE)) as runs:
        assert len(next(runs)) == 256
        assert log == list(range(256))


def test_a_process_that_dies_is_one_line():
    split = made_split(600)
    bad = split.samples[400]
    split.samples[400] = Sample(name="bad", label=bad.label, target=bad.target, read=dying)
    with pytest.raises(DataError, match=r"ended unexpectedly.*the same command goes on; use fewer than --jobs 2"):
        list(decode_many(split.samples, RECIPE, jobs=2))
