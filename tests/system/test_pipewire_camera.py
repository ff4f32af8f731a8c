"""``--camera-backend pipewire``, read back with GStreamer from a real PipeWire."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import flat_clip
import numpy as np
import pytest
from conftest import Start, need
from gstreamer import PROGRAMS, Reader, cameras, missing_elements, private_pipewire

from app.sinks.steady_camera import SteadyCamera
from app.sinks.virtual_camera import available, list_backends
from app.types import Frame, FrameResult
from model.emotions import Emotion

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

SIZE = (flat_clip.WIDTH, flat_clip.HEIGHT)
STALL_S = 10.0


@pytest.fixture
def pipewire(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """The environment in which programs find a PipeWire of the test's own."""
    need(PROGRAMS)
    if missing := missing_elements():
        pytest.skip(
            f"GStreamer lacks {', '.join(missing)} (sudo apt install {' '.join(sorted(set(missing.values())))})"
        )
    with private_pipewire(tmp_path_factory.mktemp("pw")) as environment:
        for name, value in environment.items():
            if name != "HOME":
                monkeypatch.setenv(name, value)
        yield environment


def children() -> list[str]:
    done = subprocess.run(["ps", "--ppid", str(os.getpid()), "-o", "comm="], capture_output=True, text=True)
    return [name for name in done.stdout.split() if name.startswith("gst")]


def test_overlay_is_a_camera_that_two_programs_read_at_once(
    pipewire: dict[str, str], start: Start, clip: Path, expected: flat_clip.Expected, tmp_path: Path
) -> None:
    program = start("overlay", "--source", str(clip), "--camera-backend", "pipewire", **pipewire)
    program.wait_for(lambda: "affectcam" in cameras(pipewire), "the camera is listed by its name")
    program.wait_for(lambda: "Ctrl-C stops" in program.said, "it says that it is there")
    assert "Programs that take cameras from PipeWire (Firefox, OBS) can now pick 'affectcam'" in program.said
    serial = cameras(pipewire)["affectcam"]
    time.sleep(2)  # until the face has its label
    readers = [Reader(pipewire, serial, SIZE, 20, tmp_path / f"{name}.yuyv") for name in "ab"]
    for reader in readers:
        pictures = reader.pictures()
        assert len(pictures) == 20
        assert max(flat_clip.worst_colour(picture) for picture in pictures) <= flat_clip.TOLERANCE
        emotion, likeness = expected.legibility(pictures[-1])
        assert emotion is Emotion.HAPPINESS
        assert likeness > 0.9
    assert program.end() in (0, 130)
    assert "affectcam" not in cameras(pipewire)


def test_it_is_there_while_the_source_stalls(pipewire: dict[str, str], tmp_path: Path) -> None:
    assert list_backends()[-1] == "pipewire"
    assert available()[0]
    size = (1280, 720)
    shown = np.full((size[1], size[0], 3), (40, 80, 200), np.uint8)

    def result(index: int) -> FrameResult:
        return FrameResult(frame=Frame(pixels=shown, time_s=index / 30, index=index), readings=(), drawn=shown)

    def middle_of(path: str, count: int = 5) -> np.ndarray:
        pictures = Reader(pipewire, cameras(pipewire)["affectcam"], size, count, tmp_path / path).pictures(20)
        return np.median(np.stack(pictures[-3:])[:, 20:60, 20:60].reshape(-1, 3), axis=0)

    with SteadyCamera(size, 30, backend="pipewire", patience_s=1.0) as camera:
        camera.write(result(0))
        assert np.abs(middle_of("before") - (40, 80, 200)).max() <= flat_clip.TOLERANCE
        long = Reader(pipewire, cameras(pipewire)["affectcam"], size, 240, tmp_path / "long")
        time.sleep(STALL_S)
        assert len(long.pictures(20)) == 240  # in ten seconds, of about 300
        assert np.abs(middle_of("stalled") - (40, 80, 200)).max() > 20  # the card
        for index in range(1, 60):
            camera.write(result(index))
            time.sleep(1 / 30)
        assert np.abs(middle_of("after") - (40, 80, 200)).max() <= flat_clip.TOLERANCE
        assert camera.failure is None
        assert camera.late <= 0.05 * camera.sent
        assert children()
    assert not children()
