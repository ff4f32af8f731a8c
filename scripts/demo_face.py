"""The face of the demo clip: cut out of the photograph, and bent into other expressions by moving its pixels.

All places are pixels of the photograph ``skimage.data.astronaut()`` (Eileen Collins; NASA, public domain), 512x512.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]

#: The sprite has this many pixels per pixel of the photograph, so that a face near the camera is not coarse.
FINE = 3

#: Centre of the face, between eyes and mouth.
CENTRE = (224.0, 122.0)

_MOUTH_X, _MOUTH_HALF = 224.5, 21.0
_CORNERS = ((204.0, 140.5), (245.0, 139.5))
_BROWS = ((201.0, 91.0), (251.0, 93.5))
_INNER_BROWS = ((212.0, 93.0), (239.0, 94.0))
_EYES = ((203.0, 101.5), (247.5, 103.5))
_CHIN_Y, _NECK_Y = 178.0, 205.0
_DARK = (28, 18, 58)  # inside an open mouth, BGR


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """How far the parts of the face are moved from the photograph's broad smile; 0 is the photograph."""

    close: float = 0.0  # 0 to 1: lips over the teeth
    open: float = 0.0  # 0 to 1: the jaw drops
    corners_down: float = 0.0  # -1 to 1: corners of the mouth
    narrow: float = 0.0  # 0 to 1: the mouth from side to side
    brows_up: float = 0.0  # -1 to 1: brows and upper lids
    inner_up: float = 0.0  # -1 to 1: the inner ends of the brows; negative is a frown
    eyes_wide: float = 0.0  # -1 to 1

    def towards(self, other: Expression, share: float) -> Expression:
        """The expression between this one (share 0) and ``other`` (share 1)."""
        mixed = {f.name: (1 - share) * getattr(self, f.name) + share * getattr(other, f.name) for f in fields(self)}
        return Expression(**mixed)


HAPPY = Expression()
NEUTRAL = Expression(close=1.0, corners_down=0.45, narrow=0.25)
SURPRISED = Expression(open=1.0, corners_down=0.4, narrow=0.75, brows_up=1.0, inner_up=0.3, eyes_wide=0.55)
SAD = Expression(close=1.0, corners_down=1.0, narrow=0.3, brows_up=-0.1, inner_up=1.0, eyes_wide=-0.4)
ANGRY = Expression(close=1.0, corners_down=0.75, narrow=0.35, brows_up=-0.7, inner_up=-1.0, eyes_wide=-0.1)


