"""What the window steers: one run of the pipeline at a time, and what hangs on it; knows the runner, but not Qt."""

from __future__ import annotations

import logging
import queue
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from app.pipeline.look import Look
from app.pipeline.worker import Worker
from app.settings import Settings
from app.settings.people import People
from app.types import Pixels, Sink, Source
from model.errors import AffectcamError

from . import words
from .calibrator import Calibrator
from .camera_list import CameraList
from .camera_switch import CameraSwitch
from .chosen_model import ChosenModel
from .listener import Listener
from .looks import output_look, preview_look
from .recorder import Recorder, folder_of
from .sources import Opener, is_device
from .states import Running
from .taps import FirstPicture

if TYPE_CHECKING:  # imported when they are needed, beside the window: they bring MediaPipe and ONNX Runtime
    from app.pipeline.live import LiveRunner, LiveStatus
    from app.pipeline.pipeline import Pipeline

logger = logging.getLogger(__name__)


class Session:
    """Starts and stops in a thread of its own, since a camera or a model may take seconds to open.

    Every method returns at once and may be called from any thread; :class:`Listener` hears how it went.
    """

    def __init__(self, listener: Listener, preview: Sink, settings: Settings, people: People) -> None:
        """Start the thread; nothing is opened yet.

        Args:
            listener: who hears what happens.
            preview: a sink that is part of every run.
            settings: what the user has chosen.
            people: the calibrations that are kept.
        """
        self._listener, self._preview = listener, preview
        self._settings = settings  # the newest wish; what a run has got is _applied
        self._applied = settings
        self._model = ChosenModel(listener, self._keep_model)
        self._cameras = CameraList(listener)
        self._runner: LiveRunner | None = None
        self._source: Source | None = None
        self._spec, self._run_ticket = "", 0  # of what runs
        self._asked = ("", 0)  # size and rate asked of it
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._camera = CameraSwitch(listener.on_virtual_camera, self._jobs.put)
        self._recorder = Recorder(listener.on_recording, self._jobs.put)
        self._calibrator = Calibrator(people, listener.on_calibration, self._jobs.put)
        self._reading, self._hidden, self._frozen = True, False, False
        self._opener = Opener(self._opened, self._failed, listener.on_waiting, self._jobs.put)
        self._ticket = 0  # of the newest start or stop: what an older one still opens is closed again
        self._camera.change(settings, self._output_look())
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
        self._jobs.put(self._end)
        self._jobs.put(None)

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait for the end after :meth:`close`; True if everything has ended, also what was being opened."""
        if not (self._worker.join(timeout_s) and self._opener.join(timeout_s)):
            return False
        while not self._jobs.empty():  # what was opened too late to be wanted is closed
            job = self._jobs.get()
            try:
                if job is not None:
                    job()
            except Exception as error:  # at the end there is nobody left to tell
                _log(error)
        return True

    def apply(self, settings: Settings) -> None:
        """Let what the user has chosen take effect, in what runs too."""
        self._settings = settings
        self._jobs.put(self._apply)

    def switch_camera(self, on: bool) -> None:
        """Send the pictures to a virtual camera as well, or no longer."""
        self._jobs.put(lambda: self._camera.switch(on))

    def watch_cameras(self) -> None:
        """Tell the cameras of this machine, and from then on each time that there are others."""
        self._jobs.put(self._cameras.watch)

    def look_for_cameras(self) -> None:
        """Tell the cameras of this machine."""
        self._jobs.put(self._cameras.look)

    def look_at_modes(self, spec: str) -> None:
        """Tell which resolutions and rates a source offers."""
        self._jobs.put(lambda: self._cameras.look_at_modes(spec))

    def look_at_model(self) -> None:
        """Tell what reads, or would read, the faces."""
        self._jobs.put(self._look_at_model)

    def look_for_virtual_camera(self) -> None:
        """Tell whether this machine has a virtual camera."""
        self._jobs.put(self._camera.look)

    def pause_reading(self, on: bool) -> None:
        """Let pictures pass unread, or read them again."""
        self._reading = not on
        self._jobs.put(self._take_controls)

    def hide_overlay(self, on: bool) -> None:
        """Draw nothing over the pictures, or draw again."""
        self._hidden = on
        self._jobs.put(self._take_controls)

    def freeze(self, on: bool) -> None:
        """Send the picture of this moment on and on, or go on."""
        self._frozen = on
        self._jobs.put(self._take_controls)

    def record(self, on: bool) -> None:
        """Begin a recording, or finish it."""
        self._jobs.put(lambda: self._record(on))

    def tell_recording(self) -> None:
        """Tell how long the recording is and what room is left."""
        self._jobs.put(self._recorder.tell)

    def snapshot(self) -> None:
        """Keep the next picture, as others see it, in a file."""
        self._jobs.put(self._snapshot)

    def calibrate(self, person: str) -> None:
        """Look at a neutral face for three seconds, and keep its bias under the name ``person``."""
        self._jobs.put(lambda: self._calibrator.start(person))

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
                _log(error)
                self._listener.on_trouble(words.one_line(error))

    def _failed(self, error: BaseException) -> None:
        """What was to run does not, or no longer."""
        _log(error)
        self._listener.on_failed(words.one_line(error))

    def _start(self, spec: str, ticket: int) -> None:
        self._stop()
        if ticket == self._ticket:
            self._asked = _asked(self._settings)
            self._opener.open(spec, self._settings, lambda: ticket == self._ticket)

    def _opened(self, spec: str, source: Source) -> None:
        """Read what has been opened, in the session's thread."""
        ticket = self._ticket
        if is_device(spec) and self._asked != _asked(self._settings):  # changed while it opened
            source.close()
            self._start(spec, ticket)
            return
        try:
            with ExitStack() as undo:
                undo.callback(source.close)
                runner = self._make_runner(source)
                undo.pop_all()
        except Exception as error:
            self._failed(error)
            return
        self._runner, self._source, self._spec, self._run_ticket = runner, source, spec, ticket
        if ticket != self._ticket:
            self._stop()
            return
        self._take_controls()
        runner.add_sink(self._preview, self._preview_look())
        self._listener.on_started(Running(source=source.name, size=source.size, fps=source.fps))
        self._model.tell(self._settings)
        runner.start()
        for part in (self._camera, self._recorder, self._calibrator):
            part.attach(runner, source)

    def _make_runner(self, source: Source) -> LiveRunner:
        from app.pipeline.live import LiveRunner
        from app.pipeline.pipeline import Pipeline

        classifier = self._model.ready(self._settings)
        pipeline = Pipeline(classifier, self._settings.reading)
        self._applied = self._settings
        self._equip(pipeline)
        runner = LiveRunner(source, pipeline, on_end=lambda: self._jobs.put(lambda: self._finish(runner)))
        return runner

    def _equip(self, pipeline: Pipeline) -> None:
        """Give a run what it needs besides the reading's settings; a calibration that does not fit is left out."""
        pipeline.ask_attention = self._applied.attention
        try:
            self._calibrator.equip(pipeline, self._applied.person, pipeline.classifier.card.name)
        except AffectcamError as error:
            self._listener.on_notice(words.one_line(error))

    def _stop(self) -> None:
        runner, self._runner = self._runner, None
        if runner is None:
            return
        self._recorder.stop()  # first, so that it is heard if its end is not as it should be
        try:
            runner.stop()
        except Exception as error:  # whatever broke, the user is done with it
            logger.info("failed while being stopped: %s", error)
        finally:
            self._detach()

    def _finish(self, runner: LiveRunner) -> None:
        """After the runner ended by itself."""
        if runner is not self._runner:
            return
        self._runner = None
        self._recorder.stop()
        try:
            runner.stop()  # raises what made it end
        except Exception as error:
            if self._run_ticket == self._ticket:
                self._failed(error)
            return  # or the user has gone on to something else
        finally:
            self._detach()
        self._listener.on_ended(None if self._source is None else self._source.loss)

    def _detach(self) -> None:
        for part in (self._camera, self._recorder, self._calibrator):
            part.detach()

    def _apply(self) -> None:
        runner = self._runner
        if self._model.classifier is not None:
            self._model.ready(self._settings)
        settings = self._applied = self._settings
        self._camera.change(settings, self._output_look())
        if runner is None:
            return
        runner.pipeline.change(settings.reading, self._model.classifier)
        self._equip(runner.pipeline)
        self._take_controls()
        if self._asked != _asked(settings) and is_device(self._spec) and self._run_ticket == self._ticket:
            self._start(self._spec, self._ticket)

    def _keep_model(self, model: str, backend: str) -> None:
        self._settings = replace(self._settings, model=model, backend=backend)

    def _take_controls(self) -> None:
        """Bring what runs in line with the controls and the looks."""
        output = self._output_look()
        self._camera.change(self._applied, output)
        self._recorder.change(output)
        runner = self._runner
        if runner is not None:
            runner.reading, runner.frozen = self._reading, self._frozen
            runner.set_look(self._preview, self._preview_look())

    def _preview_look(self) -> Look:
        return preview_look(self._applied, hidden=self._hidden)

    def _output_look(self) -> Look:
        return output_look(self._applied, hidden=self._hidden, reading=self._reading)

    def _record(self, on: bool) -> None:
        if on:
            self._recorder.start(self._applied, self._output_look())
        else:
            self._recorder.stop()

    def _snapshot(self) -> None:
        runner = self._runner
        if runner is None:
            self._listener.on_notice(words.NO_SNAPSHOT)
            return
        tap = FirstPicture(lambda pixels: self._jobs.put(lambda: self._keep(runner, tap, pixels)))
        runner.add_sink(tap, self._output_look())

    def _keep(self, runner: LiveRunner, tap: FirstPicture, pixels: Pixels) -> None:
        from app.sinks.snapshot import save_snapshot

        runner.remove_sink(tap)
        self._listener.on_notice(words.snapshot(save_snapshot(pixels, folder_of(self._applied))))

    def _look_at_model(self) -> None:
        self._model.ready(self._settings)
        self._model.tell(self._settings)

    def _end(self) -> None:
        self._camera.switch(False)
        self._cameras.close()


def _asked(settings: Settings) -> tuple[str, int]:
    """What is asked of a camera: size and rate."""
    return settings.capture_size, settings.capture_fps


def _log(error: BaseException) -> None:
    if not isinstance(error, AffectcamError):
        logger.error("unexpected failure in the window's session", exc_info=error)
