"""What a photograph's crop would be without our detector: the data set's own square, or the middle of the pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.boxes import centre_of, side_of
from model.face import Box
from model.preprocess import CropGeometry, crop

from .data.sample import Sample

#: Spread of the detector's boxes (robust standard deviation, in picture sides; of the logarithm for their size) beyond
#: which photographs are not centred on their face, so that no one square fits all of them.
MOST_SHIFT, MOST_SCALE = 0.06, 0.2
DATA_SET, FIXED = "data set's boxes", "fixed square"
_MAD_TO_SIGMA = 1.4826  # of a normal distribution
_AS_IT_IS = CropGeometry(scale=1.0, shift_x=0.0, shift_y=0.0)


Triple = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ideal:
    """An ideal box for each photograph."""

    kind: str  # DATA_SET or FIXED
    boxes: Sequence[Box | None]  # pixels of each photograph; None is all of it
    square: Triple | None = None  # the fixed box's centre, in picture widths and heights, and side, in shorter sides
    spread: Triple | None = None  # of the detector's boxes around it: across, down, logarithm of the side

    def cut(self, picture: NDArray[np.uint8], place: int) -> NDArray[np.uint8]:
        """The crop of the photograph at ``place``."""
        box = self.boxes[place]
        if self.kind == DATA_SET:  # is the square already, not a face around which one lies
            return picture if box is None else crop(picture, box, _AS_IT_IS)
        assert box is not None
        return crop(picture, box)

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "kind": self.kind,
            "square": None if self.square is None else list(self.square),
            "spread": None if self.spread is None else list(self.spread),
        }


def ideal_boxes(
    samples: Sequence[Sample], found: Sequence[Box | None], sides: Sequence[tuple[int, int]]
) -> tuple[Ideal | None, str]:
    """Ideal boxes for photographs, or the reason why there are none.

    Where the data set has its own boxes, these. Else, where the photographs are centred on the face, one fixed box: the
    median of the detector's over all photographs. It is free of the detector's error in each single picture, which is
    what the comparison is to show, and it serves the photographs in which the detector found nothing.

    Args:
        samples: the photographs.
        found: the detector's box in each, None where it found none; at least one is found.
        sides: width and height of each.
    """
    if any(sample.box is not None for sample in samples):
        return Ideal(kind=DATA_SET, boxes=[sample.box for sample in samples]), ""
    rows = np.array(
        [_relative(box, size) for box, size in zip(found, sides, strict=True) if box is not None], dtype=np.float64
    )
    middle = np.median(rows, axis=0)
    across, down, scale = _MAD_TO_SIGMA * np.median(np.abs(rows - middle), axis=0)
    if max(across, down) > MOST_SHIFT or scale > MOST_SCALE:
        return None, (
            f"the photographs have no boxes and are not centred on the face (its place varies by {across:.2f} across "
            f"and {down:.2f} down, its size by {scale:.0%}), so that no ideal crop is known"
        )
    centre_x, centre_y, side = float(middle[0]), float(middle[1]), float(np.exp(middle[2]))
    half = side / 2
    return Ideal(
        kind=FIXED,
        boxes=[
            (
                centre_x * width - half * min(width, height),
                centre_y * height - half * min(width, height),
                centre_x * width + half * min(width, height),
                centre_y * height + half * min(width, height),
            )
            for width, height in sides
        ],
        square=(centre_x, centre_y, side),
        spread=(float(across), float(down), float(scale)),
    ), ""


def _relative(box: Box, size: tuple[int, int]) -> Triple:
    """Centre in shares of the picture, logarithm of the side in shares of its shorter side."""
    (width, height), (x, y) = size, centre_of(box)
    return x / width, y / height, float(np.log(max(side_of(box), 1e-6) / min(width, height)))
