"""Programs that read a camera as calls do: ffmpeg, OpenCV, and a browser."""

from __future__ import annotations

import base64
import json
import queue
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Size = tuple[int, int]  # width, height

# Chosen by its name, as a user does it. A frame is taken when the browser shows a new one.
_PAGE = """<!doctype html><title>call</title><video muted playsinline></video><script>
const tell = (what) => fetch('/seen', {method: 'POST', body: JSON.stringify(what)});
(async () => {
  const first = await navigator.mediaDevices.getUserMedia({video: true});  // labels are told only after a yes
  const cameras = (await navigator.mediaDevices.enumerateDevices()).filter((d) => d.kind == 'videoinput');
  const wanted = cameras.find((d) => d.label.includes(NAME));
  first.getTracks().forEach((track) => track.stop());
  const stream = await navigator.mediaDevices.getUserMedia(
    {video: {deviceId: {exact: wanted.deviceId}, width: WIDTH, height: HEIGHT}});
  const video = document.querySelector('video');
  video.srcObject = stream;
  await video.play();
  const pictures = [];
  for (let i = 0; i < COUNT; i++) {
    await new Promise((done) => video.requestVideoFrameCallback(done));
    const canvas = document.createElement('canvas');
    canvas.width = video.videoWidth; canvas.height = video.videoHeight;
    canvas.getContext('2d').drawImage(video, 0, 0);
    pictures.push(canvas.toDataURL('image/png').split(',')[1]);
  }
  stream.getTracks().forEach((track) => track.stop());
  await tell({labels: cameras.map((d) => d.label), pictures: pictures});
})().catch((error) => tell({error: String(error)}));
</script>"""


def capture_size(device: Path) -> Size | None:
    """What the device gives readers now; None while nothing feeds it."""
    done = subprocess.run(
        ["v4l2-ctl", "-d", str(device), "--get-fmt-video"], capture_output=True, text=True, timeout=60
    )
    found = re.search(r"Width/Height\s*:\s*(\d+)/(\d+)", done.stdout)
    return (int(found[1]), int(found[2])) if found else None


def listed(device: Path) -> str:
    """The name under which the system lists the device."""
    done = subprocess.run(["v4l2-ctl", "--list-devices"], capture_output=True, text=True, timeout=60)
    name = ""
    for line in done.stdout.splitlines():
        if not line.startswith("\t"):
            name = line.partition(" (")[0].rstrip(":")
        elif line.strip() == str(device):
            return name
    return ""


def read_with_ffmpeg(device: Path, size: Size, count: int) -> list[Pixels]:
    """``count`` pictures, BGR; fewer if it ends early."""
    words = ["ffmpeg", "-nostdin", "-hide_banner", "-loglevel", "error", "-f", "v4l2", "-i", str(device)]
    words += ["-frames:v", str(count), "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "bgr24", "-"]
    done = subprocess.run(words, capture_output=True, timeout=240)
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    return list(np.frombuffer(done.stdout, np.uint8).reshape(-1, size[1], size[0], 3))


def read_with_opencv(device: Path, count: int) -> list[Pixels]:
    """``count`` pictures, BGR; fewer if it ends early."""
    camera = cv2.VideoCapture(str(device), cv2.CAP_V4L2)
    try:
        assert camera.isOpened()
        got = [camera.read() for _ in range(count)]
    finally:
        camera.release()
    return [np.asarray(pixels, np.uint8) for there, pixels in got if there]


@dataclass(frozen=True)
class Browsed:
    """What a page in a browser has seen."""

    labels: list[str]  # of all cameras
    pictures: list[Pixels]  # BGR


def read_with_chromium(name: str, size: Size, count: int, folder: Path, seconds: float) -> Browsed:
    """Have a page ask for the camera called ``name``, and read ``count`` pictures.

    Args:
        name: part of the camera's label.
        size: asked for.
        count: pictures.
        folder: for the browser's profile.
        seconds: after which it is given up.
    """
    page = _PAGE.replace("NAME", json.dumps(name)).replace("COUNT", str(count))
    page = page.replace("WIDTH", str(size[0])).replace("HEIGHT", str(size[1]))
    with _site(page) as (address, told):
        words = ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        words += ["--no-first-run", "--disable-extensions", "--disable-background-networking"]
        words += ["--use-fake-ui-for-media-stream", f"--user-data-dir={folder / 'profile'}", address]
        log = folder / "chromium.log"
        with log.open("wb") as out:
            browser = subprocess.Popen(words, stdout=out, stderr=out)
        try:
            seen = told.get(timeout=seconds)
        except queue.Empty:
            said = log.read_text("utf-8", "replace")[-2000:]
            raise AssertionError(f"the page has told nothing within {seconds:g} s: {said}") from None
        finally:
            browser.terminate()
            try:
                browser.wait(20)
            except subprocess.TimeoutExpired:
                browser.kill()
                browser.wait()
    assert "error" not in seen, seen["error"]
    decoded = [np.frombuffer(base64.b64decode(picture), np.uint8) for picture in seen["pictures"]]
    return Browsed(seen["labels"], [np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8) for data in decoded])


@contextmanager
def _site(page: str) -> Iterator[tuple[str, queue.Queue[dict[str, Any]]]]:
    """Serve a page on this machine, where browsers allow cameras; gives its address, and what it tells."""
    told: queue.Queue[dict[str, Any]] = queue.Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            if self.path == "/":
                self.wfile.write(page.encode())

        def do_POST(self) -> None:
            told.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/", told
    finally:
        server.shutdown()
        serving.join()
        server.server_close()
