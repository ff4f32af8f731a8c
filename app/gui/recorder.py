"""The recording beside the preview: begins when it is pressed, ends with the run or with the disk."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.pipeline.look import Look
from app.settings import Settings
from app.settings.place import videos_folder
from app.types import Source
from model.errors import AffectcamError

from . import words
from .guarded import Guarded
from .states import RecordingState

if TYPE_CHECKING:
    from app.pipeline.live import LiveRunner
    from app.sinks.recording import Recording


class Recorder:
    """Records a run into a file, in the session's thread, where all methods run."""

    def __init__(self, tell: Callable[[RecordingState], None], later: Callable[[Callable[[], None]], None]) -> None:
        """Begin without a recording.

        Args:
            tell: told how it is.
            later: runs something in the session's thread.
        """
        self._tell, self._later = tell, later
        self._run: tuple[LiveRunner, Source] | None = None
        self._recording: Recording | None = None
        self._guard: Guarded | None = None
        self._problem = ""  # of the present recording

    @property
    def on(self) -> bool:
        """Whether something is being recorded."""
        return self._recording is not None

    def attach(self, runner: LiveRunner, source: Source) -> None:
        """A run has begun."""
        self._run = (runner, source)

    def detach(self) -> None:
        """The run has ended; its runner has finished the file."""
        self._run = None
        self._finish("")

    def start(self, settings: Settings, look: Look) -> None:
        """Begin a file; with nothing running there is nothing to record, and that is said.

        Raises:
            SinkError: the file cannot be made.
        """
        from app.sinks.recording import Recording

        if self._run is None or self._recording is not None:
            self._tell(RecordingState(on=self.on, words=words.NOTHING_TO_RECORD if self._run is None else ""))
            return
        runner, source = self._run
        try:
            recording = Recording(
                folder_of(settings),
                size=source.size,
                fps=source.fps,
                drawn=settings.record_drawn,
                table=settings.record_table,
            )
            guard = Guarded(recording, lambda error: self._note(guard, error))
            runner.add_sink(guard, look)
        except AffectcamError as error:
            self._tell(RecordingState(on=False, words=words.one_line(error)))
            raise
        self._recording, self._guard, self._problem = recording, guard, ""
        self.tell()

    def stop(self) -> None:
        """Finish the file; nothing happens if there is none."""
        guard = self._guard
        if guard is not None and self._run is not None:
            try:
                self._run[0].remove_sink(guard)
            except AffectcamError as error:
                self._finish(words.one_line(error))
                return
        self._finish("")

    def change(self, look: Look) -> None:
        """Draw otherwise from the next picture on."""
        if self._run is not None and self._guard is not None:
            self._run[0].set_look(self._guard, look)

    def tell(self) -> None:
        """Tell how long it is and how much room is left."""
        if self._recording is None:
            return
        from app.sinks.disk_space import free_space

        recording = self._recording
        room = free_space(recording.path.parent)
        self._tell(RecordingState(on=True, words=words.recording(recording.seconds, room), path=recording.path))

    def _note(self, guard: Guarded, error: AffectcamError) -> None:
        """In the run's thread: keep why it failed, also for an end that comes before it can be told."""
        self._problem = words.one_line(error)
        self._later(lambda: self._fail(guard, error))

    def _fail(self, guard: Guarded, error: AffectcamError) -> None:
        if guard is not self._guard:
            return
        if self._run is not None:
            with contextlib.suppress(AffectcamError):  # it has said why already
                self._run[0].remove_sink(guard)
        self._finish(words.one_line(error))

    def _finish(self, problem: str) -> None:
        recording, self._recording, self._guard = self._recording, None, None
        if recording is None:
            return
        problem = problem or self._problem
        kept = words.recorded(recording.seconds, recording.path) if recording.path.exists() else words.NOTHING_RECORDED
        text = f"{problem}; {kept}" if problem else kept
        self._tell(RecordingState(on=False, words=text, path=recording.path))


def folder_of(settings: Settings) -> Path:
    """Where recordings and snapshots go."""
    chosen = settings.record_folder.strip()
    return Path(chosen).expanduser() if chosen else videos_folder()
