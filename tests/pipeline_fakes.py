"""Stand-ins for a camera, a detector and a classifier, where a test is about what lies between them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import numpy as np

from app.types import Face, Frame, FrameResult
from model.card import ModelCard
from model.classifier import Prediction

BOX = (16.0, 12.0, 40.0, 36.0)
CARD = ModelCard(name="fake", architecture="compact", input_size=48, colour="gray", mean=(0.5,), std=(0.5,))


class FixedDetector:
    """Finds one face in the same place in every picture; may be slow or fail at a given picture."""

    def __init__(self, *, box=BOX, delay_s: float = 0.0, fail_at: int | None = None) -> None:
        self.box, self.delay_s, self.fail_at = box, delay_s, fail_at
        self.seen = 0
        self.closed = 0

    def detect(self, pixels, time_s):
        if self.seen == self.fail_at:
            raise RuntimeError("the detector broke")
        self.seen += 1
        time.sleep(self.delay_s)
        if self.box is None:
            return []
        return [Face(box=self.box, score=0.9, keypoints=np.zeros((6, 2), np.float32))]

    def close(self) -> None:
        self.closed += 1


class BrightnessClassifier:
    """Bright crops are happy, dark ones sad; may be slow."""

    card = CARD
    provider = "FakeProvider"

    def __init__(self, *, delay_s: float = 0.0) -> None:
        self.delay_s = delay_s
        self.batches: list[int] = []

    def read(self, crops):
        time.sleep(self.delay_s)
        self.batches.append(len(crops))
        scores = np.full((len(crops), 8), 0.02, np.float32)
        for place, crop in enumerate(crops):
            scores[place, 1 if crop.mean() > 127 else 2] = 0.86
        return Prediction(scores=scores, valence_arousal=np.zeros((len(crops), 2), np.float32))


class FrameList:
    """A source of given pictures, as a file or, with ``live``, in real time without an end."""

    frame_count = None
    name = "pictures"
    loss: str | None = None

    def __init__(self, pictures, *, fps: float = 30.0, live: bool = False, endless: bool = False) -> None:
        self.pictures, self.fps, self.live, self.endless = pictures, fps, live, endless
        height, width = pictures[0].shape[:2]
        self.size = (width, height)
        self.closed = threading.Event()

    def __iter__(self) -> Iterator[Frame]:
        index = 0
        while not self.closed.is_set():
            for pixels in self.pictures:
                if self.live and self.closed.wait(1 / self.fps):
                    return
                time_s = time.monotonic() if self.live else index / self.fps
                yield Frame(pixels=pixels, time_s=time_s, index=index)
                index += 1
            if not self.endless:
                return

    def close(self) -> None:
        self.closed.set()


class ListSink:
    """Keeps every result; may fail at one."""

    def __init__(self, *, needs_drawing: bool = True, fail_at: int | None = None) -> None:
        self.needs_drawing, self.fail_at = needs_drawing, fail_at
        self.results: list[FrameResult] = []
        self.opened, self.left = 0, []

    def write(self, result: FrameResult) -> None:
        if len(self.results) == self.fail_at:
            raise OSError("the sink broke")
        self.results.append(result)

    def __enter__(self):
        self.opened += 1
        return self

    def __exit__(self, kind, error, trace) -> None:
        self.left.append(kind)
