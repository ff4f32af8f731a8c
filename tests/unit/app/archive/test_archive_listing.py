"""What an archive is made of: folders, files, lists and URIs, whatever their names hold."""

from __future__ import annotations

import io
import os
import sys
import tempfile
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.archive.listing import is_video, list_archive
from app.archive.remote import local_copy
from app.lists import read_list
from model.errors import ConfigError, SourceError

ODD = ["spaced name.mp4", "two\nlines.mkv", "Привет мир.webm", "図書館/講演 1.MOV", "100%=a:b.mp4"]


def fill(folder: Path, names: list[str]) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * len(name))


def names(*words: str, list_file: str | None = None) -> list[str]:
    return [item.name for item in list_archive(words, list_file=list_file).items]


def test_a_folder_gives_its_videos_below_in_order_and_no_hidden_ones(tmp_path: Path) -> None:
    fill(tmp_path, [*ODD, ".hidden.mp4", ".trash/a.mp4", "notes.txt", "poster.png"])
    archive = list_archive([str(tmp_path)])
    assert [item.name for item in archive.items] == sorted(ODD)
    assert archive.root == str(tmp_path.resolve())
    for item in archive.items:
        stat = (tmp_path / item.name).stat()
        assert (item.path, item.size, item.mtime_ns) == (str(tmp_path / item.name), stat.st_size, stat.st_mtime_ns)


def test_a_link_to_a_file_is_taken_and_a_circle_of_folders_is_not_walked(tmp_path: Path) -> None:
    fill(tmp_path, ["real/a.mp4"])
    (tmp_path / "b.mp4").symlink_to(tmp_path / "real" / "a.mp4")
    (tmp_path / "real" / "circle").symlink_to(tmp_path)
    assert names(str(tmp_path)) == ["b.mp4", "real/a.mp4"]


def test_several_words_are_named_from_here_or_by_their_whole_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path, ["here/talks/a.mp4", "here/no-ending", "there/b.mp4"])
    monkeypatch.chdir(tmp_path / "here")
    found = names("talks", "./no-ending", "talks/a.mp4", str(tmp_path / "there" / "b.mp4"))
    assert found == sorted(["talks/a.mp4", "no-ending", (tmp_path / "there" / "b.mp4").as_posix()])


@pytest.mark.parametrize("separator", [b"\n", b"\0", b"\r\n"])
def test_a_list_names_files_by_line_or_by_nul(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, separator: bytes
) -> None:
    wanted = [name for name in ODD if separator == b"\0" or "\n" not in name]
    fill(tmp_path, wanted)
    monkeypatch.chdir(tmp_path)
    content = separator.join(name.encode() for name in wanted) + separator
    (tmp_path / "list").write_bytes(content)
    assert names(list_file="list") == sorted(wanted)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(content)))
    assert read_list("-") == wanted


def test_nothing_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no files are named"):
        list_archive([])
    with pytest.raises(ConfigError, match="no video in it"):
        list_archive([str(tmp_path)])
    with pytest.raises(SourceError, match=r"cannot read the list .*gone: No such file"):
        list_archive([], list_file=str(tmp_path / "gone"))
    (tmp_path / "list").write_bytes(b"\n\n")
    with pytest.raises(ConfigError, match="is empty"):
        list_archive([], list_file=str(tmp_path / "list"))


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="the system lets this user read everything")
def test_a_folder_that_may_not_be_read_is_an_item_with_its_trouble(tmp_path: Path) -> None:
    fill(tmp_path, ["a.mp4", "closed/b.mp4"])
    (tmp_path / "closed").chmod(0)
    try:
        items = list_archive([str(tmp_path)]).items
    finally:
        (tmp_path / "closed").chmod(0o700)
    assert [(item.name, bool(item.trouble)) for item in items] == [("a.mp4", False), ("closed", True)]


def test_videos_are_told_by_their_ending() -> None:
    assert all(map(is_video, ["a.mp4", "A.MKV", "x/y.GIF"]))
    assert not any(map(is_video, ["mp4", "a.mp3", ".a.mp4", "x/.y/a.mp4", "a.srt"]))


def test_a_uri_gives_the_same_names_and_its_files_are_copied_for_this_user_alone(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is not installed (extra parquet)")
    copies = tmp_path_factory.mktemp("copies")
    monkeypatch.setattr(tempfile, "tempdir", str(copies))
    fill(tmp_path, [name for name in ODD if "%" not in name] + [".hidden.mp4", "notes.txt"])
    archive = list_archive([tmp_path.as_uri()])
    assert [item.name for item in archive.items] == sorted(name for name in ODD if "%" not in name)
    for item in archive.items:
        assert item.mtime_ns == (tmp_path / item.name).stat().st_mtime_ns
        with local_copy(item) as path:
            assert path.read_bytes() == (tmp_path / item.name).read_bytes()
            assert path.resolve() != (tmp_path / item.name).resolve()
            if sys.platform != "win32":
                assert path.stat().st_mode & 0o777 == 0o600
            # On Linux there is nothing that could be left behind.
            assert len(list(copies.iterdir())) == (0 if sys.platform == "linux" else 1)
        assert not path.exists()
        assert not list(copies.iterdir())
    with pytest.raises(SourceError, match="there is nothing; check the address"):
        list_archive([(tmp_path / "gone").as_uri()])
    one = list_archive([(tmp_path / ODD[0]).as_uri()])
    assert [item.name for item in one.items] in (["spaced%20name.mp4"], ["spaced name.mp4"])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names there")
def test_a_list_may_come_through_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writing = threading.Thread(target=pipe.write_bytes, args=(b"a.mp4\nb.mp4\n",))
    writing.start()
    assert read_list(str(pipe)) == ["a.mp4", "b.mp4"]
    writing.join()


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no such device there")
def test_a_list_that_never_ends_is_refused_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.lists._MOST_BYTES", 1_000_000)
    with pytest.raises(SourceError, match=r"^the list /dev/zero has more than 1 MB; give parts of it$"):
        read_list("/dev/zero")
    with pytest.raises(SourceError, match=r"^cannot read the list .*: Is a directory; check the path$"):
        read_list(str(tmp_path))


def test_a_list_has_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "list").write_bytes(b"a.mp4\n" + b"b" * 70_000)
    with pytest.raises(SourceError, match=r"has 70,000 bytes as path 2; write one path a line$"):
        read_list(str(tmp_path / "list"))
    monkeypatch.setattr("app.lists._MOST_BYTES", 1_000_000)
    (tmp_path / "list").write_bytes(b"a.mp4\n" * 200_000)
    with pytest.raises(SourceError, match=r"has more than 1 MB; give parts of it$"):
        read_list(str(tmp_path / "list"))
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"a.mp4\n" * 200_000)))
    with pytest.raises(SourceError, match="the list - has more than 1 MB"):
        read_list("-")


def test_a_name_that_is_too_long_for_the_system_is_one_of_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path, ["a.mp4"])
    monkeypatch.chdir(tmp_path)
    assert names("a.mp4", "b" * 5000 + ".mp4") == ["a.mp4", "b" * 5000 + ".mp4"]
    assert names("b" * 5000 + ".mp4") == ["b" * 5000 + ".mp4"]
