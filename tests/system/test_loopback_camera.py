"""A real device and real clients: ffmpeg, OpenCV and Chromium read the camera that affectcam feeds.

An emulated machine is slow, so these tests are about content, not about speed.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import flat_clip
import numpy as np
import pytest
from conftest import Program, Start, need
from network_camera import network_camera
from readers import capture_size, listed, read_with_chromium, read_with_ffmpeg, read_with_opencv

from app.sinks.loopback import LoopbackDevice
from app.sinks.virtual_camera import VirtualCameraSink
from model.emotions import Emotion
from model.errors import SinkError

pytestmark = [pytest.mark.system, pytest.mark.timeout(1200)]

seen = logging.getLogger("seen")

SIZE = (flat_clip.WIDTH, flat_clip.HEIGHT)
STALL_S = 10.0
CHROMIUM_S = 240.0
ENDS = (0, 130)  # a window closes, a command is interrupted
READERS = {"v4l2-ctl": "v4l-utils", "ffmpeg": "ffmpeg"}


def check(who: str, pictures: list[flat_clip.Pixels], expected: flat_clip.Expected, *, at_least: int) -> None:
    """Hold what a client has read to what was sent; a few pictures may be torn, as from any loopback device."""
    assert len(pictures) >= at_least
    assert {picture.shape for picture in pictures} == {(flat_clip.HEIGHT, flat_clip.WIDTH, 3)}
    worst = sorted(flat_clip.worst_colour(picture) for picture in pictures)
    emotion, likeness = max((expected.legibility(picture) for picture in pictures), key=lambda found: found[1])
    seen.info(
        "%s: %d pictures of %dx%d, colours within %d/255 in most and %d/255 in all, '%s' like %.2f",
        *(who, len(pictures), *SIZE, worst[int(0.8 * (len(worst) - 1))], worst[-1], emotion.label, likeness),
    )
    assert worst[int(0.8 * (len(worst) - 1))] <= flat_clip.TOLERANCE
    assert emotion is Emotion.HAPPINESS
    assert likeness > 0.9


def is_labelled(pictures: list[flat_clip.Pixels], expected: flat_clip.Expected) -> bool:
    return expected.legibility(pictures[-1])[1] > 0.9


def is_the_picture(pictures: list[flat_clip.Pixels]) -> bool:
    return flat_clip.worst_colour(pictures[-1]) <= flat_clip.TOLERANCE


def test_it_can_be_opened_again_after_any_end(loopback: LoopbackDevice) -> None:
    """Also where exclusive_caps=1, after a kill, and beside a program that goes on reading."""
    need({"ffmpeg": "ffmpeg"})
    dark = np.zeros((240, 320, 3), np.uint8)

    def send(count: int) -> None:
        with VirtualCameraSink((320, 240), 10) as sink:
            assert sink.device == str(loopback.path)
            for _ in range(count):
                sink.send(dark)
                time.sleep(0.05)

    send(2)
    send(2)
    killed = subprocess.Popen([sys.executable, "-c", _SEND_ON, str(loopback.path)], stdout=subprocess.PIPE)
    assert killed.stdout is not None
    assert killed.stdout.readline() == b"sent\n"
    killed.kill()
    killed.wait()
    killed.stdout.close()
    send(2)
    with VirtualCameraSink((320, 240), 10) as sink:
        sink.send(dark)
        words = ["ffmpeg", "-nostdin", "-loglevel", "error", "-f", "v4l2", "-i", str(loopback.path), "-f", "null", "-"]
        reader = subprocess.Popen(words)
        for _ in range(60):
            sink.send(dark)
            time.sleep(0.05)
    try:
        send(2)
        with pytest.raises(SinkError, match="a program still reads it at 320x240"):
            VirtualCameraSink((640, 480), 10)
        assert reader.poll() is None
    finally:
        reader.kill()
        reader.wait()
    send(2)


_SEND_ON = """
import sys, time
import numpy as np
from app.sinks.virtual_camera import VirtualCameraSink
with VirtualCameraSink((320, 240), 10, device=sys.argv[1]) as sink:
    sink.send(np.zeros((240, 320, 3), np.uint8))
    print("sent", flush=True)
    while True:
        sink.repeat()
        time.sleep(0.1)
