"""A long file that is read in parts gives the rows of the whole, tracks included; so do damaged ones."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from archive_helpers import rows_in, same_as_csv
from moving_faces import Stage
from video_makers import damage, write_video

from app.archive.cuts import parts_of
from app.archive.hand import Hand
from app.archive.item import Item
from app.archive.task import Asked, Cut, Rows, Task
from app.capture.video_file import VideoFile
from app.cli import main
from app.config import ReadingConfig
from app.span import Span

pytest.importorskip("pyarrow", reason="pyarrow is not installed (extra parquet)")

FPS, SECONDS = 4, 41


def pictures():
    """A face that sways, and one that comes and goes, for shorter and for longer than a track is kept."""
    stage, rng = Stage(width=320, height=240), np.random.default_rng(2)
    for index in range(FPS * SECONDS):
        time_s = index / FPS
        picture = stage.put(stage.plain.copy(), 90 + 25 * math.sin(time_s), 120 + 8 * math.sin(2 * time_s), 70)
        if time_s % 11 < 7 and not 2 < time_s % 11 < 3:
            picture = stage.put(picture, 230, 110 + 12 * math.cos(time_s), 60, roll=15 * math.sin(3 * time_s))
        yield np.clip(picture + rng.normal(0, 2, picture.shape), 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("films") / "film.mkv"
    return write_video(path, pictures(), fps=FPS, options={"g": "12", "bf": "2", "preset": "ultrafast"})


def hand(*, split_s: float | None, span: Span | None = None, every: int = 1, **config: object) -> Hand:
    reading = ReadingConfig(**config)  # type: ignore[arg-type]
    return Hand(Asked(config=reading, split_s=split_s, span=span, every=every))


def in_parts(path: Path, one: Hand) -> tuple[int, list[dict[str, object]]]:
    """How many parts a file has, and the rows that come of joining them."""
    item = Item(name="film", path=str(path))
    cut = one.do(Task(item=item))
    assert isinstance(cut, Cut)
    found = tuple(one.do(Task(item=item, part=part, number=number)) for number, part in enumerate(cut.parts))
    rows = one.do(Task(item=item, found=found))  # type: ignore[arg-type]
    assert isinstance(rows, Rows)
    return len(cut.parts), rows.table.to_pylist()


def whole(path: Path, one: Hand) -> list[dict[str, object]]:
    rows = one.do(Task(item=Item(name="film", path=str(path)), whole=True))
    assert isinstance(rows, Rows)
    return rows.table.to_pylist()


def test_four_parts_give_the_rows_of_the_whole_to_the_last_digit(
    film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    split = 10.5
    assert len(parts_of(film, asked=None, split_s=split)) == 4
    assert main(["classify", str(film), "--out", str(tmp_path / "csv")]) == 0
    for name, minutes, jobs in (("cut", split / 60, "2"), ("uncut", 0, "1")):
        words = ["--out", str(tmp_path / name), "--formats", "dataset", "--jobs", jobs, "--split", str(minutes)]
        assert main(["classify", str(film.parent), *words]) == 0
    (cut,), (uncut,) = rows_in(tmp_path / "cut").values(), rows_in(tmp_path / "uncut").values()
    assert cut == uncut
    assert same_as_csv(cut, tmp_path / "csv" / "film.csv")
    tracks = [row["track"] for row in cut]
    assert sorted(set(tracks)) == list(range(1, max(tracks) + 1))
    assert max(tracks) >= 4  # faces that came after each cut have the ids of the whole


@pytest.mark.parametrize(
    ("asked", "config"),
    [
        ({"every": 2, "span": Span(start_s=3.3, end_s=38.0)}, {"faces": "main"}),
        pytest.param({}, {"detect": "every", "smoothing_s": 2.0}, marks=pytest.mark.slow),
        pytest.param({"every": 3}, {"backend": "onnx"}, marks=pytest.mark.slow),
    ],
)
def test_with_other_options_too(film: Path, asked: dict[str, object], config: dict[str, object]) -> None:
    one = hand(split_s=10.5, **asked, **config)  # type: ignore[arg-type]
    count, rows = in_parts(film, one)
    assert count >= 3
    assert rows == whole(film, one)
    assert len(rows) > 40


@pytest.mark.slow
def test_one_hand_gives_the_same_rows_whatever_it_read_before(film: Path, tmp_path: Path) -> None:
    one = hand(split_s=None)
    short = write_video(
        tmp_path / "short.mp4", list(pictures())[60:80], fps=FPS, times_s=[50 + i / FPS for i in range(20)]
    )
    first = whole(short, one)
    whole(film, one)
    assert whole(short, one) == first == whole(short, hand(split_s=None))
    assert first


def test_looking_for_small_faces_remembers_too_long_for_cuts(film: Path) -> None:
    assert isinstance(hand(split_s=10.5).do(Task(item=Item(name="film", path=str(film)))), Cut)
    assert not Asked(config=ReadingConfig(small_faces=True), split_s=10.5).splits


@pytest.mark.slow
def test_a_damaged_film_has_the_rows_of_one_that_is_read_in_one_piece(
    film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "films"
    folder.mkdir()
    path = folder / "film.mkv"
    path.write_bytes(film.read_bytes())
    damage(path, start=0.6, length=3000)
    with VideoFile(path) as source:
        assert len(list(source)) < FPS * SECONDS or source.loss
    sets = []
    for minutes in (10.5 / 60, 0):
        out = tmp_path / f"out{minutes}"
        words = ["--out", str(out), "--formats", "dataset", "--jobs", "1", "--split", str(minutes)]
        assert main(["classify", str(folder), *words]) == 1
        assert "film.mkv,partly," in (out / "_failed.csv").read_text()
        sets.append(rows_in(out))
    assert sets[0] == sets[1]


@pytest.mark.slow
def test_a_film_of_real_clips_in_four_parts_is_the_same_film(shared_folder: Path, tmp_path: Path) -> None:
    def frames():
        for number in range(4):
            for name in ("again", "bird", "eat", "night", "thanks"):
                with VideoFile(shared_folder / "clips" / f"{name}.mkv") as source:
                    for frame in source:
                        yield np.ascontiguousarray(frame.pixels[:, :: -1 if number % 2 else 1])

    path = write_video(tmp_path / "film.mp4", frames(), options={"g": "40", "preset": "ultrafast", "crf": "20"})
    one = hand(split_s=12)
    count, rows = in_parts(path, one)
    assert count == 4
    assert rows == whole(path, one)
    assert len(rows) > 1000
