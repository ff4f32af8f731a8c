"""Outputs appear whole or not at all, and a bad target is refused in one line."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from app.sinks.atomic import PendingFile, all_or_none, check_target, reported
from model.errors import SinkError


def test_the_target_appears_only_on_commit(tmp_path: Path) -> None:
    pending = PendingFile(tmp_path / "talk.csv")
    pending.begin()
    pending.part.write_text("rows")
    assert not pending.target.exists()
    assert pending.part == tmp_path / ".talk.csv.part"
    pending.commit()
    assert pending.target.read_text() == "rows"
    assert sorted(tmp_path.iterdir()) == [pending.target]


def test_discard_leaves_nothing_and_may_be_called_twice(tmp_path: Path) -> None:
    pending = PendingFile(tmp_path / "talk.csv")
    pending.begin()
    pending.discard()
    pending.discard()
    assert list(tmp_path.iterdir()) == []


def test_a_part_left_by_a_killed_run_is_replaced(tmp_path: Path) -> None:
    (tmp_path / ".talk.csv.part").write_text("left over")
    pending = PendingFile(tmp_path / "talk.csv")
    pending.begin()
    assert pending.part.read_text() == ""


def test_an_existing_target_is_refused_and_kept(tmp_path: Path) -> None:
    target = tmp_path / "talk.csv"
    target.write_text("precious")
    with pytest.raises(SinkError, match=r"talk\.csv exists; use --overwrite or another folder$"):
        PendingFile(target)
    assert target.read_text() == "precious"


def test_overwrite_keeps_the_old_content_until_commit(tmp_path: Path) -> None:
    target = tmp_path / "talk.csv"
    target.write_text("old")
    pending = PendingFile(target, overwrite=True)
    pending.begin()
    pending.part.write_text("new")
    assert target.read_text() == "old"
    pending.commit()
    assert target.read_text() == "new"


def test_a_target_that_appears_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    pending = PendingFile(tmp_path / "talk.csv")
    pending.begin()
    pending.target.write_text("someone else's")
    with pytest.raises(SinkError, match="exists"):
        pending.commit()
    assert pending.target.read_text() == "someone else's"
    assert not pending.part.exists()


def test_a_folder_is_refused_as_target(tmp_path: Path) -> None:
    with pytest.raises(SinkError, match="is a folder"):
        check_target(tmp_path, overwrite=True)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(SinkError, match=r"absent does not exist; make it"):
        check_target(tmp_path / "absent" / "talk.csv", overwrite=False)


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SinkError, match="file is not a folder"):
        check_target(tmp_path / "file" / "talk.csv", overwrite=False)


def test_a_folder_without_permission_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Tests may run as root, for whom every folder is writable: the system's answer is put in its place.
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(SinkError, match="no permission for"):
        check_target(tmp_path / "talk.csv", overwrite=False)


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs Linux's /proc, a folder where nobody may write")
def test_a_folder_of_the_system_is_refused() -> None:
    def begin() -> None:
        PendingFile(Path("/proc/self/talk.csv")).begin()

    with pytest.raises(SinkError, match=r"^cannot write /proc/self/talk\.csv: ") as caught:
        begin()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "no permission"),
        (errno.EIO, "input/output"),
        (errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY)),
    ],
)
def test_an_error_of_the_system_becomes_one_line(number: int, words: str) -> None:
    with pytest.raises(SinkError, match=words) as caught, reported(Path("talk.csv")):
        raise OSError(number, os.strerror(number))
    assert str(caught.value).startswith("cannot write talk.csv: ")
    assert "\n" not in str(caught.value)


def test_a_disk_that_is_full_at_the_last_moment_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    pending = PendingFile(tmp_path / "talk.csv")
    pending.begin()
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SinkError, match="the disk is full"):
        pending.commit()
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_too_long_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(SinkError, match="the name is too long"):
        PendingFile(tmp_path / ("x" * 300 + ".csv"))


def completed(target: Path, text: str, *, overwrite: bool = False) -> None:
    pending = PendingFile(target, overwrite=overwrite)
    pending.begin()
    try:
        pending.part.write_text(text)
        pending.commit()
    finally:
        pending.discard()


def test_of_several_files_all_appear_at_the_end(tmp_path: Path) -> None:
    with all_or_none():
        completed(tmp_path / "a.csv", "a")
        completed(tmp_path / "a.png", "b")
        assert not (tmp_path / "a.csv").exists()
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a.csv": "a", "a.png": "b"}


def test_when_one_of_several_fails_none_appears_and_the_older_ones_stay(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("older")

    @all_or_none()
    def fails_at_the_end() -> None:
        completed(tmp_path / "a.csv", "newer", overwrite=True)
        completed(tmp_path / "a.srt", "new")
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        fails_at_the_end()
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a.csv": "older"}
