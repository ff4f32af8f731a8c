"""FER2013 (Goodfellow et al. 2013) without FER+'s votes: 48x48 grey faces with one of seven labels, all in one table.

Source: https://www.kaggle.com/c/challenges-in-representation-learning-facial-expression-recognition-challenge
"""

from __future__ import annotations

from functools import partial
from importlib.resources.abc import Traversable

import numpy as np
from numpy.typing import NDArray

from model.emotions import Emotion
from model.errors import DataError

from .layouts import not_here, refuse_empty
from .listing import find_folder
from .sample import UNREADABLE, Sample, Split, one_hot
from .tables import rows_of

#: FER2013's own order, by name; no contempt.
NAMES = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")
USAGES = {"Training": "train", "PublicTest": "valid", "PrivateTest": "test"}
SIDE = 48
_TABLES = ("fer2013.csv", "icml_face_data.csv")  # the same rows in both, the columns in another order


def read_splits(root: Traversable) -> dict[str, Split]:
    """Splits ``train``, ``valid`` (PublicTest) and ``test`` (PrivateTest).

    Raises:
        DataError: the table is missing, lacks a column or cannot be read.
    """
    try:
        for name in _TABLES:
            holder = find_folder(root, lambda folder, name=name: (folder / name).is_file())  # type: ignore[misc]
            if holder is not None:
                splits = _read_table(holder / name)
                refuse_empty("fer2013", root, splits)
                return splits
    except UNREADABLE as error:
        raise not_here("fer2013", root, f"cannot be read ({error})") from None
    raise not_here("fer2013", root)


def _read_table(table: Traversable) -> dict[str, Split]:
    splits = {name: Split(name, []) for name in USAGES.values()}
    for line, row in rows_of(table, ("emotion", "pixels", "Usage")):
        place = f"{table}:{line}"
        usage = "" if isinstance(row, str) else row["Usage"]
        split = splits[USAGES.get(usage, "train")]
        if isinstance(row, str):
            split.skip(f"{place}: {row}")
        elif usage not in USAGES:
            split.skip(f"{place}: usage {usage!r}, expected {', '.join(USAGES)}")
        elif row["emotion"] not in map(str, range(len(NAMES))):
            split.skip(f"{place}: emotion {row['emotion']!r}, expected 0 to {len(NAMES) - 1}")
        else:
            emotion = Emotion.from_name(NAMES[int(row["emotion"])])
            read = partial(parse_pixels, row["pixels"], place)
            sample = Sample(name=place, label=emotion, target=one_hot(emotion), read=read, group=f"{table.name}:{line}")
            split.samples.append(sample)
    return {name: split for name, split in splits.items() if len(split) or split.skipped}


def parse_pixels(text: str, place: str) -> NDArray[np.uint8]:
    """The table's numbers -> a picture ``(48, 48)``.

    Raises:
        DataError: they are not 2304 whole numbers from 0 to 255; the message begins with ``place``.
    """
    try:
        values = np.array(text.split(), dtype=np.int64)
    except (ValueError, OverflowError):
        raise DataError(f"{place}: pixels are not whole numbers") from None
    if values.size != SIDE * SIDE or values.min() < 0 or values.max() > 255:
        raise DataError(f"{place}: {values.size} pixels, expected {SIDE * SIDE} from 0 to 255")
    return values.astype(np.uint8).reshape(SIDE, SIDE)
