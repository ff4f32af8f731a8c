"""The tables hold what was read, row by row, and nothing half-written."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sinks.rows import COLUMNS, rows_of
from app.sinks.table import CsvSink, JsonLinesSink
from app.types import Face, Frame, FrameResult, Reading
from model.emotions import Emotion
from model.errors import SinkError

HEADER = (
    "frame,time_s,track,x_min,y_min,x_max,y_max,detection_score,label,"
    "neutral,happiness,sadness,surprise,fear,disgust,anger,contempt,valence,arousal"
)


def reading(*, track: int = 1, emotion: Emotion = Emotion.HAPPINESS, scores: np.ndarray | None = None) -> Reading:
    if scores is None:
        scores = np.array([0.1, 0.65, 0.05, 0.1, 0.025, 0.025, 0.03, 0.02], dtype=np.float32)
    face = Face(box=(10.126, -5.5, 110.0, 94.333), score=0.9371, keypoints=np.zeros((6, 2), np.float32))
    return Reading(track=track, face=face, scores=scores, emotion=emotion, valence=0.5, arousal=-0.25)


def result(*readings: Reading, index: int = 0, time_s: float = 0.0) -> FrameResult:
    return FrameResult(frame=Frame(pixels=np.zeros((2, 2, 3), np.uint8), time_s=time_s, index=index), readings=readings)


def test_csv_has_the_columns_of_the_design_and_the_values_read(tmp_path: Path) -> None:
    path = tmp_path / "talk.csv"
    with CsvSink(path) as sink:
        sink.write(result(reading(track=1), reading(track=3, emotion=Emotion.CONTEMPT), index=7, time_s=1.0010004))
    assert path.read_bytes().decode() == (
        f"{HEADER}\n"
        "7,1.001,1,10.13,-5.5,110.0,94.33,0.9371,happiness,0.1,0.65,0.05,0.1,0.025,0.025,0.03,0.02,0.5,-0.25\n"
        "7,1.001,3,10.13,-5.5,110.0,94.33,0.9371,contempt,0.1,0.65,0.05,0.1,0.025,0.025,0.03,0.02,0.5,-0.25\n"
    )


def test_json_lines_hold_the_same_rows(tmp_path: Path) -> None:
    with CsvSink(tmp_path / "a.csv") as table, JsonLinesSink(tmp_path / "a.jsonl") as lines:
        for index in range(5):
            one = result(reading(track=2), index=index, time_s=index / 30)
            table.write(one)
            lines.write(one)
    rows = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert [tuple(row) for row in rows] == [COLUMNS] * 5
    with (tmp_path / "a.csv").open(newline="") as file:
        assert list(csv.DictReader(file)) == [{key: str(value) for key, value in row.items()} for row in rows]


def test_no_face_means_no_row_but_the_header_stays(tmp_path: Path) -> None:
    with CsvSink(tmp_path / "a.csv") as table, JsonLinesSink(tmp_path / "a.jsonl") as lines:
        table.write(result())
        lines.write(result())
    assert (tmp_path / "a.csv").read_text() == HEADER + "\n"
    assert (tmp_path / "a.jsonl").read_text() == ""


def test_small_numbers_are_written_without_exponent(tmp_path: Path) -> None:
    scores = np.array([0.999996, 0.000004, 0, 0, 0, 0, 0, 0], dtype=np.float32)
    with CsvSink(tmp_path / "a.csv") as table:
        table.write(result(reading(emotion=Emotion.NEUTRAL, scores=scores)))
    assert ",neutral,0.999996,0.000004,0.0," in (tmp_path / "a.csv").read_text()


@given(
    time_s=st.floats(0, 1e6, allow_subnormal=False),
    weights=st.lists(st.floats(0, 1), min_size=8, max_size=8).filter(lambda values: sum(values) > 1e-3),
)
def test_rounding_keeps_times_to_a_microsecond_and_scores_summing_to_one(time_s: float, weights: list[float]) -> None:
    scores = (np.array(weights) / sum(weights)).astype(np.float32)
    (row,) = rows_of(result(reading(scores=scores), time_s=time_s))
    assert abs(float(row["time_s"]) - time_s) <= 1e-6
    assert abs(sum(float(row[emotion.label]) for emotion in Emotion) - 1) < 1e-4
    assert all(abs(float(row[emotion.label]) - scores[emotion]) < 1e-6 for emotion in Emotion)


@pytest.mark.parametrize("kind", [CsvSink, JsonLinesSink])
def test_an_exception_leaves_nothing(tmp_path: Path, kind: type[CsvSink | JsonLinesSink]) -> None:
    def fail() -> None:
        with kind(tmp_path / "talk") as sink:
            sink.write(result(reading()))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", [CsvSink, JsonLinesSink])
def test_overwrite_is_needed_for_an_existing_file(tmp_path: Path, kind: type[CsvSink | JsonLinesSink]) -> None:
    path = tmp_path / "talk"
    path.write_text("old")
    with pytest.raises(SinkError, match="exists; use --overwrite"):
        kind(path)
    with kind(path, overwrite=True) as sink:
        sink.write(result(reading()))
        assert path.read_text() == "old"
    assert "happiness" in path.read_text()


@pytest.mark.parametrize("kind", [CsvSink, JsonLinesSink])
def test_a_disk_that_fills_up_is_told_in_one_line_and_leaves_nothing(
    tmp_path: Path, kind: type[CsvSink | JsonLinesSink]
) -> None:
    # The kernel refuses to let a file of this process grow past the limit, as a full disk would.
    resource = pytest.importorskip("resource", reason="limits on file size are POSIX's")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill() -> None:
        with kind(tmp_path / "talk") as sink:
            for index in range(1000):
                sink.write(result(reading(), index=index))

    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        with pytest.raises(SinkError, match=r"^cannot write .*talk: ") as caught:
            fill()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_tables_need_no_drawing(tmp_path: Path) -> None:
    assert not CsvSink(tmp_path / "a.csv").needs_drawing
