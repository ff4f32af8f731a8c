"""What comes from a URL leads to no other address, unless the URL says that it is a list of them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from app.capture.device import open_with_opencv
from app.capture.url_formats import OPTIONS, options_for


@contextmanager
def server(answers: dict[str, tuple[str, bytes]]) -> Iterator[tuple[str, list[str]]]:
    """Answers by path; gives its address and the paths that were asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            kind, content = answers.get(self.path, ("text/plain", b"nothing"))
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    serving = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    serving.daemon_threads = True
    thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{serving.server_address[1]}", asked
    finally:
        serving.shutdown()
        thread.join()
        serving.server_close()


def playlist(segment: str) -> tuple[str, bytes]:
    lines = ["#EXTM3U", "#EXT-X-TARGETDURATION:2", "#EXTINF:2,", segment, "#EXT-X-ENDLIST", ""]
    return "application/vnd.apple.mpegurl", "\n".join(lines).encode()


@pytest.fixture(autouse=True)
def unchanged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(OPTIONS, "")  # so that what is set is taken back
    monkeypatch.delenv(OPTIONS)


@pytest.mark.parametrize("path", ["/camera", "/live.mp4", "/live.m3u8.mjpg"])
def test_a_list_that_nobody_asked_for_leads_nowhere(path: str) -> None:
    with server({}) as (other, reached), server({path: playlist(f"{other}/secret.ts")}) as (chosen, asked):
        assert not open_with_opencv(chosen + path).isOpened()
        assert set(asked) == {path}
        assert reached == []


def test_a_list_that_was_asked_for_is_followed() -> None:
    with server({}) as (other, reached), server({"/live.m3u8": playlist(f"{other}/a.ts")}) as (chosen, _):
        open_with_opencv(f"{chosen}/live.m3u8").release()
        assert "/a.ts" in reached


def test_pictures_are_read(shared_jpeg: bytes) -> None:
    with server({"/one.jpg": ("image/jpeg", shared_jpeg)}) as (chosen, _):
        device = open_with_opencv(f"{chosen}/one.jpg")
        assert device.isOpened()
        assert device.read()[0]
        device.release()


def test_what_a_user_asks_of_ffmpeg_stays() -> None:
    assert options_for("rtsp://a/b", None).startswith("rtsp_transport;tcp|format_whitelist;mpjpeg,")
    mine = options_for("http://a/b.m3u8?x=1", "rtsp_transport;udp|stimeout;5")
    assert mine.startswith("rtsp_transport;udp|stimeout;5|format_whitelist;")
    assert mine.endswith(",hls")
    assert options_for("http://a/b", mine) == mine.removesuffix(",hls")  # said before for another URL


@pytest.fixture
def shared_jpeg() -> bytes:
    import cv2
    import numpy as np

    return cv2.imencode(".jpg", np.full((48, 64, 3), 90, np.uint8))[1].tobytes()
