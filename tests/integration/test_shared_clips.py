"""The issue's bars on the real clips of ../shared, through ``affectcam classify``."""

from __future__ import annotations

import csv

import av
import pytest
from video_makers import presentation_times

from app.cli import main


@pytest.fixture(scope="module")
def classified(shared_folder, tmp_path_factory):
    """The folder with all results."""
    out = tmp_path_factory.mktemp("shared")
    clips = [shared_folder / "clips" / name for name in ("again.mkv", "thanks.mkv", "eat.mkv", "night.mkv", "bird.mkv")]
    clips.append(shared_folder / "clips" / "face-demographics-walking.gif")
    if absent := [clip.name for clip in clips if not clip.is_file()]:
        pytest.skip(f"../shared/clips lacks {', '.join(absent)}")
    assert main(["classify", *map(str, clips), "--out", str(out), "--formats", "csv,jsonl,mp4"]) == 0
    return out


def rows_of(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def duration(path):
    with av.open(str(path)) as container:
        return container.duration / av.time_base


@pytest.mark.parametrize("name", ["again", "thanks", "eat", "night"])
def test_one_person_is_one_track_in_every_frame_and_nothing_else_is_found(classified, shared_folder, name):
    source = shared_folder / "clips" / f"{name}.mkv"
    times = presentation_times(source)
    rows = rows_of(classified / f"{name}.csv")
    frames = [int(row["frame"]) for row in rows]
    assert len(frames) == len(set(frames)) >= 0.99 * len(times)
    assert {row["track"] for row in rows} == {"1"}
    assert all(abs(float(row["time_s"]) - times[int(row["frame"])]) < 0.001 for row in rows)
    made = presentation_times(classified / f"{name}.mp4")
    assert len(made) == len(times)
    assert abs(duration(classified / f"{name}.mp4") - duration(source)) <= 1 / 30 + 0.002
    assert len((classified / f"{name}.jsonl").read_text().splitlines()) == len(rows)


def test_hands_before_the_face_do_not_change_the_id(classified, shared_folder):
    times = presentation_times(shared_folder / "clips" / "bird.mkv")
    first = [row for row in rows_of(classified / "bird.csv") if row["track"] == "1"]
    assert len(first) >= 0.95 * len(times)
    assert int(first[-1]["frame"]) >= len(times) - 2
    width = 640
    assert all(0.2 * width < float(row["x_min"]) < 0.7 * width for row in first)


def test_small_faces_far_away_are_found(classified, shared_folder):
    times = presentation_times(shared_folder / "clips" / "face-demographics-walking.gif")
    rows = rows_of(classified / "face-demographics-walking.csv")
    assert len({row["frame"] for row in rows}) >= 0.8 * len(times)
