"""What the window steers: one run of the pipeline at a time, and the virtual camera; knows the runner, but not Qt."""

from __future__ import annotations

import logging
import queue
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from app.config import ReadingConfig
from app.pipeline.draw import Drawer, DrawStyle
from app.pipeline.worker import Worker
from app.types import Sink, Source
from model.errors import AffectcamError

from . import words
from .camera_switch import CameraSwitch

if TYPE_CHECKING:  # imported when they are needed, beside the window: they bring MediaPipe and ONNX Runtime
    from app.capture.cameras import CameraInfo
    from app.pipeline.live import LiveRunner, LiveStatus
    from model.classifier import Classifier

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """What has been started."""

    source: str  # the source's own name
    model: str  # its name, as its card says
    provider: str  # what it really runs on


class Listener(Protocol):
    """Who is told what happens; called in the session's thread."""

    def on_cameras(self, cameras: list[CameraInfo]) -> None:
        """The cameras of this machine."""

    def on_started(self, running: Running) -> None:
        """The source is open; pictures follow."""

    def on_ended(self, loss: str | None) -> None:
        """The source came to its end by itself; what of it could not be read."""

    def on_failed(self, message: str) -> None:
        """Starting or running failed; one line."""

    def on_virtual_camera(self, state: str, on: bool) -> None:
        """The state of the virtual camera, in words, and whether it is switched on."""


class Session:
    """Starts and stops in a thread of its own, since a camera or a model may take seconds to open.

    Every method returns at once and may be called from any thread; :class:`Listener` hears how it went.
    """

    def __init__(self, listener: Listener, preview: Sink, config: ReadingConfig) -> None:
        """Start the thread; nothing is opened yet.

        Args:
            listener: who hears what happens.
            preview: a sink that is part of every run.
            config: how faces are read.
        """
        self._listener, self._preview, self._config = listener, preview, config
        self._classifier: Classifier | None = None  # loaded once
        self._runner: LiveRunner | None = None
        self._source: Source | None = None
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._camera = CameraSwitch(listener.on_virtual_camera, self._jobs.put)
        self._mirror = False
        self._style = DrawStyle()
        self._ticket = 0  # of the newest start or stop: what an older one still opens is closed again
        self._worker = Worker("window", self._work, on_failure=lambda: None)
        self._worker.start()

    def start(self, spec: str) -> None:
        """Stop what runs, and start on the source that ``spec`` names (see :func:`app.capture.open.open_source`)."""
        ticket = self._new_ticket()
        self._jobs.put(lambda: self._start(spec, ticket))

    def stop(self) -> None:
        """Stop what runs, or give up what is being opened."""
        self._new_ticket()
        self._jobs.put(self._stop)

    def close(self) -> None:
        """Stop what runs, and end the thread."""
        self.stop()
        self._jobs.put(None)

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait for the end after :meth:`close`; True if everything has ended."""
        return self._worker.join(timeout_s)

    def switch_camera(self, on: bool) -> None:
        """Send the pictures to a virtual camera as well, or no longer."""
        self._jobs.put(lambda: self._camera.switch(on))

    def look_for_cameras(self) -> None:
        """Tell the cameras of this machine."""
        self._jobs.put(self._look_for_cameras)

    def look_for_virtual_camera(self) -> None:
        """Tell whether this machine has a virtual camera."""
        self._jobs.put(self._camera.look)

    def mirror(self, on: bool) -> None:
        """Flip the pictures left to right, or not; the text stays readable."""
        self._mirror = on
        runner = self._runner
        if runner is not None:
            runner.mirror = on

    def show_bars(self, on: bool) -> None:
        """Draw all eight scores beside each face, or the label alone."""
        self._style = DrawStyle(bars=on)
        runner = self._runner
        if runner is not None:
            runner.drawer = Drawer(self._style)

    def status(self) -> LiveStatus | None:
        """What is measured now; None when nothing runs."""
        runner = self._runner
        return None if runner is None else runner.status()

    def _new_ticket(self) -> int:
        self._ticket += 1
        return self._ticket

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                job()
            except Exception as error:
                if not isinstance(error, AffectcamError):
                    logger.exception("unexpected failure in the window's session")
                self._listener.on_failed(words.one_line(error))

    def _start(self, spec: str, ticket: int) -> None:
        self._stop()
        if ticket != self._ticket:
            return
        try:
            runner, source, running = self._open(spec)
        except AffectcamError:
            if ticket == self._ticket:
                raise
            return  # given up in the meantime: nobody wants to hear why it would have failed
        self._runner, self._source = runner, source
        if ticket != self._ticket:
            self._stop()
            return
        runner.add_sink(self._preview)
        self._listener.on_started(running)
        runner.start()
        self._camera.attach(runner, source)

    def _open(self, spec: str) -> tuple[LiveRunner, Source, Running]:
        from app.capture.open import open_source
        from app.pipeline.live import LiveRunner
        from app.pipeline.pipeline import Pipeline

        config = self._config
        source = open_source(spec, live=True)
        with ExitStack() as undo:
            undo.callback(source.close)
            if self._classifier is None:
                from model.classifier import Classifier

                self._classifier = Classifier.load(config.model, backend=config.backend, threads=config.threads)
            runner = LiveRunner(
                source,
                Pipeline(self._classifier, config),
                mirror=self._mirror,
                drawer=Drawer(self._style),
                on_end=lambda: self._jobs.put(lambda: self._finish(runner)),
            )
            undo.pop_all()
        classifier = self._classifier
        return runner, source, Running(source=source.name, model=classifier.card.name, provider=classifier.provider)

    def _stop(self) -> None:
        runner, self._runner = self._runner, None
        if runner is None:
            return
        try:
            runner.stop()
        except Exception as error:  # whatever broke, the user is done with it
            logger.info("failed while being stopped: %s", error)
        finally:
            self._camera.detach()

    def _finish(self, runner: LiveRunner) -> None:
        """After the runner ended by itself."""
        if runner is not self._runner:
            return
        self._runner = None
        try:
            runner.stop()  # raises what made it end
        finally:
            self._camera.detach()
        self._listener.on_ended(None if self._source is None else self._source.loss)

    def _look_for_cameras(self) -> None:
        from app.capture.cameras import list_cameras

        try:
            cameras = list_cameras()
        except AffectcamError as error:
            logger.info("%s", error)
            cameras = []
        self._listener.on_cameras(cameras)
