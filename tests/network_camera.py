"""A network camera on this machine (MJPEG over HTTP) that stalls when told to."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_BOUNDARY = "picture"


class NetworkCamera:
    """Sends one JPEG again and again to whoever asks; :attr:`flowing` cleared: it sends nothing and stays connected."""

    def __init__(self, jpeg: bytes, fps: float) -> None:
        self.jpeg, self.fps = jpeg, fps
        self.flowing, self.ending = threading.Event(), threading.Event()
        self.flowing.set()
        self.port = 0

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}/camera.mjpg"


@contextmanager
def network_camera(jpeg: bytes, *, fps: float = 10) -> Iterator[NetworkCamera]:
    """Run one until the block is left."""
    camera = NetworkCamera(jpeg, fps)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={_BOUNDARY}")
            self.end_headers()
            try:
                while not camera.ending.is_set():
                    if camera.flowing.wait(0.1):
                        head = (
                            f"--{_BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(camera.jpeg)}\r\n\r\n"
                        )
                        self.wfile.write(head.encode() + camera.jpeg + b"\r\n")
                        time.sleep(1 / camera.fps)
            except OSError:  # the reader has gone
                pass

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    camera.port = server.server_address[1]
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    serving.start()
    try:
        yield camera
    finally:
        camera.ending.set()
        server.shutdown()
        serving.join()
        server.server_close()
