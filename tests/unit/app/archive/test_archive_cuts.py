"""Where long files are cut, and which are not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from video_makers import counting_frames, write_video

from app.archive.cuts import Part, parts_of
from app.capture.key_frames import key_frames
from app.capture.video_file import VideoFile
from app.span import Span
from model.afresh import PERIOD_S

FPS, SECONDS = 6, 61


def film(folder: Path, name: str, **words: object) -> Path:
    return write_video(folder / name, counting_frames(FPS * SECONDS), fps=FPS, **{"options": {"g": "12"}, **words})


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("films")
    times_s = [7 + i / FPS for i in range(FPS * SECONDS)]
    return {
        "mp4": film(folder, "a.mp4"),
        "mkv": film(folder, "a.mkv", options={"g": "12", "bf": "2"}),
        "late": film(folder, "late.mp4", times_s=times_s),
        "one group": film(folder, "one.mkv", options={"g": "9999", "sc_threshold": "0"}),
        "mpeg4": film(folder, "m.avi", codec="mpeg4", options={"g": "12"}),
    }


@pytest.mark.parametrize("kind", ["mp4", "mkv", "late"])
@pytest.mark.parametrize(("split_s", "count"), [(15.5, 4), (31, 2), (20, 4)])
def test_parts_are_of_about_equal_length_and_hold_each_frame_once(
    files: dict[str, Path], kind: str, split_s: float, count: int
) -> None:
    parts = parts_of(files[kind], asked=None, split_s=split_s)
    assert len(parts) == count
    with VideoFile(files[kind]) as source:
        times_s = [frame.time_s for frame in source]
    held = [[time_s for time_s in times_s if part.holds(time_s)] for part in parts]
    assert [time_s for each in held for time_s in each] == times_s
    lengths = [each[-1] - each[0] for each in held]
    assert max(abs(length - SECONDS / count) for length in lengths) <= 1.5 * PERIOD_S
    for part, own in zip(parts, held, strict=True):
        with VideoFile(files[kind], span=part.span(None)) as source:
            decoded = [frame.time_s for frame in source]
        begin = decoded.index(own[0])
        assert decoded[begin : begin + len(own)] == own
        assert part.first is None or own[0] - decoded[0] == pytest.approx(PERIOD_S, abs=1.01 / FPS)


def test_a_clip_is_cut_within(files: dict[str, Path]) -> None:
    asked = Span(start_s=12, end_s=50)
    parts = parts_of(files["mp4"], asked=asked, split_s=20)
    assert [(part.first, part.behind) for part in parts] == [(None, 6), (6, None)]
    assert parts[0].span(asked) == Span(start_s=12, end_s=30.001)
    assert parts[1].span(asked) == Span(start_s=25, end_s=50)


@pytest.mark.parametrize(("kind", "split_s"), [("one group", 15), ("mpeg4", 15), ("mp4", 62)])
def test_what_is_short_or_has_no_key_frames_to_begin_at_is_not_cut(
    files: dict[str, Path], kind: str, split_s: float
) -> None:
    assert parts_of(files[kind], asked=None, split_s=split_s) == ()


def test_key_frames_are_where_they_were_made(files: dict[str, Path]) -> None:
    for kind, origin_s in (("mp4", 0.0), ("mkv", 0.0), ("late", 7.0)):
        found = key_frames(files[kind], longer_than_s=10)
        assert found is not None
        assert found.origin_s == pytest.approx(origin_s, abs=0.4)
        assert np.allclose(found.times_s, found.times_s[0] + np.arange(len(found.times_s)) * 2, atol=0.35)
        assert len(found.times_s) == pytest.approx(SECONDS / 2, abs=1)
    assert key_frames(files["mp4"], longer_than_s=100) is None


def test_a_frame_belongs_to_one_part_however_times_are_rounded() -> None:
    one, other = Part(origin_s=0.0, first=None, behind=2), Part(origin_s=0.0, first=2, behind=None)
    for time_s in (9.9999999, 10.0, np.nextafter(10.0, 0)):
        assert one.holds(time_s) != other.holds(time_s)
