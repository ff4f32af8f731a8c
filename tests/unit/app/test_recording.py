"""A recording never keeps the run waiting, says when it must end, and keeps what it has."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pipeline_fakes import BrightnessClassifier, FixedDetector, FrameList
from recording_helpers import decode, duration_s, files_no_larger_than, reading, result, rows
from video_makers import BLUE, RED, Pixels, counting_frames, number_of, plain

from app.config import ReadingConfig
from app.gui.guarded import Guarded
from app.pipeline.live import LiveRunner
from app.pipeline.pipeline import Pipeline
from app.sinks import recording as module
from app.sinks.disk_space import FLOOR_BYTES
from app.sinks.live_video import LiveVideo
from app.sinks.recording import QUEUE_FRAMES, Recording
from app.sinks.rows import COLUMNS
from model.errors import AffectcamError, SinkError

NOISE = np.random.default_rng(0).integers(0, 256, (16, 240, 320, 3), dtype=np.uint8)


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    yield
    assert [thread for thread in threading.enumerate() if thread.name.startswith("affectcam-")] == []


def recording(folder: Path, **options) -> Recording:
    defaults = {"size": (64, 48), "fps": 30.0, "drawn": False, "table": True}
    return Recording(folder, **(defaults | options))


def feed(sink: Recording, pictures: list[Pixels], *, begin_s: float = 50.0, first: int = 0) -> None:
    """Write pictures no quicker than they are encoded, so that none is left out."""
    for index, picture in enumerate(pictures, first):
        before = sink.seconds
        sink.write(result(picture, begin_s + index / 30, index, reading()))
        give_up_s = time.monotonic() + 5
        while sink.seconds == before and time.monotonic() < give_up_s:
            time.sleep(0.001)


# --- what is in it -----------------------------------------------------------------------------------------------


def test_video_and_table_have_the_same_frames_and_times(tmp_path: Path) -> None:
    with recording(tmp_path / "new" / "folder") as sink:
        feed(sink, counting_frames(5), first=3)
    found = decode(sink.path)
    assert [number_of(picture) for picture, _ in found] == [0, 1, 2, 3, 4]
    assert sink.table_path is not None
    table = rows(sink.table_path)
    assert tuple(table[0]) == COLUMNS
    assert [int(row["frame"]) for row in table] == [0, 1, 2, 3, 4]
    assert [float(row["time_s"]) for row in table] == pytest.approx([time_s for _, time_s in found], abs=1e-6)
    assert [row["label"] for row in table] == ["happiness"] * 5
    assert sink.seconds == pytest.approx(5 / 30, abs=1e-4)
    assert duration_s(sink.path) == pytest.approx(5 / 30, abs=1e-4)
    assert sink.bytes_written == sink.path.stat().st_size
    assert sink.dropped == 0


def test_a_live_run_is_recorded_with_its_real_times(tmp_path: Path) -> None:
    source = FrameList([np.full((48, 64, 3), 200, np.uint8)], fps=40.0, live=True, endless=True)
    pipeline = Pipeline(BrightnessClassifier(), ReadingConfig(min_confidence=0.0), detector=FixedDetector())
    runner = LiveRunner(source, pipeline)
    runner.start()
    try:
        sink = recording(tmp_path, drawn=True)
        begin_s = time.monotonic()
        runner.add_sink(sink)
        time.sleep(0.8)
        runner.remove_sink(sink)
        lasted_s = time.monotonic() - begin_s
    finally:
        runner.stop()
    times = [time_s for _, time_s in decode(sink.path)]
    assert 10 <= len(times) <= 40
    assert lasted_s - 0.3 < times[-1] <= lasted_s
    assert sink.table_path is not None
    table = rows(sink.table_path)
    assert {row["label"] for row in table} == {"happiness"}
    assert {round(float(row["time_s"]), 4) for row in table} <= {round(time_s, 4) for time_s in times}


def test_it_is_called_after_the_time(tmp_path: Path) -> None:
    sink = recording(tmp_path)
    assert re.fullmatch(r"affectcam \d{4}-\d\d-\d\d \d\d-\d\d-\d\d\.mp4", sink.path.name)
    assert list(tmp_path.iterdir()) == []  # nothing before it is entered


@pytest.mark.parametrize("drawn", [True, False])
def test_drawn_or_clean(tmp_path: Path, drawn: bool) -> None:
    with recording(tmp_path, drawn=drawn, table=False) as sink:
        assert sink.needs_drawing == drawn
        sink.write(result(plain(RED), 0.0, 0, drawn=plain(BLUE) if drawn else None))
    assert sink.table_path is None
    assert [path.suffix for path in tmp_path.iterdir()] == [".mp4"]
    colour = decode(sink.path)[0][0][20, 20]
    assert np.abs(colour.astype(int) - (BLUE if drawn else RED)).max() <= 4


def test_a_frame_that_is_sent_again_is_left_out(tmp_path: Path) -> None:
    with recording(tmp_path) as sink:
        for index in (4, 4, 4, 5, 5, 7):
            sink.write(result(plain(RED), index / 10, index, reading()))
    assert [time_s for _, time_s in decode(sink.path)] == pytest.approx([0.0, 0.1, 0.3], abs=1e-4)
    assert sink.dropped == 0


def test_a_stall_is_as_long_in_the_video_as_it_was(tmp_path: Path) -> None:
    with recording(tmp_path) as sink:
        for index, time_s in enumerate([10.0, 10.1, 95.0]):
            sink.write(result(plain(RED), time_s, index))
    assert [time_s for _, time_s in decode(sink.path)] == pytest.approx([0.0, 0.1, 85.0], abs=1e-4)


def test_misuse_is_said(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="outside"):
        recording(tmp_path).write(result(plain(RED), 0.0, 0))
    with recording(tmp_path, drawn=True) as sink, pytest.raises(ValueError, match="needs_drawing"):
        sink.write(result(plain(RED), 0.0, 0))


# --- its files ---------------------------------------------------------------------------------------------------


def test_names_that_are_taken_get_a_number_and_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "me.mp4").write_bytes(b"precious")
    (tmp_path / "me 2.csv").write_bytes(b"precious too")
    with recording(tmp_path, name="me") as sink:
        feed(sink, [plain(RED)])
    assert (sink.path.name, sink.table_path.name if sink.table_path else "") == ("me 3.mp4", "me 3.csv")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["me 2.csv", "me 3.csv", "me 3.mp4", "me.mp4"]
    assert (tmp_path / "me.mp4").read_bytes() == b"precious"
    assert (tmp_path / "me 2.csv").read_bytes() == b"precious too"


@pytest.mark.skipif(os.name != "posix", reason="modes of files")
def test_files_are_for_this_user_alone(tmp_path: Path) -> None:
    with recording(tmp_path) as sink:
        feed(sink, [plain(RED)])
    assert [stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()] == [0o600, 0o600]


def test_stopped_before_the_first_frame_it_leaves_nothing(tmp_path: Path) -> None:
    with recording(tmp_path) as sink:
        assert len(list(tmp_path.iterdir())) == 2
    assert list(tmp_path.iterdir()) == []
    assert (sink.seconds, sink.bytes_written) == (0.0, 0)


def test_an_exception_in_the_run_keeps_what_was_recorded(tmp_path: Path) -> None:
    sink = recording(tmp_path).__enter__()
    feed(sink, counting_frames(3))
    sink.__exit__(RuntimeError, RuntimeError("the run broke"), None)
    assert len(decode(sink.path)) == 3


@pytest.mark.parametrize("name", ["", "a/b", "../a", "."])
def test_a_name_with_a_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SinkError, match="is no name for a recording"):
        recording(tmp_path, name=name)


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SinkError, match=r"^cannot write .*file"), recording(tmp_path / "file"):
        pass


def test_the_table_reaches_the_disk_while_it_is_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_IDLE_S", 0.02)  # a source that stalls
    with recording(tmp_path) as sink:
        feed(sink, [plain(RED)])
        assert sink.table_path is not None
        give_up_s = time.monotonic() + 5
        while not rows(sink.table_path) and time.monotonic() < give_up_s:
            time.sleep(0.01)
        assert len(rows(sink.table_path)) == 1


# --- slow and full disks -----------------------------------------------------------------------------------------


def test_a_slow_encoder_drops_frames_and_blocks_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on, write = threading.Event(), LiveVideo.write

    def slow(self: LiveVideo, pixels: Pixels, time_s: float) -> float:
        assert go_on.wait(10)
        return write(self, pixels, time_s)

    monkeypatch.setattr(LiveVideo, "write", slow)
    with recording(tmp_path) as sink:
        begin_s = time.monotonic()
        for index in range(60):
            sink.write(result(plain(RED), index / 30, index, reading()))
        assert time.monotonic() - begin_s < 1
        go_on.set()
    kept = len(decode(sink.path))
    assert QUEUE_FRAMES <= kept <= QUEUE_FRAMES + 1  # one may already be with the encoder
    assert sink.dropped == 60 - kept
    assert sink.table_path is not None
    assert len(rows(sink.table_path)) == kept


def fill(sink: Recording | Guarded, *, frames: int = 300) -> None:
    for index in range(frames):
        sink.write(result(NOISE[index % 16], index / 30, index))
        time.sleep(0.002)


def test_a_file_that_may_not_grow_stops_the_recording_in_words_and_keeps_it(tmp_path: Path) -> None:
    with files_no_larger_than(1_000_000), recording(tmp_path, size=(320, 240)) as sink:
        with pytest.raises(SinkError, match=r"cannot write .*\.mp4: the file is larger than this system allows"):
            fill(sink)
        assert len(decode(sink.path)) >= 15


def test_a_failure_that_nobody_heard_is_raised_at_the_end(tmp_path: Path) -> None:
    with files_no_larger_than(300_000):
        sink = recording(tmp_path, size=(320, 240)).__enter__()
        for index in range(QUEUE_FRAMES):
            sink.write(result(NOISE[index], index, index))
        with pytest.raises(SinkError, match="the file is larger than this system allows"):
            sink.__exit__(None, None, None)


def test_a_guarded_recording_fails_once_and_the_run_goes_on(tmp_path: Path) -> None:
    failures: list[AffectcamError] = []
    with files_no_larger_than(1_000_000), Guarded(recording(tmp_path, size=(320, 240)), failures.append) as guard:
        fill(guard)
    assert [type(failure) for failure in failures] == [SinkError]


def test_it_ends_by_itself_when_200_mb_are_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.sinks.recorded._LOOK_EVERY_S", 0.0)
    room = iter([10**12] * 31 + [FLOOR_BYTES - 1] * 1000)
    with (
        recording(tmp_path, size=(320, 240), room=lambda folder: next(room)) as sink,
        pytest.raises(SinkError, match=r"^cannot record: less than 200 MB are left for .*; free some space"),
    ):
        fill(sink)
    assert len(decode(sink.path)) == 30


def test_it_does_not_begin_with_less_than_200_mb(tmp_path: Path) -> None:
    sink = recording(tmp_path / "new", room=lambda folder: FLOOR_BYTES - 1)
    with pytest.raises(SinkError, match="less than 200 MB"):
        sink.__enter__()
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real disk of 2 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "affectcam-test", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        pytest.skip("a small disk of its own can be mounted by root only")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_is_really_full(small_disk: Path) -> None:
    with (
        recording(small_disk, size=(320, 240), room=lambda folder: 10**12) as sink,
        pytest.raises(SinkError, match="the disk is full; free some space or use another folder"),
    ):
        fill(sink)
    assert len(decode(sink.path)) >= 15
    assert sink.path.stat().st_size <= 2 * 2**20


def test_a_disk_that_is_full_for_the_table_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: object, found: object) -> None:
        raise SinkError("cannot write a.csv: the disk is full; free some space or use another folder")

    monkeypatch.setattr("app.sinks.live_table.LiveTable.write", full)
    with pytest.raises(SinkError, match=r"a\.csv: the disk is full"), recording(tmp_path) as sink:
        feed(sink, [plain(RED)])
    assert len(decode(sink.path)) == 1
