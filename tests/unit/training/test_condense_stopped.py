"""Condensing, stopped: whatever stops it, the same call goes on, and the result is the same to the byte."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="training needs its extra")

from condense_makers import RECIPE, SIDE, made_split, make_many

from model.errors import DataError
from training.data.condense import build, condense, open_condensed

ROOT = Path(__file__).parents[3]
FOUR = 4 * SIDE * SIDE  # bytes of a shard


def make(folder, log=None, *, made_from="now", count=30):
    recipe_of = {"made_from": {"source": made_from}, "shard_bytes": FOUR}
    return build(made_split(count, log), folder, RECIPE, source="made", **recipe_of).publish()


def hashes(folder):
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.rglob("*")
        if file.is_file()
    }


class Stopped(BaseException):
    pass


def stop_at(monkeypatch, name, number):
    """Let the call of ``os.NAME`` with this number stop everything, before or after it is done."""
    calls, real = itertools.count(), getattr(os, name)

    def stopping(*given, **named):
        call = next(calls)
        if call == 2 * number:
            raise Stopped
        real(*given, **named)
        if call == 2 * number + 1:
            raise Stopped

    monkeypatch.setattr(os, name, stopping)


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "train"
    make(folder)
    return hashes(folder)


def test_the_set_of_the_tests_has_full_and_other_shards(whole):
    assert sum(name.startswith("pixels-") for name in whole) == 7  # 30 samples, 4 skipped: 6 shards of 4, one of 2
    assert not any("part" in name or "journal" in name for name in whole)


@pytest.mark.parametrize("call", ["fsync", "rename", "replace"])
def test_stopped_at_any_write_it_ends_with_the_same_bytes(tmp_path, whole, monkeypatch, call):
    for number in range(30):
        folder = tmp_path / str(number) / "train"
        with monkeypatch.context() as patched:
            stop_at(patched, call, number)
            try:
                make(folder)
            except Stopped:
                pass
            else:
                break  # there are no so many calls
        assert not folder.exists() or hashes(folder) == whole, "half a set is in its place"
        make(folder)
        assert hashes(folder) == whole
        assert [file.name for file in folder.parent.iterdir()] == ["train"]
    assert number >= 1, "was never stopped"


def test_what_is_whole_is_not_decoded_again(tmp_path, whole, monkeypatch):
    first, second = [], []
    with monkeypatch.context() as patched:
        patched.setattr("training.data.write_split.sha256_of", stopping_after(3))
        with pytest.raises(Stopped):
            make(tmp_path / "train", first)
    make(tmp_path / "train", second)
    assert hashes(tmp_path / "train") == whole
    assert second == list(range(14, 30))  # three shards of four: 0 to 13 without the skipped 3 and 10


def stopping_after(shards):
    from training.data.condensed_index import sha256_of

    calls = itertools.count()

    def hashing(file):
        if next(calls) == shards:
            raise Stopped
        return sha256_of(file)

    return hashing


def half_made(folder, monkeypatch, log=None):
    with monkeypatch.context() as patched:
        patched.setattr("training.data.write_split.sha256_of", stopping_after(3))
        with pytest.raises(Stopped):
            make(folder, log)
    return folder.with_name(f".{folder.name}.part")


@pytest.mark.parametrize("change", [{"made_from": "later"}, {"count": 29}])
def test_another_source_or_other_samples_begin_anew(tmp_path, monkeypatch, change):
    half_made(tmp_path / "train", monkeypatch)
    log = []
    made = make(tmp_path / "train", log, **change)
    assert log[0] == 0
    assert len(log) == change.get("count", 30)
    make(tmp_path / "other", **change)
    assert hashes(made.folder) == hashes(tmp_path / "other")


@pytest.mark.parametrize("damage", ["cut", "altered", "gone"])
def test_a_shard_that_is_not_whole_and_all_after_it_are_made_again(tmp_path, whole, monkeypatch, damage):
    part = half_made(tmp_path / "train", monkeypatch)
    file = part / "pixels-00001.npy"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.unlink()
    if damage != "gone":
        file.write_bytes(content if damage == "altered" else content[:-7])
    log = []
    make(tmp_path / "train", log)
    assert log[0] == 5  # the first shard's four pictures are 0, 1, 2 and 4
    assert hashes(tmp_path / "train") == whole


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"key": 1, "shards": 3}', "\x00", '{"shards": [{}], "skipped": []}'])
def test_a_damaged_journal_begins_anew(tmp_path, whole, monkeypatch, text):
    part = half_made(tmp_path / "train", monkeypatch)
    (part / "journal.json").write_text(text)
    make(tmp_path / "train")
    assert hashes(tmp_path / "train") == whole


@pytest.mark.parametrize("looked_at", ["5", None, [1], -5, 4, 6, 10**9, 5.0, True])
def test_a_journal_that_does_not_add_up_begins_anew(tmp_path, whole, monkeypatch, looked_at):
    part = half_made(tmp_path / "train", monkeypatch)
    journal = json.loads((part / "journal.json").read_text())
    assert journal["shards"][0]["looked_at"] == 5
    journal["shards"][0]["looked_at"] = looked_at
    (part / "journal.json").write_text(json.dumps(journal))
    log = []
    make(tmp_path / "train", log)
    assert log[0] == 0
    assert hashes(tmp_path / "train") == whole


@pytest.mark.parametrize("place", ["3", None, -1, 0, 10**9])
def test_a_journal_whose_skips_are_elsewhere_ends_with_the_same_bytes(tmp_path, whole, monkeypatch, place):
    part = half_made(tmp_path / "train", monkeypatch)
    journal = json.loads((part / "journal.json").read_text())
    journal["skipped"].append([place, "made up"])
    (part / "journal.json").write_text(json.dumps(journal))
    make(tmp_path / "train")
    assert hashes(tmp_path / "train") == whole


def test_a_folder_among_the_shards_of_a_half_made_set_is_removed(tmp_path, whole, monkeypatch):
    part = half_made(tmp_path / "train", monkeypatch)
    (part / "mine" / "deeper").mkdir(parents=True)
    make(tmp_path / "train")
    assert hashes(tmp_path / "train") == whole


def test_a_full_disk_is_one_line_and_what_is_whole_stays(tmp_path, whole, monkeypatch):
    log = []
    with monkeypatch.context() as patched:
        calls, real = itertools.count(), os.fsync

        def full(descriptor):
            if next(calls) == 5:  # the third shard: each is followed by the journal
                raise OSError(28, "No space left on device")
            real(descriptor)

        patched.setattr(os, "fsync", full)
        with pytest.raises(DataError) as caught:
            make(tmp_path / "train")
    said = "cannot write the condensed set (No space left on device); free some space, then the same command again"
    assert str(caught.value) == f"{tmp_path / 'train'}: {said}"
    assert not (tmp_path / "train").exists()
    part = tmp_path / ".train.part"
    assert {file.name for file in part.iterdir()} == {
        "journal.json",
        "pixels-00000.npy",
        "pixels-00001.npy",
        "pixels-00002.npy",
    }
    make(tmp_path / "train", log)
    assert log[0] == 9  # two shards were noted
    assert hashes(tmp_path / "train") == whole


def test_the_earlier_set_stays_until_the_new_one_is_whole(tmp_path, monkeypatch):
    make(tmp_path / "train", count=9)
    earlier = hashes(tmp_path / "train")
    half_made(tmp_path / "train", monkeypatch)
    assert hashes(tmp_path / "train") == earlier
    assert len(open_condensed(tmp_path / "train")) == 8


def test_the_same_that_is_in_its_place_already_is_not_made_again(tmp_path, whole):
    make(tmp_path / "train")
    log = []
    make(tmp_path / "train", log)
    assert log == []
    assert hashes(tmp_path / "train") == whole


def test_without_a_trace_of_the_source_nothing_is_gone_on_with(tmp_path, monkeypatch):
    def half():
        with monkeypatch.context() as patched:
            patched.setattr("training.data.write_split.sha256_of", stopping_after(3))
            condense(made_split(), tmp_path / "train", size=SIDE, channels=1, source="made", shard_bytes=FOUR)

    with pytest.raises(Stopped):
        half()
    assert list(tmp_path.iterdir()) == []


def test_a_set_of_which_most_pictures_cannot_be_read_is_refused(tmp_path):
    split = made_split(7)
    split.samples = [sample for sample in split.samples if sample.name in ("p3.png", "p1.png")] + made_split(
        11
    ).samples[10:]
    with pytest.raises(
        DataError, match=r"made: 2 of the 3 pictures of split 'train' cannot be read; the first: p3\.png"
    ):
        condense(split, tmp_path / "train", size=SIDE, channels=1, source="made")
    assert list(tmp_path.iterdir()) == []


def start(folder, shards, jobs):
    command = [sys.executable, str(ROOT / "tests" / "condense_makers.py"), str(folder), str(shards), str(jobs)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)


def kill_at(folder, shard, *, shards, jobs, delay_s=0.0):
    """SIGKILL when a shard is there; the processes that it had started."""
    process = start(folder, shards, jobs)
    place = folder.with_name(f".{folder.name}.part") / f"pixels-{shard:05d}.npy"
    try:
        while not place.exists() and process.poll() is None:
            time.sleep(0.0005)
        time.sleep(delay_s)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        started = [int(pid) for pid in children.read_text().split()] if children.exists() else []
    finally:
        process.kill()
        process.wait()
    return started


needs_kill = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on Windows")


@needs_kill
def test_killed_it_goes_on_to_the_same_bytes(tmp_path):
    make_many(tmp_path / "whole", shards=12, jobs=1)
    kill_at(tmp_path / "train", 4, shards=12, jobs=1)
    make_many(tmp_path / "train", shards=12, jobs=1)
    assert hashes(tmp_path / "train") == hashes(tmp_path / "whole")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["train", "whole"]


@needs_kill
@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("jobs", [1, 2])
def test_killed_again_and_again_at_random_moments_it_ends_with_the_same_bytes(tmp_path, jobs):
    make_many(tmp_path / "whole", shards=60, jobs=1)
    rng = random.Random(jobs)
    for shard in sorted(rng.sample(range(48), 6)):
        for child in kill_at(tmp_path / "train", shard, shards=60, jobs=jobs, delay_s=rng.uniform(0, 0.01)):
            assert ends(child), f"process {child} outlives the one that started it"
    make_many(tmp_path / "train", shards=60, jobs=jobs)
    assert hashes(tmp_path / "train") == hashes(tmp_path / "whole")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["train", "whole"]


def ends(pid, within_s=20.0):
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True  # ended; whoever adopted it has not looked yet
        except OSError:
            return True
        time.sleep(0.05)
    return False
