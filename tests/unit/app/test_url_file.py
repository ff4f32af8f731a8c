"""A video file behind a URL plays in its own time, and ends."""

from __future__ import annotations

import functools
import http.server
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from video_makers import counting_frames, number_of, write_video

from app.capture.camera import Camera
from app.capture.url_file import UrlFile


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    write_video(tmp_path / "talk.mp4", counting_frames(12), times_s=[index / 20 for index in range(12)], fps=20)
    handler = functools.partial(Quiet, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/talk.mp4"
        server.shutdown()
        thread.join()


def test_it_plays_in_its_own_time_and_ends(address: str) -> None:
    begin_s = time.monotonic()
    with Camera(address) as source:
        frames = list(source)
    assert 0.5 < time.monotonic() - begin_s < 3  # eleven pictures at twenty a second, and no patience at the end
    assert [number_of(frame.pixels) for frame in frames] == list(range(1, 12))  # the first one told the size
    assert frames[-1].time_s - frames[0].time_s == pytest.approx(0.5, abs=0.2)


def test_pictures_wait_for_their_time_and_a_slow_network_sets_the_clock_anew() -> None:
    file = UrlFile(100)
    assert file.due_in_s(3.0, 50.0) == 0.0
    assert file.due_in_s(3.5, 50.1) == pytest.approx(0.4)
    assert file.due_in_s(3.6, 50.9) == 0.0  # a little late: it catches up
    assert file.due_in_s(3.7, 55.0) == 0.0  # very late
    assert file.due_in_s(3.8, 55.0) == pytest.approx(0.1)


@pytest.mark.parametrize(("announced", "known"), [(0.0, False), (-9.2e16, False), (float("nan"), False), (60.0, True)])
def test_a_stream_is_no_file(announced: float, known: bool) -> None:
    class Device:
        def get(self, prop: int) -> float:
            return announced

    assert (UrlFile.behind(Device()) is not None) == known


def test_it_has_ended_when_almost_all_frames_came() -> None:
    file = UrlFile(10)
    ended = []
    for index in range(10):
        file.due_in_s(index / 10, index / 10)
        ended.append(file.ended)
    assert ended == [False] * 7 + [True] * 3
