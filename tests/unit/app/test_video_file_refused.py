"""What is no video, or was crafted to do harm (docs/decisions/hostile-input.md), is refused in one line."""

from __future__ import annotations

import http.server
import os
import threading
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from video_file_helpers import read, refusal
from video_makers import counting_frames, write_audio, write_video

from app.capture.video_file import VideoFile


def test_a_missing_file(tmp_path: Path) -> None:
    assert "no such file" in refusal(tmp_path / "nothing.mp4")


def test_a_folder(tmp_path: Path) -> None:
    assert "is a folder" in refusal(tmp_path)


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    assert "is empty" in refusal(tmp_path / "empty.mp4")


@pytest.mark.parametrize("name", ["text.mp4", "text.txt", "text.nfo"])
def test_a_text_file(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("no video at all\n" * 100)
    assert "not a video" in refusal(tmp_path / name)


def test_zeros_and_noise(tmp_path: Path) -> None:
    (tmp_path / "zeros.mkv").write_bytes(bytes(10_000))
    (tmp_path / "noise.mp4").write_bytes(np.random.default_rng(0).bytes(10_000))
    assert "not a video" in refusal(tmp_path / "zeros.mkv")
    assert refusal(tmp_path / "noise.mp4")


def test_sound_only(tmp_path: Path) -> None:
    assert "holds sound but no video" in refusal(write_audio(tmp_path / "song.m4a"))
    assert "holds sound but no video" in refusal(write_audio(tmp_path / "song.mp4"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_named_pipe_is_refused_rather_than_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    assert "not a regular file" in refusal(tmp_path / "pipe.mp4")


def test_an_unreadable_file(tmp_path: Path) -> None:
    path = write_video(tmp_path / "secret.mkv", counting_frames(2))
    path.chmod(0)
    try:
        path.read_bytes()
    except PermissionError:
        assert "no permission to read" in refusal(path)
    else:
        pytest.skip("this user may read everything (root)")


def test_permission_refused_by_the_system_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_video(tmp_path / "secret.mkv", counting_frames(2))

    def refuse(*args: object, **kwargs: object) -> None:
        raise av.error.PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(av, "open", refuse)
    assert "no permission to read" in refusal(path)


def test_a_file_with_a_colon_or_percent_in_its_name(tmp_path: Path) -> None:
    for name in ("talk: part 1.mkv", "http:%03d.mkv", "ünïcode 日本.mkv"):
        frames, _ = read(write_video(tmp_path / "x.mkv", counting_frames(2)).rename(tmp_path / name))
        assert len(frames) == 2


def test_a_playlist_in_disguise_does_not_reach_for_the_network(tmp_path: Path) -> None:
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, format: str, *args: object) -> None:  # the base class's name
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        lines = ["#EXTM3U", "#EXT-X-TARGETDURATION:9", "#EXTINF:9,"]
        lines += [f"http://127.0.0.1:{server.server_port}/a.ts", "#EXT-X-ENDLIST", ""]
        for name in ("list.m3u8", "list.mp4"):
            (tmp_path / name).write_text("\n".join(lines))
            refusal(tmp_path / name)
        server.shutdown()
        thread.join()
    assert asked == []


def test_a_list_of_other_files_in_disguise_opens_none_of_them(tmp_path):
    write_video(tmp_path / "private.mp4", counting_frames(3))
    (tmp_path / "talk.mp4").write_text("ffconcat version 1.0\nfile private.mp4\n")
    assert "of no kind of video or picture that affectcam reads" in refusal(tmp_path / "talk.mp4")


def test_a_playlist_in_disguise_opens_none_of_its_files(tmp_path):
    write_video(tmp_path / "private.ts", counting_frames(3))
    lines = ("#EXTM3U", "#EXT-X-TARGETDURATION:10", "#EXTINF:10,", "private.ts", "#EXT-X-ENDLIST")
    (tmp_path / "talk.mp4").write_text("\n".join(lines))
    assert "is not a video" in refusal(tmp_path / "talk.mp4")


def test_a_picture_whose_name_looks_like_a_series_is_that_picture(tmp_path):
    cv2.imwrite(str(tmp_path / "a001.png"), np.zeros((20, 30, 3), np.uint8))
    cv2.imwrite(str(tmp_path / "a%03d.png"), np.full((40, 50, 3), 200, np.uint8))
    with VideoFile(tmp_path / "a%03d.png") as video:
        (frame,) = video
    assert frame.pixels.shape == (40, 50, 3)
    assert frame.pixels.min() == 200


@pytest.mark.parametrize(
    ("name", "size", "most"), [("still.png", (12_001, 10_000), 120), ("clip.mkv", (8000, 5001), 40)]
)
def test_frames_that_would_take_gigabytes_are_refused(tmp_path, name, size, most):
    flat = np.zeros((size[1], size[0]), np.uint8)
    if name.endswith("png"):
        cv2.imwrite(str(tmp_path / name), flat)
    else:
        write_video(tmp_path / name, [flat], codec="ffv1", pix_fmt="gray")
    assert f"frames of {size[0]}x{size[1]} pixels, more than the {most} million" in refusal(tmp_path / name)


def test_frames_that_grow_on_the_way_are_left_out(tmp_path, monkeypatch):
    """Two MJPEG pictures in a row, the second one larger than is read; the limit is a small one here."""
    monkeypatch.setattr("app.capture.container.MOST_VIDEO_PIXELS", 10_000)
    parts = [cv2.imencode(".jpg", np.full(shape, 90, np.uint8))[1].tobytes() for shape in ((48, 64), (480, 640))]
    (tmp_path / "grows.mjpeg").write_bytes(b"".join([parts[0], parts[0], parts[1], parts[0]]))
    with VideoFile(tmp_path / "grows.mjpeg") as video:
        assert [frame.pixels.shape for frame in video] == [(48, 64, 3)] * 3
        assert "1 damaged frame" in video.loss


def test_video_that_nothing_can_decode_is_one_line(tmp_path):
    path = write_video(tmp_path / "a.mp4", counting_frames(3))
    path.write_bytes(path.read_bytes().replace(b"avc1", b"zzzz"))
    assert "of a kind that cannot be decoded here" in refusal(path)
