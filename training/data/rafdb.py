"""RAF-DB, basic emotions (Li et al. 2017): aligned faces of 100x100 from the web, with one of seven labels.

Read are ``EmoLabel/list_patition_label.txt`` (so spelled) and ``Image/aligned``. There is no contempt, and no split to
validate on: ``hold_out`` cuts one off.
Source: http://www.whdeng.cn/RAF/model1.html
"""

from __future__ import annotations

from functools import partial
from importlib.resources.abc import Traversable

from model.emotions import Emotion

from .layouts import LAYOUTS, half_there, not_here, refuse_empty
from .listing import find_folder, is_inside, names_in, path_in, refuse_half
from .sample import UNREADABLE, Sample, Split, one_hot, read_picture
from .tables import lines_of

#: RAF-DB's own order, by name; its numbers begin at 1.
NAMES = ("surprise", "fear", "disgust", "happiness", "sadness", "anger", "neutral")
_TABLE = ("EmoLabel", "list_patition_label.txt")
_PICTURES = ("Image", "aligned")
_SPLITS = ("train", "test")


def read_splits(root: Traversable) -> dict[str, Split]:
    """Splits ``train`` and ``test``.

    Raises:
        DataError: the table or the pictures are missing, or cannot be read.
    """
    try:
        holder = find_folder(root, lambda folder: (folder / _TABLE[0]).is_dir() or (folder / _PICTURES[0]).is_dir())
        if holder is None:
            raise not_here("rafdb", root)
        missing = []
        if not holder.joinpath(*_TABLE).is_file():
            missing.append("/".join(_TABLE))
        if not holder.joinpath(*_PICTURES).is_dir():
            packed = (holder / "Image" / "aligned.zip").is_file()
            missing.append("/".join(_PICTURES) + " (unpack Image/aligned.zip)" * packed)
        if missing:
            raise half_there("rafdb", holder, missing)
        splits = _read_table(holder.joinpath(*_TABLE), holder.joinpath(*_PICTURES))
        refuse_empty("rafdb", root, splits)
        return splits
    except UNREADABLE as error:
        raise not_here("rafdb", root, f"cannot be read ({error})") from None


def _read_table(table: Traversable, pictures: Traversable) -> dict[str, Split]:
    splits = {name: Split(name, []) for name in _SPLITS}
    there = names_in(pictures)
    absent = 0
    for line, text in lines_of(table):
        place = f"{table}:{line}"
        if not text.strip():
            continue
        try:
            split, name, emotion = _read_line(text)
        except ValueError as error:
            splits["train"].skip(f"{place}: {error}")
            continue
        if name not in there:
            absent += 1
            splits[split].skip(f"{place}: no such picture: {path_in(pictures, name)}")
            continue
        splits[split].samples.append(
            Sample(
                name=path_in(pictures, name),
                label=emotion,
                target=one_hot(emotion),
                read=partial(read_picture, pictures, name, place),
                group=name,
            )
        )
    refuse_half(pictures, LAYOUTS["rafdb"].title, absent, absent + sum(map(len, splits.values())))
    return splits


def _read_line(text: str) -> tuple[str, str, Emotion]:
    """``train_00001.jpg 5`` -> split, name of the aligned picture, emotion; ValueError: it is no such line."""
    fields = text.split()
    if len(fields) != 2:
        raise ValueError(f"{text.strip()[:80]!r}, expected a picture's name and a label")
    name, label = fields
    split = name.partition("_")[0]
    if split not in _SPLITS or not name.endswith(".jpg"):
        raise ValueError(f"picture name {name!r}, expected train_….jpg or test_….jpg")
    if not is_inside(name):
        raise ValueError(f"picture name {name!r} leaves the folder")
    if label not in map(str, range(1, len(NAMES) + 1)):
        raise ValueError(f"label {label!r}, expected 1 to {len(NAMES)}")
    return split, f"{name.removesuffix('.jpg')}_aligned.jpg", Emotion.from_name(NAMES[int(label) - 1])