def cut_out(photograph: Pixels) -> tuple[Pixels, Floats]:
    """The photograph enlarged by ``FINE``, and how much each of its pixels belongs to the person, 0 to 1."""
    cv2.setRNGSeed(0)
    mask = np.full(photograph.shape[:2], cv2.GC_PR_BGD, np.uint8)
    mask[:, 330:][:330] = cv2.GC_BGD  # the shuttle and its stand
    mask[:15] = mask[:100, :150] = mask[:100, 305:] = cv2.GC_BGD
    mask[:200, :100] = mask[:380, :20] = cv2.GC_BGD  # the flag
    flag = np.array([(0, 370), (21, 380), (24, 430), (34, 511), (0, 511)])
    person = np.array([(160, 30), (285, 30), (295, 90), (270, 130), (262, 165), (300, 245), (350, 300), (360, 350)])
    person = np.vstack([person, [(490, 350), (500, 511), (25, 511), (45, 300), (120, 215), (125, 170), (175, 140)]])
    cv2.fillPoly(mask, [person.astype(np.int32)], cv2.GC_PR_FGD)
    sure = np.array([(175, 45), (270, 45), (285, 90), (255, 170), (285, 260), (330, 320), (340, 511), (60, 511)])
    sure = np.vstack([sure, [(60, 300), (140, 240), (190, 170), (165, 90)]])
    cv2.fillPoly(mask, [sure.astype(np.int32)], cv2.GC_FGD)
    sleeve = np.array([(50, 275), (32, 330), (27, 400), (60, 400), (60, 275)])
    cv2.fillPoly(mask, [sleeve.astype(np.int32)], cv2.GC_FGD)
    cv2.circle(mask, (390, 455), 95, cv2.GC_FGD, -1)  # the helmet
    cv2.fillPoly(mask, [flag.astype(np.int32)], cv2.GC_BGD)
    cv2.grabCut(photograph, mask, None, np.zeros((1, 65)), np.zeros((1, 65)), 8, cv2.GC_INIT_WITH_MASK)
    inside = ((mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD)).astype(np.uint8)
    inside = cv2.morphologyEx(inside, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    _, parts, sizes, _ = cv2.connectedComponentsWithStats(inside)
    largest = 1 + int(np.argmax(sizes[1:, cv2.CC_STAT_AREA]))
    inside = (parts == largest).astype(np.float32)
    # Half a pixel inwards and soft: no rim of the old background.
    soft = np.clip(cv2.GaussianBlur(inside, (0, 0), 1.3) * 2.2 - 1.0, 0, 1)
    size = (photograph.shape[1] * FINE, photograph.shape[0] * FINE)
    return cv2.resize(photograph, size, interpolation=cv2.INTER_LANCZOS4), cv2.resize(soft, size)


def express(sprite: Pixels, expression: Expression) -> Pixels:
    """The enlarged photograph with another expression on its face."""
    x0, y0, x1, y1 = 165, 75, 285, 215  # what moves lies within
    x, y = np.meshgrid(np.arange(x0, x1, 1 / FINE, dtype=np.float32), np.arange(y0, y1, 1 / FINE, dtype=np.float32))
    from_x, from_y = _upper_face(x, y, expression)
    from_x, from_y, gap = _lower_face(from_x, from_y, expression)
    moved = cv2.remap(sprite, from_x * FINE, from_y * FINE, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    gap = cv2.GaussianBlur(gap, (0, 0), 0.7 * FINE)[:, :, None]
    moved = moved * (1 - gap) + np.array(_DARK, np.float32) * gap
    result = sprite.copy()
    result[y0 * FINE : y1 * FINE, x0 * FINE : x1 * FINE] = np.clip(moved, 0, 255).astype(np.uint8)
    return result


def _bump(x: Floats, y: Floats, at: tuple[float, float], wide: float, high: float) -> Floats:
    return np.exp(-(((x - at[0]) / wide) ** 2 + ((y - at[1]) / high) ** 2))


def _upper_face(x: Floats, y: Floats, e: Expression) -> tuple[Floats, Floats]:
    """Where in the photograph the pixels (x, y) of the upper face come from."""
    from_x, from_y = x.copy(), y.copy()
    for at in _BROWS:
        from_y += 4.5 * e.brows_up * _bump(x, y, at, 17, 8)
    for at, inwards in zip(_INNER_BROWS, (1, -1), strict=True):
        from_y += 4.0 * e.inner_up * _bump(x, y, at, 9, 8)
        from_x -= 2.5 * max(0.0, -e.inner_up) * inwards * _bump(x, y, at, 9, 8)
    for at in _EYES:
        near = _bump(x, y, at, 12, 8)
        from_y -= (y - at[1]) * 0.35 * e.eyes_wide * near
    return from_x, from_y


def _lower_face(x: Floats, y: Floats, e: Expression) -> tuple[Floats, Floats, Floats]:
    """Where in the photograph the pixels (x, y) of the lower face come from, and which lie in the open mouth."""
    from_x = x + 0.4 * e.narrow * (x - _MOUTH_X) * _bump(x, y, (_MOUTH_X, 149), 32, 20)
    from_y = y.copy()
    for at in _CORNERS:
        at = (at[0] + (_MOUTH_X - at[0]) * 0.3 * e.narrow, at[1] + 2.0)
        from_y -= 6.0 * e.corners_down * _bump(x, y, at, 9, 10)
    # Lips: the edges of the row of teeth, two arcs between the corners.
    arc = np.clip(1 - ((from_x - _MOUTH_X) / _MOUTH_HALF) ** 2, 0, 1)
    upper, lower = 140.0 + 3.6 * arc, 140.0 + 9.9 * arc
    # Closing: what is below the upper lip comes from further down, so that the teeth are jumped over.
    upper_lip = upper - 0.9 * e.close
    below = np.clip((from_y - upper_lip) / 0.6, 0, 1)
    rest = np.clip((_CHIN_Y - from_y) / (_CHIN_Y - upper_lip), 0, 1)
    from_y_closed = from_y + e.close * below * (lower - upper_lip + 0.9 * np.sqrt(arc)) * (arc > 0) * rest
    line = 0.5 * e.close * np.sqrt(arc) * np.exp(-(((from_y - upper_lip - 0.3) / 0.9) ** 2))
    # Opening: what is below the teeth comes from further up, and between there is the dark.
    drop = 15.0 * e.open
    edge = lower + drop * np.sqrt(arc)
    from_y_open = np.where((arc > 0) & (from_y < edge), np.minimum(from_y, lower), _undrop(from_y, lower, arc, x, drop))
    gap = (from_y > lower) & (from_y < edge) & (arc > 0.02)
    from_y = from_y_open if e.open > 0 else from_y_closed
    return from_x, from_y.astype(np.float32), np.maximum(gap, line).astype(np.float32)


def _undrop(y: Floats, lower: Floats, arc: Floats, x: Floats, drop: float) -> Floats:
    """Where the pixels ``y`` of a dropped jaw were before: the lips part most in the middle, the jaw moves as one."""
    sideways = np.exp(-(((x - _MOUTH_X) / 36) ** 2))
    before = y
    for _ in range(15):  # y = before + fall(before), solved for ``before``
        down = np.clip((before - lower) / 32, 0, 1)
        down = down * down * (3 - 2 * down)
        held = np.clip((_NECK_Y - before) / (_NECK_Y - _CHIN_Y), 0, 1)
        before = y - drop * held * (np.sqrt(arc) * (1 - down) + sideways * down) * (before > lower - 1)
    return before
