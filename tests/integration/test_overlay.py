"""``affectcam overlay`` into a back end registered with pyvirtualcam: size, colours, ticks, the label."""

from __future__ import annotations

import threading
import time

import cv2
import numpy as np
import pytest
from network_camera import network_camera
from skimage.data import astronaut
from video_makers import counting_frames, truncate, write_video

from app.cli import main

pyvirtualcam = pytest.importorskip("pyvirtualcam")

WIDTH, HEIGHT = 400, 240


class Recorder:
    """A back end in place of a device: keeps the frames with their times."""

    frames: list[tuple[float, np.ndarray]]
    closed = 0

    def __init__(self, *, width, height, fps, fourcc, device):
        type(self).frames, type(self).closed, type(self).size = [], 0, (width, height)
        self._device = device or "Recorder"

    def send(self, frame):
        width, height = self.size
        self.frames.append((time.monotonic(), frame.reshape(height, width, 3).copy()))

    def close(self):
        type(self).closed += 1

    def device(self):
        return self._device

    def native_fourcc(self):
        return None


@pytest.fixture
def recorder(monkeypatch):
    monkeypatch.setattr(pyvirtualcam.camera, "BACKENDS", {})
    pyvirtualcam.register_backend("recorder", Recorder)
    yield Recorder
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("affectcam-")]


@pytest.fixture(scope="module")
def call(tmp_path_factory):
    """Two seconds of a face on the right, with a red square in the top left corner."""
    picture = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
    picture[:, WIDTH - 320 :] = cv2.cvtColor(astronaut(), cv2.COLOR_RGB2BGR)[0:240, 100:420]
    picture[:40, :40] = (0, 0, 255)
    return write_video(tmp_path_factory.mktemp("clips") / "call.mp4", [picture] * 60, fps=30)


def is_red(patch):  # RGB
    return np.abs(patch.astype(int) - (255, 0, 0)).max() <= 6


def test_size_colours_ticks_and_label(recorder, call, capsys):
    started = time.monotonic()
    assert main(["overlay", "--source", str(call), "--camera-backend", "recorder"]) == 0
    took = time.monotonic() - started
    assert recorder.size == (WIDTH, HEIGHT)
    assert recorder.closed == 1
    times = np.array([moment for moment, _ in recorder.frames])
    assert 54 <= len(times) <= 30 * took  # the clip's two seconds at thirty ticks a second
    assert np.median(np.diff(times)) == pytest.approx(1 / 30, abs=0.008)
    assert all(is_red(picture[8:32, 8:32]) for _, picture in recorder.frames)
    first, last = recorder.frames[0][1].astype(int), recorder.frames[-1][1].astype(int)
    changed = np.abs(first - last).max(axis=2) > 60  # the first tick has no reading yet, the last one has
    assert changed[:, WIDTH - 320 :].sum() > 300
    said = capsys.readouterr().err
    assert "virtual camera 'Recorder'" in said
    assert "pictures sent" in said


def test_mirroring_moves_the_square_to_the_other_side(recorder, call):
    words = ["overlay", "--source", str(call), "--camera-backend", "recorder", "--mirror", "--seconds", "1"]
    assert main(words) == 0
    assert all(is_red(picture[8:32, WIDTH - 32 : WIDTH - 8]) for _, picture in recorder.frames)


def test_seconds_end_it(recorder):
    started = time.monotonic()
    assert main(["overlay", "--source", "demo", "--camera-backend", "recorder", "--seconds", "0.5"]) == 0
    assert time.monotonic() - started < 30
    assert recorder.closed == 1


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--source", "demo", "--camera-backend", "none-such"], "none-such"),
        (["--source", "97"], "97"),
        (["--source", "/dev/video97"], "/dev/video97"),
        (["--source", "gone.mp4"], "gone.mp4"),
        (["--source", "demo", "--model", "gone.onnx"], "gone.onnx"),
    ],
)
def test_what_cannot_be_opened_is_one_line(recorder, capsys, words, expected):
    assert main(["overlay", *words]) == 1
    out, err = capsys.readouterr()
    lines = [line for line in err.splitlines() if line.strip()]
    assert len(lines) == 1, err
    assert lines[0].startswith("error: ")
    assert expected in lines[0]
    assert out == ""


def test_no_back_end_says_how_to_get_one(monkeypatch, capsys):
    monkeypatch.setattr(pyvirtualcam.camera, "BACKENDS", {})
    assert main(["overlay", "--source", "demo"]) == 1
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.strip()]
    assert "v4l2loopback" in line or "OBS" in line


