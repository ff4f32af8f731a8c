"""The data set's folder: what it holds, what it refuses, what is done already."""

from __future__ import annotations

import csv
import json
import os
import stat
import sys
from pathlib import Path

import pytest

from app.archive.dataset import MADE_FROM, DataSet, Facts
from app.archive.failures import Failures
from app.archive.item import Item
from app.archive.lock import locked
from app.stamp import Stamp
from model.errors import SinkError

arrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed (extra parquet)")

import pyarrow.dataset as ds  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402

from app.sinks.arrow import table_of  # noqa: E402

STAMP = Stamp(model="compact", model_sha256="ab" * 32, affectcam="9.9")
SETTINGS: dict[str, object] = {"every": 1, "clip": None}
FACTS = Facts(frames=3, frames_with_face=2, video_s=0.1)
ODD = ["a b.mp4", "two\nlines.mkv", "Привет/講演.webm", "50%=x.mp4", "z" * 300 + ".mp4"]


def opened(folder: Path, **changed: object) -> DataSet:
    words = {"root": "/films", "stamp": STAMP, "settings": SETTINGS, **changed}
    return DataSet(folder, **words)  # type: ignore[arg-type]


def item(name: str, size: int = 5, mtime_ns: int = 7) -> Item:
    return Item(name=name, path=f"/films/{name}", size=size, mtime_ns=mtime_ns)


def rows(count: int):
    row = dict.fromkeys(table_of([]).column_names, 0.5) | {"label": "fear", "track": 1}
    return table_of([row | {"frame": number} for number in range(count)])


def test_arrow_reads_it_as_one_data_set_with_odd_names_as_a_column(tmp_path: Path) -> None:
    data_set = opened(tmp_path / "out")
    for number, name in enumerate(ODD):
        data_set.keep(item(name), rows(number + 1), FACTS)
    Failures(tmp_path / "out" / "_failed.csv").save()
    table = ds.dataset(tmp_path / "out", partitioning="hive").to_table()
    counts = {entry["values"]: entry["counts"] for entry in table["file"].value_counts().to_pylist()}
    assert [counts[name] for name in ODD[:4]] == [1, 2, 3, 4]
    (long,) = set(counts) - set(ODD)
    assert long.startswith("zzz")
    assert counts[long] == 5
    assert table.num_rows == 15
    held = pq.read_schema(data_set.path(item(ODD[0]))).metadata
    assert held[b"affectcam.model_sha256"] == STAMP.model_sha256.encode()
    assert json.loads(held[b"affectcam.source"])["name"] == ODD[0]
    if sys.platform != "win32":
        assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "out").rglob("*") if path.is_file()} == {
            0o600
        }


def test_what_is_done_is_known_until_the_file_changes(tmp_path: Path) -> None:
    opened(tmp_path).keep(item("a.mp4"), rows(2), Facts(frames=9, frames_with_face=2, video_s=0.3, loss="half is gone"))
    again = opened(tmp_path)
    assert again.done(item("a.mp4")) == Facts(frames=9, frames_with_face=2, video_s=0.3, loss="half is gone")
    assert again.done(item("a.mp4", size=6)) is None
    assert again.done(item("a.mp4", mtime_ns=8)) is None
    assert again.done(item("b.mp4")) is None
    again.path(item("a.mp4")).write_bytes(b"PAR1 no table")
    assert again.done(item("a.mp4")) is None
    again.drop(item("a.mp4"))
    assert not again.path(item("a.mp4")).parent.exists()
    again.drop(item("a.mp4"))


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (
            {"root": "/others"},
            r"the results of another archive \(/films, now /others\); use another --out folder",
        ),
        ({"settings": {"every": 5, "clip": None}}, r"holds results with other settings \(every 1, now every 5\)"),
        (
            {"stamp": Stamp(model="x", model_sha256="ab", affectcam="9.9")},
            r"results of another model \(compact, now x\)",
        ),
        (
            {"stamp": Stamp(model="compact-int8", model_sha256="cd", affectcam="9.9")},
            r"\(compact, now compact-int8\); go on with --model \S+compact\.onnx, or use another --out folder",
        ),
        (
            {"stamp": Stamp(model="compact", model_sha256="cd", affectcam="9.9")},
            "results of another file of the model",
        ),
        ({"stamp": Stamp(model="compact", model_sha256="ab" * 32, affectcam="10")}, "results of another affectcam"),
    ],
)
def test_another_archive_s_results_are_refused(tmp_path: Path, changed: dict[str, object], expected: str) -> None:
    opened(tmp_path)
    with pytest.raises(SinkError, match=expected):
        opened(tmp_path, **changed)


