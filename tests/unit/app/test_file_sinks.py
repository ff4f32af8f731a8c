"""All targets are checked before anything is decoded, and a source is never overwritten."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from app.sinks.files import FORMATS, colliding, make_folder, open_file_sinks, output_path
from app.sinks.table import CsvSink, JsonLinesSink
from app.sinks.video_file import AnnotatedVideoSink
from app.types import Sink
from model.errors import ConfigError, SinkError


def sinks(out: Path, source: Path, *formats: str, overwrite: bool = False) -> list[Sink]:
    return open_file_sinks(out, source, formats, size=(64, 48), fps=30, overwrite=overwrite)


def test_a_missing_folder_is_made_and_nothing_else_written(tmp_path: Path) -> None:
    out = tmp_path / "a" / "b"
    found = sinks(out, tmp_path / "talk.mkv", "csv", "jsonl", "mp4", "csv")
    assert [type(sink) for sink in found] == [CsvSink, JsonLinesSink, AnnotatedVideoSink]
    assert [sink.needs_drawing for sink in found] == [False, False, True]
    assert list(out.iterdir()) == []


@pytest.mark.parametrize("name", FORMATS)
def test_an_existing_output_is_refused_without_overwrite(tmp_path: Path, name: str) -> None:
    target = output_path(tmp_path, Path("clips/talk.mkv"), name)
    assert target == tmp_path / f"talk.{name}"
    target.write_text("old")
    with pytest.raises(SinkError, match=f"talk.{name} exists; use --overwrite or another folder"):
        sinks(tmp_path, Path("clips/talk.mkv"), *FORMATS)
    assert len(sinks(tmp_path, Path("clips/talk.mkv"), *FORMATS, overwrite=True)) == len(FORMATS)


@pytest.mark.parametrize("overwrite", [False, True])
def test_the_source_is_never_overwritten(tmp_path: Path, overwrite: bool) -> None:
    source = tmp_path / "talk.mp4"
    source.write_bytes(b"precious")
    with pytest.raises(SinkError, match=r"talk\.mp4 is the source itself .* use another --out folder"):
        sinks(tmp_path, source, "csv", "mp4", overwrite=overwrite)
    assert source.read_bytes() == b"precious"


def test_a_link_to_the_source_is_not_overwritten_either(tmp_path: Path) -> None:
    source = tmp_path / "clips" / "talk.mp4"
    source.parent.mkdir()
    source.write_bytes(b"precious")
    (tmp_path / "out").symlink_to(source.parent)
    with pytest.raises(SinkError, match="is the source itself"):
        sinks(tmp_path / "out", source, "mp4", overwrite=True)


def test_tables_may_lie_beside_the_source(tmp_path: Path) -> None:
    (tmp_path / "talk.mp4").write_bytes(b"")
    assert len(sinks(tmp_path, tmp_path / "talk.mp4", "csv", "jsonl")) == 2


def test_an_unknown_format_is_named_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="unknown format 'xls'; known: csv, jsonl, srt, png, mp4"):
        sinks(tmp_path / "out", Path("talk.mp4"), "csv", "xls")
    assert not (tmp_path / "out").exists()


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(SinkError, match="out is a file, not a folder"):
        sinks(tmp_path / "out", Path("talk.mp4"), "csv")
    with pytest.raises(SinkError, match="cannot write"):
        make_folder(tmp_path / "out" / "below")


@pytest.mark.skipif(sys.platform == "win32", reason="no such modes there")
def test_folders_are_made_for_this_user_alone_and_existing_ones_left_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir(mode=0o755)
    (tmp_path / "there").chmod(0o755)
    make_folder(tmp_path / "there" / "out" / "file=secret.mp4")
    make_folder(tmp_path / "there")
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.rglob("*")}
    assert modes == {"there": 0o755, "out": 0o700, "file=secret.mp4": 0o700}


def test_an_output_whose_name_is_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "talk.csv").mkdir()
    with pytest.raises(SinkError, match=r"talk\.csv is a folder"):
        sinks(tmp_path, Path("talk.mp4"), "csv", overwrite=True)


def test_sources_with_one_name_are_found() -> None:
    paths = [Path("a/talk.mp4"), Path("b/other.mp4"), Path("b/Talk.mkv"), Path("c/third.avi"), Path("b/other.mp4")]
    assert colliding(paths) == [
        (Path("a/talk.mp4"), Path("b/Talk.mkv")),
        (Path("b/other.mp4"), Path("b/other.mp4")),
    ]
    assert colliding(paths[:2]) == []