"""


@pytest.fixture
def overlay(loopback: LoopbackDevice, start: Start) -> Callable[[str], Program]:
    """Starts the program without a window on a source."""

    def begin(source: str) -> Program:
        program = start("overlay", "--source", source, "--device", str(loopback.path))
        program.wait_for(lambda: "Ctrl-C stops" in program.said, "it starts")
        assert f"can now pick '{loopback.label}'" in program.said
        return program

    return begin


@pytest.fixture
def window(loopback: LoopbackDevice, start: Start, screen: dict[str, str], tmp_path: Path) -> Callable[[str], Program]:
    """Starts the window on a source, with its virtual camera on."""

    def begin(source: str) -> Program:
        settings = {"camera_device": str(loopback.path), "welcomed": True, "language": "en"}
        (tmp_path / "settings.json").write_text(json.dumps(settings))
        return start("--source", source, "--camera", AFFECTCAM_HOME=str(tmp_path), **screen)

    return begin


@pytest.mark.parametrize("kind", ["overlay", "window"])
def test_calls_see_the_labelled_picture(
    kind: str,
    request: pytest.FixtureRequest,
    loopback: LoopbackDevice,
    clip: Path,
    expected: flat_clip.Expected,
    tmp_path: Path,
) -> None:
    need({**READERS, "chromium": "chromium"})
    began_s = time.monotonic()
    program = request.getfixturevalue(kind)(str(clip))
    program.wait_for(lambda: capture_size(loopback.path) == SIZE, "the device has the clip's size")
    seen.info("%s: the device gives pictures %.0f s after the start", kind, time.monotonic() - began_s)
    assert listed(loopback.path) == loopback.label
    program.wait_for(lambda: is_labelled(read_with_ffmpeg(loopback.path, SIZE, 3), expected), "the label comes")
    check(f"{kind}: ffmpeg", read_with_ffmpeg(loopback.path, SIZE, 10), expected, at_least=10)
    check(f"{kind}: OpenCV", read_with_opencv(loopback.path, 10), expected, at_least=10)
    began_s = time.monotonic()
    browsed = read_with_chromium(loopback.label, SIZE, 3, tmp_path, CHROMIUM_S)
    seen.info("%s: Chromium lists %s, after %.0f s", kind, ", ".join(browsed.labels), time.monotonic() - began_s)
    assert any(loopback.label in label for label in browsed.labels)
    check(f"{kind}: Chromium", browsed.pictures, expected, at_least=3)
    assert program.end() in ENDS


@pytest.mark.parametrize("kind", ["overlay", "window"])
def test_the_device_is_still_there_after_a_stall(
    kind: str, request: pytest.FixtureRequest, loopback: LoopbackDevice, expected: flat_clip.Expected
) -> None:
    need(READERS)
    with network_camera(expected.jpeg.tobytes(), fps=5) as source:
        program = request.getfixturevalue(kind)(source.url)
        program.wait_for(lambda: capture_size(loopback.path) == SIZE, "the device has the source's size")
        program.wait_for(lambda: is_labelled(read_with_ffmpeg(loopback.path, SIZE, 3), expected), "the label comes")
        source.flowing.clear()
        stalled_s = time.monotonic()
        program.wait_for(lambda: not is_the_picture(read_with_ffmpeg(loopback.path, SIZE, 3)), "the card comes")
        seen.info("%s: the card was there %.0f s after the source stalled", kind, time.monotonic() - stalled_s)
        time.sleep(max(0.0, STALL_S - (time.monotonic() - stalled_s)))
        assert not is_the_picture(read_with_ffmpeg(loopback.path, SIZE, 5))
        assert not is_the_picture(read_with_opencv(loopback.path, 5))
        source.flowing.set()
        began_s = time.monotonic()
        program.wait_for(lambda: is_the_picture(read_with_ffmpeg(loopback.path, SIZE, 5)), "the picture is back")
        seen.info("%s: the picture was back %.0f s after the source went on", kind, time.monotonic() - began_s)
        program.wait_for(lambda: is_labelled(read_with_ffmpeg(loopback.path, SIZE, 3), expected), "the label is back")
        check(f"{kind}: ffmpeg after the stall", read_with_ffmpeg(loopback.path, SIZE, 10), expected, at_least=10)
        assert program.end() in ENDS
