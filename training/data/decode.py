"""One picture of a data set as it is stored: read, cut to the face, resized, grey or in colour."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from model.errors import DataError
from model.face import Box
from model.preprocess import sized

from .faces import FaceCutter, Faces
from .sample import Sample

#: What decoding needs of a sample: its name, what reads it, and its box.
Undecoded: TypeAlias = tuple[str, Callable[[], NDArray[np.uint8]], Box | None]
#: A picture, or one line that says why there is none.
Decoded: TypeAlias = NDArray[np.uint8] | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How pictures are stored."""

    size: int  # side in pixels
    channels: int  # 1 grey, 3 BGR
    faces: Faces

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of one picture."""
        return (self.size, self.size, self.channels)

    @property
    def picture_bytes(self) -> int:
        """Of one picture."""
        return self.size * self.size * self.channels


def undecoded(sample: Sample) -> Undecoded:
    """What decoding needs of ``sample``."""
    return sample.name, sample.read, sample.box


def decode(task: Undecoded, recipe: Recipe, cutter: FaceCutter) -> Decoded:
    """The picture as it is stored, uint8 ``(size, size, channels)``, or why it is left out."""
    name, read, box = task
    try:
        picture = read()
    except DataError as error:
        return str(error)
    try:
        return sized(cutter.cut(picture, box), recipe.size, "gray" if recipe.channels == 1 else "bgr")
    except DataError as error:
        return f"{name}: {error}"
