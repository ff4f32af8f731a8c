"""The Parquet table holds what the CSV holds, typed, and nothing half-written."""

from __future__ import annotations

import csv
import stat
import sys
from pathlib import Path

import numpy as np
import pytest

from app.sinks.files import open_file_sinks
from app.sinks.parquet import GROUP_ROWS, ParquetSink
from app.sinks.rows import COLUMNS
from app.sinks.table import CsvSink
from app.stamp import Stamp
from app.types import Face, Frame, FrameResult, Reading
from model.emotions import LABELS, Emotion
from model.errors import AffectcamError, SinkError

pq = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed (extra parquet)")

STAMP = Stamp(model="compact", model_sha256="ab" * 32, affectcam="9.9")
DECIMALS = {name: 2 if name in ("x_min", "y_min", "x_max", "y_max") else 6 for name in COLUMNS}


def results(frames: int, *, faces: int = 1) -> list[FrameResult]:
    rng = np.random.default_rng(5)
    made = []
    for index in range(frames):
        readings = []
        for track in range(1, faces + 1):
            scores = rng.dirichlet(np.ones(8)).astype(np.float32)
            box = tuple((rng.random(4) * 8000 - 200).tolist())
            face = Face(box=box, score=float(rng.random()), keypoints=np.zeros((6, 2), np.float32))
            valence, arousal = (rng.random(2) * 2 - 1).tolist()
            emotion = Emotion(int(scores.argmax()))
            readings.append(
                Reading(track=track, face=face, scores=scores, emotion=emotion, valence=valence, arousal=arousal)
            )
        frame = Frame(pixels=np.zeros((2, 2, 3), np.uint8), time_s=36_000 + index / 29.97, index=index)
        made.append(FrameResult(frame=frame, readings=tuple(readings)))
    return made


def plain(path: Path) -> list[dict[str, object]]:
    """The rows with the CSV's rounding."""
    rows = pq.read_table(path).to_pylist()
    return [
        {name: round(value, DECIMALS[name]) if isinstance(value, float) else value for name, value in row.items()}
        for row in rows
    ]


def test_rows_are_those_of_the_csv_and_columns_are_typed(tmp_path: Path) -> None:
    with CsvSink(tmp_path / "a.csv") as table, ParquetSink(tmp_path / "a.parquet", stamp=STAMP) as sink:
        for result in results(300, faces=2):
            table.write(result)
            sink.write(result)
    with (tmp_path / "a.csv").open(newline="") as file:
        expected = list(csv.DictReader(file))
    found = plain(tmp_path / "a.parquet")
    assert len(found) == 600
    for row, wanted in zip(found, expected, strict=True):
        assert tuple(row) == COLUMNS
        assert {name: value if name == "label" else float(value) for name, value in wanted.items()} == row
    schema = pq.read_schema(tmp_path / "a.parquet")
    assert [str(schema.field(name).type) for name in ("frame", "time_s", "track", "x_min", "anger")] == [
        "int32", "double", "int32", "float", "float",
    ]  # fmt: skip
    assert str(schema.field("label").type) == "dictionary<values=string, indices=int8, ordered=0>"
    assert schema.metadata[b"affectcam.model"] == b"compact"
    assert schema.metadata[b"affectcam.model_sha256"] == STAMP.model_sha256.encode()
    assert schema.metadata[b"affectcam.version"] == b"9.9"
    assert pq.ParquetFile(tmp_path / "a.parquet").metadata.row_group(0).column(0).compression == "ZSTD"


def test_a_long_table_is_written_in_groups_and_in_order(tmp_path: Path) -> None:
    one = results(1, faces=40)[0]
    frames = GROUP_ROWS // 40 + 5
    with ParquetSink(tmp_path / "a.parquet") as sink:
        for index in range(frames):
            frame = Frame(pixels=one.frame.pixels, time_s=index / 30, index=index)
            sink.write(FrameResult(frame=frame, readings=one.readings))
    assert pq.ParquetFile(tmp_path / "a.parquet").num_row_groups == 2
    assert pq.read_table(tmp_path / "a.parquet")["frame"].to_pylist() == [i for i in range(frames) for _ in range(40)]


def test_no_face_means_no_row_but_all_columns_and_labels(tmp_path: Path) -> None:
    with ParquetSink(tmp_path / "a.parquet") as sink:
        sink.write(results(1, faces=0)[0])
    table = pq.read_table(tmp_path / "a.parquet")
    assert (table.num_rows, tuple(table.column_names)) == (0, COLUMNS)


def test_it_is_for_this_user_alone_and_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    sink = ParquetSink(path).__enter__()
    sink.write(results(1)[0])
    sink.__exit__(RuntimeError, RuntimeError("stop"), None)
    assert list(tmp_path.iterdir()) == []
    with ParquetSink(path) as sink:
        sink.write(results(1)[0])
        assert not path.exists()
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(SinkError, match=r"a\.parquet exists; use --overwrite"):
        ParquetSink(path)


def _some(path: Path) -> Path:
    with ParquetSink(path) as sink:
        sink.write(results(1)[0])
    return path


def test_without_pyarrow_one_line_names_the_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(AffectcamError, match=r"need pyarrow.*pip install 'pyarrow>=18,<27'"):
        open_file_sinks(tmp_path, Path("talk.mkv"), ["parquet"], size=(4, 4), fps=30)
    assert list(tmp_path.iterdir()) == []


def test_the_labels_are_in_the_order_of_the_enum(tmp_path: Path) -> None:
    column = pq.read_table(_some(tmp_path / "a.parquet"))["label"].chunk(0)
    assert tuple(column.dictionary.to_pylist()) == LABELS
