"""The stages in a row, for files: every frame in order, classification in batches over frames."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from app.config import ReadingConfig
from app.types import Frame, FrameResult, Reading, Track
from model.classifier import Classifier
from model.closing import Closing

from .calibrate import Calibration
from .find import Detector, open_detector
from .plan import Plan
from .read import Reader
from .track import Tracker

#: Frames whose faces are classified together.
BATCH_FRAMES = 8
#: Of frames that wait in one place: at 8K, where one has 100 MB, two or three of them.
_MOST_BYTES = 256 << 20


#: Frames with all their tracks.
Found = list[tuple[Frame, list[Track]]]


def frames_at_once(frame_bytes: int, most: int) -> int:
    """How many frames of this size may wait in one place: ``most``, or fewer where they are large, and two at least."""
    return max(2, min(most, _MOST_BYTES // max(1, frame_bytes)))


class Pipeline(Closing):
    """Detect → track → classify → smooth, for one source. A context manager: it holds a detector.

    One thread at a time may be in :meth:`find`, and another in :meth:`read`. How faces are read may be changed from any
    thread (:meth:`change`, :attr:`calibration`, :attr:`ask_attention`): it takes effect with the next :meth:`read`, and
    whole, since :meth:`find` depends on none of it.
    """

    def __init__(
        self,
        classifier: Classifier,
        config: ReadingConfig,
        *,
        detector: Detector | None = None,
        still: bool = False,
    ) -> None:
        """Load the detector.

        Args:
            classifier: what reads faces, until :meth:`change`.
            config: how they are read, likewise; how faces are found (``detect``) stays as it is here.
            detector: what finds them; the app's own if None.
            still: the source is a single picture, which the app's own detector then looks at harder.
        """
        if detector is None:
            detector = open_detector(config, still=still)
        self._detector = detector
        self._tracker = Tracker()
        self._plan = Plan(config=config, classifier=classifier)
        self._changing = threading.Lock()  # among those who change the plan; who reads takes it whole
        self._reader = Reader(self._plan)

    @property
    def config(self) -> ReadingConfig:
        """How the next frame is read."""
        return self._plan.config

    @property
    def classifier(self) -> Classifier:
        """What reads the next frame."""
        return self._plan.classifier

    @property
    def calibration(self) -> Calibration | None:
        """Applied to the main face, if it is the present model's; may be set while it runs."""
        return self._plan.calibration

    @calibration.setter
    def calibration(self, calibration: Calibration | None) -> None:
        self._exchange(calibration=calibration)

    @property
    def ask_attention(self) -> bool:
        """Whether readings are to carry attention, where the model gives it; may be set while it runs."""
        return self._plan.ask_attention

    @ask_attention.setter
    def ask_attention(self, ask_attention: bool) -> None:
        self._exchange(ask_attention=ask_attention)

    def change(self, config: ReadingConfig, classifier: Classifier | None = None) -> None:
        """Read otherwise from the next frame on.

        Tracks keep their ids. What the smoothing has seen is kept, except with another classifier, whose scores begin
        afresh. ``config.model``, ``backend`` and ``threads`` are for who loads the ``classifier``.
        """
        self._exchange(config=config, **({} if classifier is None else {"classifier": classifier}))

    def _exchange(self, **changes: Any) -> None:
        with self._changing:
            self._plan = replace(self._plan, **changes)

    def find(self, frame: Frame) -> list[Track]:
        """All tracks in the frame, the lost ones that may come back included."""
        faces = self._detector.detect(frame.pixels, frame.time_s)
        return self._tracker.update(faces, frame.time_s)

    def read(self, found: Found, *, only: frozenset[int] | None = None) -> list[tuple[Reading, ...]]:
        """The readings of each frame's visible tracks, or of its main one, as the config says.

        They are classified in one go, and smoothed in order. ``only`` these tracks, by id, and the main one.
        """
        return self._reader.read(found, self._plan, only)

    def results(self, frames: Iterable[Frame]) -> Iterator[FrameResult]:
        """Every frame with its readings, in order."""
        return self.read_all(self.find_all(frames))

    def find_all(self, frames: Iterable[Frame]) -> Iterator[Found]:
        """The tracks of every frame, in order, some frames at a time."""
        batch: list[tuple[Frame, list[Track]]] = []
        for frame in frames:
            batch.append((frame, self.find(frame)))
            if len(batch) >= frames_at_once(frame.pixels.nbytes, BATCH_FRAMES):
                yield batch
                batch = []
        if batch:
            yield batch

    def read_all(self, batches: Iterable[Found]) -> Iterator[FrameResult]:
        """What :meth:`find_all` found, read; one thread may be in each."""
        for found in batches:
            for (frame, _), readings in zip(found, self.read(found), strict=True):
                yield FrameResult(frame=frame, readings=readings)

    def close(self) -> None:
        """Release the detector; may be called twice."""
        self._detector.close()
