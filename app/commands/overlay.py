"""``affectcam overlay``: from a camera to a virtual camera, without a window."""

from __future__ import annotations

import time
from contextlib import ExitStack

from rich.console import Console

from app.capture.open import is_camera, open_source
from app.capture.surviving import Surviving
from app.config import ReadingConfig
from app.pipeline.draw import DrawStyle
from app.pipeline.live import LiveRunner, LiveStatus
from app.pipeline.load import load_classifier
from app.pipeline.look import Look
from app.pipeline.pipeline import Pipeline
from app.sinks.call_camera import open_call_camera
from app.sinks.camera_backends import who_can_pick
from app.types import Source
from model.no_opengl import forgo_opengl

console = Console(stderr=True)

#: More pictures per second than calls ever show.
MOST_FPS = 60.0


def run_overlay(
    source: str,
    *,
    config: ReadingConfig,
    camera_backend: str | None,
    device: str | None,
    camera_size: tuple[int, int] | None,
    mirror: bool,
    style: DrawStyle,
    size: tuple[int, int],
    fps: float,
    seconds: float | None,
) -> None:
    """Feed the virtual camera until the source ends, ``seconds`` are over or Ctrl-C; at the source's size if not said.

    Raises:
        SourceError: the source cannot be opened, or is a file and fails while running.
        SinkError: there is no virtual camera, or it fails while running.
        ModelError: the model cannot be used.
    """
    forgo_opengl()
    classifier = load_classifier(config)
    with ExitStack() as opening:  # what was opened is closed if the next cannot be
        opened = _open(source, size, fps)
        opening.callback(opened.close)
        rate = min(MOST_FPS, opened.fps)
        camera = open_call_camera(camera_size or opened.size, rate, device=device, backend=camera_backend)
        opening.callback(camera.close)
        pipeline = Pipeline(classifier, config)
        opening.pop_all()
    runner = LiveRunner(opened, pipeline)
    runner.add_sink(camera, Look(style=style, mirror=mirror))
    width, height = camera.size
    _say(
        f"{opened.name} -> virtual camera '{camera.name}' "
        f"({camera.device}, {camera.backend}, {width}x{height} at {camera.fps:.0f} fps), "
        f"{classifier.card.name} on {classifier.provider}. "
        f"{who_can_pick(camera.backend)} can now pick '{camera.name}'. Ctrl-C stops."
    )
    started = time.monotonic()
    try:
        runner.start()
        _watch(runner, seconds)
    finally:
        status = runner.status()
        runner.stop()
    left_out = f", {status.left_out} of the source's {status.frames} left out" if status.left_out else ""
    _say(f"stopped after {time.monotonic() - started:.1f} s: {status.sent} pictures sent{left_out}")
    if opened.loss is not None:
        _say(f"warning: {opened.name}: {opened.loss}")


def _open(source: str, size: tuple[int, int], fps: float) -> Source:
    """Open the source; a camera that fails later is waited for, since a call goes on, too."""

    def open_one(spec: str) -> Source:
        return open_source(spec, width=size[0], height=size[1], fps=fps, live=True)

    if not is_camera(source):
        return open_one(source)
    return Surviving(source.strip(), open_one, on_state=lambda state: _say(state or f"{source} is back"))


def _watch(runner: LiveRunner, seconds: float | None) -> None:
    """Show the status until the runner ends or the time is over."""
    until = None if seconds is None else time.monotonic() + seconds
    with console.status("starting") as line:
        while until is None or time.monotonic() < until:
            left = 0.5 if until is None else min(0.5, max(0.0, until - time.monotonic()))
            if runner.wait(left):
                return
            line.update(_describe(runner.status()))


def _describe(status: LiveStatus) -> str:
    faces = "1 face" if status.faces == 1 else f"{status.faces} faces"
    if status.read_at_once:
        faces += f" (too many to read at once: {status.read_at_once} at a time)"
    return (
        f"{status.camera_fps:.0f} frames/s, {status.reading_fps:.0f} readings/s, {faces}, "
        f"latency {1000 * status.latency_s:.0f} ms"
    )


def _say(text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)
