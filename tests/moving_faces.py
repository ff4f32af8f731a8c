"""Scenes in which a real face (NASA's picture of Eileen Collins, public domain) moves as faces before cameras do."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import cv2
import numpy as np
import skimage.data
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

WIDTH, HEIGHT = 640, 480
HEAD = (225.0, 122.0)  # the middle of the face in the astronaut's picture
FACE_SIDE = 103.0  # of its box there, in pixels


class Stage:
    """A background on which faces are put."""

    def __init__(self, background: str = "rocket", *, width: int = WIDTH, height: int = HEIGHT) -> None:
        picture = getattr(skimage.data, background)()[:, :, ::-1]
        self.plain = np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
        self._face = np.ascontiguousarray(skimage.data.astronaut()[:, :, ::-1])
        rows, columns = np.mgrid[: self._face.shape[0], : self._face.shape[1]]
        away = np.hypot((columns - HEAD[0]) / 80, (rows - HEAD[1]) / 105)
        self._mask = np.clip((1.15 - away) / 0.15, 0, 1).astype(np.float32)

    def put(
        self, frame: Pixels, x: float, y: float, side: float, *, roll: float = 0.0, mirrored: bool = False
    ) -> Pixels:
        """``frame`` with a face of ``side`` pixels around ``(x, y)``, turned by ``roll`` degrees."""
        zoom = side / FACE_SIDE
        matrix = cv2.getRotationMatrix2D(HEAD, roll, zoom)
        if mirrored:
            matrix = matrix @ np.array([[-1, 0, 2 * HEAD[0]], [0, 1, 0], [0, 0, 1]])
        matrix[:, 2] += np.array((x, y)) - HEAD
        size = (frame.shape[1], frame.shape[0])
        flags = cv2.INTER_AREA if zoom < 1 else cv2.INTER_LINEAR
        face = cv2.warpAffine(self._face, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
        mask = cv2.warpAffine(self._mask, matrix, size)[..., None]
        return np.asarray(frame * (1 - mask) + face * mask, np.uint8)


def _noisy(frames: Iterator[Pixels]) -> Iterator[Pixels]:
    """With a camera's grain, which is cut out of one large piece at another place each time."""
    rng, most = np.random.default_rng(0), 64
    grain: NDArray[np.int16] | None = None
    for frame in frames:
        height, width, _ = frame.shape
        if grain is None:
            grain = np.rint(rng.normal(0, 2, (height + most, width + most, 3))).astype(np.int16)
        down, right = rng.integers(0, most, 2)
        yield np.clip(frame + grain[down : down + height, right : right + width], 0, 255).astype(np.uint8)


def _each(fps: float, seconds: float, draw: Callable[[float], Pixels]) -> Iterator[Pixels]:
    return _noisy(draw(index / fps) for index in range(round(fps * seconds)))


def scene(name: str, *, fps: float = 30.0) -> list[tuple[Pixels, float]]:
    """The frames of one of :data:`SCENES`, with their times in seconds."""
    return [(frame, index / fps) for index, frame in enumerate(SCENES[name](fps))]


def _still(fps: float) -> Iterator[Pixels]:
    stage = Stage()
    return _each(fps, 2, lambda _: stage.put(stage.plain, 320, 240, 130))


def _shaken_head(fps: float) -> Iterator[Pixels]:
    stage = Stage()
    return _each(fps, 3, lambda t: stage.put(stage.plain, 320 + 90 * math.sin(4 * math.pi * t), 240, 130))


def _zoomed(fps: float) -> Iterator[Pixels]:
    stage = Stage()
    return _each(fps, 3, lambda t: stage.put(stage.plain, 320, 240, 150 - 80 * math.cos(math.pi * t)))


def _rolled(fps: float) -> Iterator[Pixels]:
    stage = Stage()
    return _each(fps, 3, lambda t: stage.put(stage.plain, 320, 240, 130, roll=30 * math.sin(2 * math.pi * t)))


def _covered(fps: float) -> Iterator[Pixels]:
    stage, board = Stage(), np.ascontiguousarray(skimage.data.coffee()[:300, :220, ::-1])

    def draw(t: float) -> Pixels:
        frame = stage.put(stage.plain, 320, 240, 130)
        # A board that comes from the left within half a second, stays before the face and goes.
        left = round(np.interp(t, [0.5, 1.0, 1.6, 2.1], [-230, 210, 210, 650]))
        first, last = max(0, left), min(WIDTH, left + 220)
        if last > first:
            frame[90:390, first:last] = board[:, first - left : last - left]
        return frame

    return _each(fps, 2.6, draw)


def _cut_away(fps: float) -> Iterator[Pixels]:
    stage = Stage()
    other = Stage("coffee").plain
    return _each(fps, 2, lambda t: stage.put(stage.plain, 320, 240, 130) if t < 0.95 else other)


def _cut_elsewhere(fps: float) -> Iterator[Pixels]:
    one, other = Stage(), Stage("coffee")

    def draw(t: float) -> Pixels:
        return one.put(one.plain, 200, 200, 120) if t < 0.95 else other.put(other.plain, 450, 280, 150, mirrored=True)

    return _each(fps, 2, draw)


def _comes_and_goes(fps: float) -> Iterator[Pixels]:
    stage = Stage()
    return _each(
        fps, 4, lambda t: stage.put(stage.plain, np.interp(t, [0, 1.5, 2.5, 4], [-150, 320, 320, 790]), 240, 130)
    )


def _second_comes(fps: float) -> Iterator[Pixels]:
    stage = Stage()

    def draw(t: float) -> Pixels:
        frame = stage.put(stage.plain, 200, 240, 130)
        x = np.interp(t, [0.4, 1.4, 2, 3], [790, 470, 470, 790])
        return stage.put(frame, x, 220, 110, mirrored=True)

    return _each(fps, 3.4, draw)


def _crossing(fps: float) -> Iterator[Pixels]:
    stage = Stage()

    def draw(t: float) -> Pixels:
        frame = stage.put(stage.plain, np.interp(t, [0.3, 2.3], [520, 120]), 230, 105, mirrored=True)
        return stage.put(frame, np.interp(t, [0.3, 2.3], [120, 520]), 250, 130)

    return _each(fps, 2.6, draw)


def _shaken_camera(fps: float) -> Iterator[Pixels]:
    stage = Stage()
    rng = np.random.default_rng(1)

    def draw(_: float) -> Pixels:
        right, down = rng.normal(0, 6, 2)
        matrix = np.array([[1, 0, right], [0, 1, down]])
        frame = stage.put(stage.plain, 320, 240, 130)
        return np.asarray(cv2.warpAffine(frame, matrix, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT), np.uint8)

    return _each(fps, 2, draw)


def _flickering(fps: float) -> Iterator[Pixels]:
    stage = Stage()

    def draw(t: float) -> Pixels:
        light = 0.75 + 0.25 * math.sin(20 * math.pi * t + 0.5)
        return np.asarray(stage.put(stage.plain, 320 + 20 * t, 240, 130) * light, np.uint8)

    return _each(fps, 2, draw)


SCENES: dict[str, Callable[[float], Iterator[Pixels]]] = {
    "still": _still,
    "head shaken": _shaken_head,
    "near and far": _zoomed,
    "head rolled": _rolled,
    "covered": _covered,
    "cut away": _cut_away,
    "cut elsewhere": _cut_elsewhere,
    "comes and goes": _comes_and_goes,
    "a second one comes": _second_comes,
    "two cross": _crossing,
    "camera shaken": _shaken_camera,
    "light flickers": _flickering,
}
