"""Records of steps: what is unchanged is not done again, what changed is named, and nothing is lost."""

from __future__ import annotations

import pytest

from model.errors import DataError
from training.steps import claim, read_record, write_json, write_record


def recorded(tmp_path, depends):
    result = tmp_path / "result.bin"
    result.write_bytes(b"weights")
    write_record(tmp_path, "train", depends, [result], command="train it", seconds=1.23)
    return result


def test_a_record_matches_what_it_was_made_from(tmp_path):
    recorded(tmp_path, {"seed": 1, "train": {"epochs": 3, "sizes": (1, 2)}})
    record = read_record(tmp_path, "train")
    assert record.matches({"seed": 1, "train": {"sizes": [1, 2], "epochs": 3}})
    assert record.command == "train it"
    assert record.changed({"seed": 2, "train": {"epochs": 3, "sizes": [1, 2]}}) == ["seed"]
    assert record.changed({"seed": 1, "train": {"epochs": 4}}) == ["train.epochs", "train.sizes"]


@pytest.mark.parametrize("harm", ["altered", "gone"])
def test_a_result_that_is_not_as_it_was_left_is_made_again(tmp_path, harm):
    result = recorded(tmp_path, {"seed": 1})
    if harm == "gone":
        result.unlink()
    else:
        result.write_bytes(b"weightz")
    record = read_record(tmp_path, "train")
    assert not record.matches({"seed": 1})
    assert record.changed({"seed": 1}) == [str(result)]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"depends": 1, "outputs": "x"', '{"nothing": 1}'])
def test_half_a_record_is_none(tmp_path, content):
    (tmp_path / "steps").mkdir()
    (tmp_path / "steps" / "train.json").write_text(content)
    assert read_record(tmp_path, "train") is None


def test_work_of_other_settings_is_set_aside_and_found_again(tmp_path):
    folder = tmp_path / "train"
    assert claim(folder, {"epochs": 1}) is None
    (folder / "last.pt").write_text("one")
    assert claim(folder, {"epochs": 1}) is None
    assert (folder / "last.pt").read_text() == "one"

    moved = claim(folder, {"epochs": 2})
    assert (moved / "last.pt").read_text() == "one"
    assert [file.name for file in folder.iterdir()] == ["made-from.json"]
    (folder / "last.pt").write_text("two")

    assert (claim(folder, {"epochs": 1}) / "last.pt").read_text() == "two"
    assert (folder / "last.pt").read_text() == "one"
    claim(folder, {"epochs": 2})
    assert (folder / "last.pt").read_text() == "two"


def test_a_folder_of_unknown_origin_is_set_aside_too(tmp_path):
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / "best.pt").write_text("whose?")
    for _ in range(2):
        moved = claim(tmp_path / "train", {"epochs": 1})
        (tmp_path / "train" / "made-from.json").unlink()
        (tmp_path / "train" / "other").write_text("")
    assert moved != tmp_path / "train"
    kept = [file.read_text() for file in tmp_path.glob("train.earlier-*/best.pt")]
    assert kept == ["whose?"]


def test_a_failed_write_keeps_the_earlier_file(tmp_path, monkeypatch):
    write_json(tmp_path / "x.json", {"a": 1})

    def full_disk(*_args, **_named):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("training.steps.write_through", full_disk)
    with pytest.raises(DataError, match=r"x\.json: cannot be written \(No space left on device\)"):
        write_json(tmp_path / "x.json", {"a": 2})
    assert (tmp_path / "x.json").read_text() == '{\n "a": 1\n}'
    assert [file.name for file in tmp_path.iterdir()] == ["x.json"]
