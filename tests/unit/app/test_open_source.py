from __future__ import annotations

from pathlib import Path

import pytest
from video_makers import counting_frames, write_video

from app.capture import open as opening
from app.capture.demo import DemoClip
from app.capture.open import is_camera, open_source
from app.capture.paced import Paced
from app.capture.video_file import VideoFile
from model.errors import SourceError


class FakeCamera:
    def __init__(self, spec: str, *, width: int, height: int, fps: float) -> None:
        self.spec, self.wish = spec, (width, height, fps)


@pytest.fixture
def fake_camera(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "Camera", FakeCamera)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_video(tmp_path / "talk 1.mkv", counting_frames(3))


@pytest.mark.parametrize(
    "spec", [0, "0", "12", "/dev/video3", "/dev/v4l/by-id/x", "rtsp://host/x", "http://host/a.mp4", "HTTPS://h/x"]
)
def test_numbers_devices_and_urls_are_cameras(fake_camera: None, spec: str | int) -> None:
    source = open_source(spec, width=640, height=360, fps=25)
    assert isinstance(source, FakeCamera)
    assert (source.spec, source.wish) == (str(spec), (640, 360, 25))


@pytest.mark.parametrize(
    ("spec", "camera"),
    [
        (0, True),
        (" 12 ", True),
        ("/dev/video3", True),
        ("rtsp://host/x", True),
        ("demo", False),
        ("", False),
        ("talk.mp4", False),
        ("./0", False),
        (Path("0"), False),
        ("file:///talk.mp4", False),
    ],
)
def test_what_is_waited_for_when_it_goes_away(spec: str | int | Path, camera: bool) -> None:
    assert is_camera(spec) == camera


def test_paths_and_file_urls_are_files(clip: Path) -> None:
    for spec in (clip, str(clip), clip.as_uri()):
        with open_source(spec) as source:
            assert isinstance(source, VideoFile)
            assert source.path == clip
            assert len(list(source)) == 3


def test_a_file_that_is_called_like_a_camera_is_reached_by_its_path(
    clip: Path, monkeypatch: pytest.MonkeyPatch, fake_camera: None
) -> None:
    clip.rename(clip.parent / "0")
    monkeypatch.chdir(clip.parent)
    for spec in ("./0", Path("0")):
        with open_source(spec) as source:
            assert isinstance(source, VideoFile)


def test_live_plays_files_in_real_time(clip: Path) -> None:
    with open_source(clip, live=True) as source:
        assert isinstance(source, Paced)
        assert source.live
        assert (source.name, source.size) == (str(clip), (64, 48))


def test_the_demo_is_a_file_and_with_live_a_camera_without_end() -> None:
    with open_source("demo") as source:
        assert isinstance(source, DemoClip)
        assert (source.name, source.live) == ("the demo", False)
    with open_source("demo", live=True) as source:
        assert isinstance(source, Paced)
        assert (source.name, source.live) == ("the demo", True)


def test_what_is_not_there_is_a_source_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        open_source(str(tmp_path / "gone.mp4"))
    with pytest.raises(SourceError, match="no such file"):
        open_source("webcam")
    with pytest.raises(SourceError, match="no name"):
        open_source(" ")


def test_a_missing_demo_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.capture.demo.assets_folder", lambda: tmp_path)
    with pytest.raises(SourceError, match="the demo clip is missing"):
        open_source("demo")
