"""Live: three loops, so that a slow model makes labels older, not video slower.

Capture keeps only the newest frame. Analysis finds and tracks faces in the newest frame; classification runs beside it
at its own rate. Compose draws the latest readings on each frame as it comes, at most at the rate asked for, and sends
it; a frame that is late is sent again with the newest readings, so that sinks hear from a stalled source too.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace

from app.types import Frame, Reading, Sink, Source, Track

from .look import Look
from .outlets import Outlets
from .pipeline import Pipeline
from .rate import Rate
from .turns import Turns
from .worker import Slot, Worker

#: Readings older than this are no longer drawn, in seconds; on a machine that needs long for one, older by that time.
STALE_AFTER_S = 1.0
#: A frame is sent again when the next one is later than so many periods.
LATE_PERIODS = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveStatus:
    """What the runner measures while it runs."""

    camera_fps: float
    reading_fps: float  # classifications per second
    sent: int  # pictures delivered to the sinks
    faces: int
    latency_s: float  # from the frame's arrival to the sinks, of the newest frame that was sent
    frames: int  # that came from the source
    left_out: int  # of them, before the newest one that was sent: too many for this machine, or for the rate asked for
    read_at_once: int  # faces, where they are too many to be read all in time; 0: all are


class LiveRunner:
    """Runs a live source through the pipeline into sinks until it is stopped, the source ends or something fails."""

    def __init__(
        self,
        source: Source,
        pipeline: Pipeline,
        *,
        fps: float | None = None,
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        """Prepare; nothing runs yet.

        Args:
            source: a live source (a camera, or a file played in real time).
            pipeline: detector, tracker, classifier; the runner closes it.
            fps: pictures per second at most; the source's own rate if None.
            on_end: called once, from one of the runner's threads, when it ends by itself (end of source or failure).
        """
        self.reading = True  # False: pictures pass unread; may be changed while running
        self.frozen = False  # True: the picture of that moment is sent on and on; may be changed while running
        self.pipeline = pipeline
        self._source = source
        self._fps = min(60.0, max(1.0, fps or source.fps))
        self._on_end = on_end
        self._frames: Slot[Frame] = Slot()
        self._found: Slot[tuple[Frame, list[Track]]] = Slot()
        self._readings: Slot[tuple[Frame, tuple[Reading, ...]]] = Slot()
        self._stopping = threading.Event()
        self._ending = threading.Lock()
        self._outlets = Outlets()
        self._held: tuple[Frame, tuple[Reading, ...]] | None = None  # while frozen
        self._workers: list[Worker] = []
        self._camera_rate, self._reading_rate = Rate(), Rate()
        self._sent = 0
        self._newest_sent = -1  # index of the frame
        self._left_out = 0
        self._turns = Turns()
        self._latency_s = 0.0
        self._reading_s = 0.0  # how long the last reading took
        self._source_ended = threading.Event()

    def start(self) -> None:
        """Start the loops."""
        loops = {
            "capture": self._capture,
            "analyse": self._analyse,
            "classify": self._classify,
            "compose": self._compose,
        }
        self._workers = [Worker(name, work, on_failure=self._end_now) for name, work in loops.items()]
        for worker in self._workers:
            worker.start()

    def add_sink(self, sink: Sink, look: Look | None = None) -> None:
        """Open ``sink`` and feed it from the next picture on, drawn as ``look`` says.

        Raises:
            SinkError: it cannot be opened.
        """
        self._outlets.add(sink, look or Look())

    def set_look(self, sink: Sink, look: Look) -> None:
        """Let ``sink`` see the next pictures otherwise; nothing happens if it is not there."""
        self._outlets.change(sink, look)

    def remove_sink(self, sink: Sink) -> None:
        """Close ``sink``; nothing happens if it is not there."""
        self._outlets.remove(sink)

    @property
    def running(self) -> bool:
        """False once it was stopped or has ended by itself."""
        return bool(self._workers) and not self._stopping.is_set()

    @property
    def failure(self) -> BaseException | None:
        """The first exception of any loop, if one failed."""
        return next((worker.failure for worker in self._workers if worker.failure is not None), None)

    def status(self) -> LiveStatus:
        """What is measured now."""
        _, found = self._found.newest()
        return LiveStatus(
            camera_fps=self._camera_rate.per_second(),
            reading_fps=self._reading_rate.per_second(),
            sent=self._sent,
            faces=0 if found is None or not self.reading else sum(track.visible for track in found[1]),
            latency_s=self._latency_s,
            frames=self._frames.newest()[0],
            left_out=self._left_out,
            read_at_once=self._turns.at_once if self.reading else 0,
        )

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until it ends; True if it has ended."""
        return self._stopping.wait(timeout_s)

    def stop(self) -> None:
        """Stop the loops, join their threads, close sinks, pipeline and source; may be called twice.

        Everything is closed, whatever of it fails.

        Raises:
            Exception: the original one, if a loop failed; else what went wrong in closing.
        """
        self._stopping.set()
        self._close_slots()
        workers = self._workers
        try:
            with ExitStack() as closing:
                closing.callback(self._outlets.close)
                closing.callback(self.pipeline.close)
                try:
                    self._source.close()
                finally:
                    self._join(workers, closing)
        finally:
            failure, self._workers = self.failure, []
            if failure is not None:
                raise failure

    @staticmethod
    def _join(workers: list[Worker], closing: ExitStack) -> None:
        try:
            for worker in workers:
                worker.join()
        except BaseException:  # a second Ctrl-C: closing under the feet of a loop that still runs could crash
            closing.pop_all()
            raise

    def _end_now(self) -> None:
        with self._ending:  # two loops may fail at once
            already = self._stopping.is_set()
            self._stopping.set()
        self._close_slots()
        if not already:
            self._on_end()

    def _close_slots(self) -> None:
        for slot in (self._frames, self._found, self._readings):
            slot.close()

    def _capture(self) -> None:
        if self._stopping.is_set():  # stopped while it was being started: the source is closed already
            return
        for frame in self._source:
            if self._stopping.is_set():
                return
            self._camera_rate.count()
            self._frames.put(frame)
        self._source_ended.set()
        if self._frames.newest()[1] is None:  # nothing to wait for
            self._end_now()

    def _analyse(self) -> None:
        version = 0
        while (newest := self._frames.wait_newer(version)) is not None:
            version, frame = newest
            if self.reading:
                self._found.put((frame, self.pipeline.find(frame)))

    def _classify(self) -> None:
        version = 0
        while (newest := self._found.wait_newer(version)) is not None:
            version, (frame, tracks) = newest
            began_s = time.monotonic()
            only = self._turns.choose(tracks, self.pipeline.config.faces)
            readings = self.pipeline.read([(frame, tracks)], only=only)[0]
            self._reading_s = time.monotonic() - began_s
            self._readings.put((frame, tuple(self._turns.read(readings, tracks, frame.time_s, self._reading_s))))
            self._reading_rate.count()

    def _compose(self) -> None:
        version, period_s = 0, 1.0 / self._fps
        if self._frames.wait_newer(0) is None:
            return
        # A camera's pictures come early and late, and its rate is a little more or less than it says: each is sent
        # when it comes, unless several come at once, or the source is much quicker than the rate asked for.
        early_s, least_s = 0.5 * period_s, 0.97 * period_s
        due_s = time.monotonic()
        while not self._stopping.wait(max(0.0, due_s - early_s - time.monotonic())):
            newest = self._frames.wait_newer(version, timeout_s=LATE_PERIODS * period_s)
            ended = self._source_ended.is_set() and self._caught_up()
            if newest is not None:
                version = newest[0]
            self._send()
            if ended:
                self._end_now()
                return
            due_s = max(due_s + least_s, time.monotonic())

    def _caught_up(self) -> bool:
        """True when the last frame of an ended source has been read (or the reading is a second late)."""
        _, frame = self._frames.newest()
        _, read = self._readings.newest()
        return frame is None or (read is not None and (read[0] is frame or frame.time_s - read[0].time_s > 1.0))

    def _send(self) -> None:
        _, frame = self._frames.newest()
        if frame is None:
            return
        readings = self._current_readings(frame)
        if not self.frozen:
            self._held = None
        elif self._held is None:
            self._held = frame, readings
        if self._held is not None:  # the held picture with the time going on: a frozen picture is no stalled source
            held, readings = self._held
            self._outlets.send(replace(held, time_s=frame.time_s, index=frame.index), readings)
        else:
            self._outlets.send(frame, readings)
        if frame.index != self._newest_sent:  # a frame sent again is old by intent
            self._left_out += max(0, frame.index - self._newest_sent - 1)
            self._newest_sent = frame.index
            self._latency_s = max(0.0, time.monotonic() - frame.time_s)
        self._sent += 1

    def _is_stale(self, frame: Frame, read: Frame) -> bool:
        """Whether what was read in ``read`` says too little about ``frame``: the next reading should long be there."""
        return frame.time_s - read.time_s > STALE_AFTER_S + 2 * self._reading_s

    def _current_readings(self, frame: Frame) -> tuple[Reading, ...]:
        """The latest readings, with the boxes of the latest detection."""
        _, read = self._readings.newest()
        _, found = self._found.newest()
        if not self.reading or read is None or found is None or self._is_stale(frame, read[0]):
            return ()
        visible = {track.id: track.face for track in found[1] if track.visible}
        return tuple(replace(reading, face=visible[reading.track]) for reading in read[1] if reading.track in visible)