def test_calls_get_the_size_asked_for_with_bars(recorder, call, capsys):
    words = ["overlay", "--source", str(call), "--camera-backend", "recorder", "--camera-size", "321x241"]
    assert main([*words, "--seconds", "1"]) == 0
    assert recorder.size == (322, 242)
    picture = recorder.frames[-1][1]
    assert not picture[:20].any()  # 5:3 in 4:3
    assert not picture[-20:].any()
    assert is_red(picture[27:50, 6:28])
    said = capsys.readouterr().err
    assert "322x242" in said
    assert "Zoom, Meet and Teams can now pick 'Recorder'" in said


@pytest.mark.parametrize("size", ["big", "12x8", "1280", "1280x-720", "99999x99999"])
def test_a_size_that_is_none_is_refused(size, capsys):
    assert main(["overlay", "--source", "demo", "--camera-size", size]) == 2
    assert "expected for example 1280x720, or source" in capsys.readouterr().err


def test_a_device_that_fails_in_mid_call_is_one_line(recorder, call, capsys, monkeypatch):
    sent = []

    def send(self, frame):
        sent.append(frame)
        if len(sent) > 5:
            raise RuntimeError("device gone")

    monkeypatch.setattr(Recorder, "send", send)
    assert main(["overlay", "--source", str(call), "--camera-backend", "recorder"]) == 1
    err = capsys.readouterr().err
    assert "Traceback" not in err
    assert "device gone" in err.strip().splitlines()[-1]


def test_a_file_that_is_cut_off_is_said(recorder, tmp_path, capsys):
    path = truncate(write_video(tmp_path / "cut.mkv", counting_frames(30), fps=30), 0.6)
    assert main(["overlay", "--source", str(path), "--camera-backend", "recorder"]) == 0
    assert f"warning: {path}: stopped after" in capsys.readouterr().err


def test_a_source_that_stalls_shows_a_card_and_comes_back(recorder, capsys):
    picture = np.full((HEIGHT, WIDTH, 3), (0, 0, 255), np.uint8)
    jpeg = cv2.imencode(".jpg", picture)[1].tobytes()

    def red():
        return bool(recorder.frames) and is_red(recorder.frames[-1][1][20:60, 20:60])

    with network_camera(jpeg, fps=20) as source:
        words = ["overlay", "--source", source.url, "--camera-backend", "recorder", "--seconds", "6"]
        codes = []
        running = threading.Thread(target=lambda: codes.append(main(words)))
        recorder.frames = []
        running.start()
        wait_until(red)
        source.flowing.clear()
        wait_until(lambda: not red())
        stalled_s = time.monotonic()
        count = len(recorder.frames)
        time.sleep(0.5)
        assert len(recorder.frames) - count > 5  # the device still ticks
        source.flowing.set()
        wait_until(red)
        assert time.monotonic() - stalled_s < 4
        running.join(20)
    assert codes == [0]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_stalls_of_a_tenth_of_a_second_to_a_minute_are_outlived(recorder, monkeypatch):
    picture = np.full((HEIGHT, WIDTH, 3), (0, 0, 255), np.uint8)
    jpeg = cv2.imencode(".jpg", picture)[1].tobytes()
    ticks, reds = [], []

    def send(self, frame):
        ticks.append(time.monotonic())
        reds.append(is_red(frame.reshape(HEIGHT, WIDTH, 3)[20:60, 20:60]))

    monkeypatch.setattr(Recorder, "send", send)
    with network_camera(jpeg, fps=20) as source:
        words = ["overlay", "--source", source.url, "--camera-backend", "recorder", "--seconds", "110"]
        codes, seen = [], {}
        running = threading.Thread(target=lambda: codes.append(main(words)))
        running.start()
        wait_until(lambda: len(ticks) > 60)
        for stall_s in (0.1, 0.5, 1.0, 3.0, 10.0, 60.0):
            first = len(ticks)
            source.flowing.clear()
            time.sleep(stall_s)
            source.flowing.set()
            wait_until(lambda: reds[-1], seconds=5)
            time.sleep(1)
            seen[stall_s] = np.array(ticks[first:]), reds[first:]
        running.join(60)
    assert codes == [0]
    for stall_s, (times, shown) in seen.items():
        assert np.diff(times).max() < 0.2, stall_s
        assert len(times) >= 0.97 * 20 * (times[-1] - times[0]), stall_s
        assert all(shown) == (stall_s < 2), stall_s  # a card when nothing came for two seconds


def wait_until(condition, seconds=6.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
