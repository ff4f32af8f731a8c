"""PipeWire with its session manager, private to a test, and readers of its cameras."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

PROGRAMS = {
    "dbus-run-session": "dbus",
    "pipewire": "pipewire",
    "pw-dump": "pipewire-bin",
    "wireplumber": "wireplumber",
    "gst-launch-1.0": "gstreamer1.0-tools",
    "gst-inspect-1.0": "gstreamer1.0-tools",
}
ELEMENTS = {
    "pipewiresink": "gstreamer1.0-pipewire",
    "rawvideoparse": "gstreamer1.0-plugins-base",
    "videoconvert": "gstreamer1.0-plugins-base",
}


def missing_elements() -> dict[str, str]:
    """GStreamer's elements that are not there, with the packages that bring them."""
    inspect = shutil.which("gst-inspect-1.0") or "gst-inspect-1.0"
    found = {name: subprocess.run([inspect, name], capture_output=True).returncode == 0 for name in ELEMENTS}
    return {name: ELEMENTS[name] for name, there in found.items() if not there}


@contextmanager
def private_pipewire(folder: Path) -> Iterator[dict[str, str]]:
    """Run PipeWire and WirePlumber with a bus and a folder of their own; gives the environment for their programs."""
    environment = {"XDG_RUNTIME_DIR": str(folder), "PIPEWIRE_RUNTIME_DIR": str(folder), "HOME": str(folder)}
    full = {**os.environ, **environment}
    full.pop("DISPLAY", None)
    words = ["dbus-run-session", "--", "sh", "-c", "pipewire & wireplumber & wait"]
    with (folder / "pipewire.log").open("wb") as log:
        session = subprocess.Popen(words, env=full, stdout=log, stderr=log, start_new_session=True)
    try:
        deadline = time.monotonic() + 30
        while not any("WirePlumber" in str(thing) for thing in things(environment)):
            assert session.poll() is None, (folder / "pipewire.log").read_text()
            assert time.monotonic() < deadline, (folder / "pipewire.log").read_text()
            time.sleep(0.1)
        yield environment
    finally:
        os.killpg(session.pid, signal.SIGTERM)
        session.wait(10)


def things(environment: dict[str, str]) -> list[dict[str, Any]]:
    """All that PipeWire knows; empty while it does not answer."""
    done = subprocess.run(["pw-dump"], capture_output=True, env={**os.environ, **environment}, timeout=20)
    return json.loads(done.stdout) if done.returncode == 0 and done.stdout else []


def cameras(environment: dict[str, str]) -> dict[str, int]:
    """The cameras that programs can choose from, by the name that is shown, with their serials."""
    properties = [(thing.get("info") or {}).get("props") or {} for thing in things(environment)]
    nodes = [node for node in properties if node.get("media.class") == "Video/Source"]
    return {node["node.description"]: node["object.serial"] for node in nodes}


class Reader:
    """A GStreamer program that reads pictures of a camera; YUV without a name is BT.601, as it is for browsers."""

    def __init__(self, environment: dict[str, str], serial: int, size: tuple[int, int], count: int, path: Path) -> None:
        self.size, self.path = size, path
        words = ["gst-launch-1.0", "-q", "pipewiresrc", f"target-object={serial}", f"num-buffers={count}", "!"]
        words += [f"video/x-raw,format=YUY2,width={size[0]},height={size[1]}", "!", "filesink", f"location={path}"]
        self.process = subprocess.Popen(words, env={**os.environ, **environment}, stderr=subprocess.PIPE, text=True)

    def pictures(self, seconds: float = 60.0) -> list[Pixels]:
        """What it has read, when it has ended."""
        try:
            _, said = self.process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            _, said = self.process.communicate()
            raise AssertionError(f"no pictures within {seconds:g} s: {said}") from None
        assert self.process.returncode == 0, said
        width, height = self.size
        yuyv = np.fromfile(self.path, np.uint8).reshape(-1, height, width, 2)
        return [np.asarray(cv2.cvtColor(picture, cv2.COLOR_YUV2BGR_YUY2), np.uint8) for picture in yuyv]
