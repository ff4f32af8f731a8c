"""The calibration to one's own face: three neutral seconds in a run, then kept under a name and applied."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from app.settings.people import People
from app.types import FrameResult, Source
from model.errors import AffectcamError

from . import words
from .states import CalibrationState
from .taps import Tap

if TYPE_CHECKING:
    from app.pipeline.calibrate import Calibration, CalibrationRun
    from app.pipeline.live import LiveRunner
    from app.pipeline.pipeline import Pipeline


class Calibrator:
    """Watches a neutral face, in the session's thread, where all methods run."""

    def __init__(
        self,
        people: People,
        tell: Callable[[CalibrationState], None],
        later: Callable[[Callable[[], None]], None],
    ) -> None:
        """Begin without.

        Args:
            people: where calibrations are kept.
            tell: told how it goes.
            later: runs something in the session's thread.
        """
        self._tell, self._later = tell, later
        self._people = people
        self._runner: LiveRunner | None = None
        self._tap: Tap | None = None
        self._person = ""
        self._before: Calibration | None = None  # what was applied before the present one began
        self._equipped: tuple[str, str] | None = None  # whose, for which model

    def attach(self, runner: LiveRunner, _source: Source) -> None:
        """A run has begun."""
        self._runner = runner

    def detach(self) -> None:
        """The run has ended."""
        self._runner = None
        self._equipped = None
        if self._tap is not None:
            self._tap = None
            self._tell(CalibrationState(progress=0.0, words=words.NOTHING_TO_CALIBRATE, done=True))

    def equip(self, pipeline: Pipeline, person: str, model: str) -> None:
        """Apply a person's calibration for a model to a run; the empty name: none.

        Raises:
            ConfigError: it cannot be used; the run goes on without.
        """
        if self._tap is not None or self._equipped == (person, model):
            return
        self._equipped = (person, model)
        pipeline.calibration = None
        if person:
            pipeline.calibration = self._people.load(person, model)

    def start(self, person: str) -> None:
        """Watch the main face of the present run, and keep what comes out under a name."""
        from app.pipeline.calibrate import CalibrationRun

        runner = self._runner
        if runner is None:
            self._tell(CalibrationState(progress=0.0, words=words.NOTHING_TO_CALIBRATE, done=True))
            return
        if self._tap is not None:
            return
        self._before, runner.pipeline.calibration = runner.pipeline.calibration, None  # the plain reading is measured
        self._equipped = None
        watch = CalibrationRun(model=runner.pipeline.classifier.card.name)
        self._person = person
        told = 0.0

        def take(result: FrameResult) -> None:  # in the run's thread
            nonlocal told
            if watch.done:
                return
            reading = next((each for each in result.readings if each.main), None)
            watch.add(result.frame.time_s, None if reading is None else reading.scores)
            if watch.progress >= 1:
                self._later(lambda: self._finish(runner, watch))
            elif watch.progress - told > 0.02:
                told = watch.progress
                self._tell(CalibrationState(progress=told, words=words.CALIBRATE_NOW))

        self._tap = Tap(take)
        self._tell(CalibrationState(progress=0.0, words=words.CALIBRATE_NOW))
        runner.add_sink(self._tap)

    def _finish(self, runner: LiveRunner, watch: CalibrationRun) -> None:
        if self._tap is None or runner is not self._runner:
            return
        before, tap, self._tap = self._before, self._tap, None
        runner.remove_sink(tap)
        try:
            calibration = watch.result()
            self._people.save(self._person, calibration)
        except AffectcamError as error:
            runner.pipeline.calibration = before
            self._tell(CalibrationState(progress=1.0, words=words.one_line(error), done=True))
            return
        runner.pipeline.calibration = calibration
        self._equipped = (self._person, calibration.model)
        self._tell(CalibrationState(progress=1.0, words=words.calibrated(self._person), done=True, person=self._person))