@pytest.mark.parametrize("content", ["", "[]", '{"form": 1}', "[" * 200_000, "9" * 2_000_000])
def test_a_damaged_description_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / MADE_FROM).write_text(content)
    with pytest.raises(SinkError, match=r"_archive\.json is damaged; use another --out folder"):
        opened(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names there")
def test_a_pipe_in_place_of_the_description_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / MADE_FROM)
    with pytest.raises(SinkError, match=r"_archive\.json is damaged; use another --out folder"):
        opened(tmp_path)


@pytest.mark.parametrize("value", ["x" * 100_000, {"deep": ["x" * 100_000]}, json.loads("[" * 90 + "]" * 90)])
def test_a_long_setting_is_told_in_a_short_line(tmp_path: Path, value: object) -> None:
    opened(tmp_path, settings={"every": value, "clip": value})
    with pytest.raises(SinkError, match="holds results with other settings") as caught:
        opened(tmp_path)
    assert len(str(caught.value)) < 800


@pytest.mark.parametrize(
    "told",
    [
        "[" * 200_000,
        '{"frames": 1, "frames_with_face": 1, "video_s": 1, "loss": {"a": 1}}',
        '{"frames": "1", "frames_with_face": 1, "video_s": 1}',
        '{"frames": 1, "frames_with_face": 1, "video_s": Infinity}',
        '{"frames": -1, "frames_with_face": 1, "video_s": 1}',
        '{"frames": true, "frames_with_face": 1, "video_s": 1}',
    ],
)
def test_rows_with_damaged_facts_are_read_again(tmp_path: Path, told: str) -> None:
    data_set = opened(tmp_path)
    data_set.keep(item("a.mp4"), rows(1), FACTS)
    table = pq.read_table(data_set.path(item("a.mp4")), partitioning=None)
    held = {**table.schema.metadata, b"affectcam.facts": told.encode()}
    pq.write_table(table.replace_schema_metadata(held), data_set.path(item("a.mp4")))
    assert data_set.done(item("a.mp4")) is None


def test_a_folder_that_holds_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "talk.csv").write_text("frame\n")
    with pytest.raises(SinkError, match=r"holds something else \(talk\.csv\); use an empty or new --out folder"):
        opened(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["talk.csv"]


@pytest.mark.skipif(sys.platform == "win32", reason="no locks there")
def test_two_runs_do_not_write_to_one_folder(tmp_path: Path) -> None:
    opened(tmp_path)
    with locked(tmp_path / MADE_FROM), pytest.raises(SinkError, match="another run writes to"):
        locked(tmp_path / MADE_FROM).__enter__()
    with locked(tmp_path / MADE_FROM):
        pass


def test_failures_are_a_table_whatever_the_names_hold(tmp_path: Path) -> None:
    failures = Failures(tmp_path / "_failed.csv")
    failures.save()
    assert (tmp_path / "_failed.csv").read_text() == "file,rows,reason\n"
    failures.note("two\nlines, and a comma.mp4", "is no\n video")
    failures.note("café.mp4", "half is gone", partly=True)
    failures.note("bad\udce9.mp4", "x")
    failures.save()
    with (tmp_path / "_failed.csv").open(newline="", encoding="utf-8") as file:
        lines = list(csv.reader(file))[1:]
    assert sorted(lines) == [
        ["bad\\udce9.mp4", "none", "x"],
        ["café.mp4", "partly", "half is gone"],
        ["two\nlines, and a comma.mp4", "none", "is no video"],
    ]
    assert len(failures) == 3
