"""``--every`` and ``--clip`` through the command line and :func:`app.analyse`, on real pictures of a face."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import av
import cv2
import numpy as np
import pysubs2
import pytest
from skimage.data import astronaut
from video_makers import presentation_times, write_video

from app import analyse
from app.cli import main
from model.errors import ConfigError, SourceError

FACE = cv2.cvtColor(astronaut(), cv2.COLOR_RGB2BGR)[0:240, 100:420]  # one face, 320x240


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ninety frames of a face that drifts, at uneven times, with sound."""
    path = tmp_path_factory.mktemp("clips") / "talk.mp4"
    times_s = [0.0, *np.cumsum(np.random.default_rng(1).integers(15, 50, 89) / 1000).tolist()]
    frames = [np.roll(FACE, i // 2, axis=1) for i in range(90)]
    return write_video(path, frames, times_s=times_s, audio=True, options={"g": "12", "preset": "ultrafast"})


@pytest.fixture(scope="module")
def whole(talk: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    out = tmp_path_factory.mktemp("whole")
    assert main(["classify", str(talk), "--out", str(out)]) == 0
    return table(out / "talk.csv")


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def moments(rows: list[dict[str, str]]) -> list[tuple[str, str]]:
    return [(row["frame"], row["time_s"]) for row in rows]


def test_each_nth_frame_has_a_row_and_the_video_every_frame(
    talk: Path, whole: list[dict[str, str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["classify", str(talk), "--out", str(tmp_path), "--formats", "csv,jsonl,srt,png,mp4"]
    assert main([*words, "--every", "7", "--json"]) == 0
    (summary,) = json.loads(capsys.readouterr().out)
    assert (summary["every"], summary["clip"], summary["frames"], summary["rows"]) == (7, None, 13, 13)
    rows = table(tmp_path / "talk.csv")
    assert moments(rows) == moments(whole[::7])
    assert len((tmp_path / "talk.jsonl").read_text().splitlines()) == 13
    assert presentation_times(tmp_path / "talk.mp4") == pytest.approx(presentation_times(talk), abs=1e-3)
    last = pysubs2.load(str(tmp_path / "talk.srt"))[-1]
    end_s = presentation_times(talk)[-1] + 1 / 30
    assert last.end / 1000 == pytest.approx(end_s, abs=0.03)
    # Frames without a row of their own are labelled too.
    with av.open(str(talk)) as before, av.open(str(tmp_path / "talk.mp4")) as after:
        for number, (plain, drawn) in enumerate(zip(before.decode(video=0), after.decode(video=0), strict=True)):
            changed = np.abs(plain.to_ndarray(format="bgr24").astype(int) - drawn.to_ndarray(format="bgr24"))
            assert (changed.max(axis=2) > 60).mean() > 0.005, number


def test_a_clip_has_the_frames_of_its_span(
    talk: Path, whole: list[dict[str, str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["classify", str(talk), "--out", str(tmp_path), "--formats", "csv,srt,png,mp4", "--clip", "0:01-2.25"]
    assert main([*words, "--json"]) == 0
    (summary,) = json.loads(capsys.readouterr().out)
    assert summary["clip"] == [1.0, 2.25]
    rows = table(tmp_path / "talk.csv")
    assert moments(rows) == [moment for moment in moments(whole) if 1 <= float(moment[1]) < 2.25]
    written = presentation_times(tmp_path / "talk.mp4")
    zero_s = float(rows[0]["time_s"])
    assert written == pytest.approx([float(row["time_s"]) - zero_s for row in rows], abs=1e-3)
    cues = pysubs2.load(str(tmp_path / "talk.srt"))
    assert cues[0].start == 0
    assert cues[-1].end / 1000 <= 2.25 - zero_s + 0.002


def test_subtitles_alone_are_for_the_source(talk: Path, tmp_path: Path) -> None:
    assert main(["classify", str(talk), "--out", str(tmp_path), "--formats", "srt", "--clip", "1-2"]) == 0
    cues = pysubs2.load(str(tmp_path / "talk.srt"))
    assert 1000 <= cues[0].start < 1060
    assert cues[-1].end == 2000


def test_every_and_clip_together_in_python(talk: Path, whole: list[dict[str, str]]) -> None:
    results = list(analyse(talk, every=4, clip="0.5-0:01.5"))
    wanted = [row for row in whole if 0.5 <= float(row["time_s"]) < 1.5 and int(row["frame"]) % 4 == 0]
    assert [result.frame.index for result in results] == [int(row["frame"]) for row in wanted]
    assert all(len(result.readings) == 1 for result in results)
    assert [result.frame.index for result in analyse("demo", every=50, clip="1-")][:2] == [50, 100]


def test_what_cannot_be_read_in_part_is_refused(talk: Path) -> None:
    with pytest.raises(ConfigError, match="every is 0"):
        next(analyse(talk, every=0))
    with pytest.raises(ConfigError, match="--clip is 'soon-'"):
        next(analyse(talk, clip="soon-"))
    with pytest.raises(ConfigError, match="0 is a camera or a stream; only a file can be read in part"):
        next(analyse("0", every=2))
    with pytest.raises(SourceError, match="long, but the part asked for begins at 1:00"):
        next(analyse(talk, clip="60-"))


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        (["--clip", "1:00-"], 1, "long, but the part asked for begins at 1:00; choose an earlier one"),
        (["--clip", "2-1"], 2, "--clip is '2-1', which ends before it begins"),
        (["--clip", "soon"], 2, "--clip is 'soon', expected START-END"),
        (["--clip", "1-1.001", "--every", "50"], 1, "talk.mp4"),
    ],
)
def test_a_wrong_clip_is_one_line_and_no_output(
    talk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: int, expected: str
) -> None:
    assert main(["classify", str(talk), "--out", str(tmp_path / "out"), *words]) == code
    out, err = capsys.readouterr()
    assert out == ""
    (line,) = err.splitlines()
    assert line.startswith("error: ")
    assert expected in line
    assert not (tmp_path / "out").exists()


def test_a_clip_may_begin_with_its_end(talk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for form in (["--clip", "-0.5"], ["--clip=-0:00.5"]):
        assert main(["classify", str(talk), "--out", str(tmp_path), "--overwrite", "--json", *form]) == 0
        assert json.loads(capsys.readouterr().out)[0]["clip"] == [0.0, 0.5]
