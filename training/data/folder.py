"""A folder per emotion: names are mapped, so alphabetical order is no trap."""

from __future__ import annotations

import re
from functools import partial
from importlib.resources.abc import Traversable

from model.emotions import LABELS, Emotion
from model.errors import DataError

from .layouts import not_here, refuse_empty
from .listing import is_litter, names_in, path_in
from .sample import UNREADABLE, Sample, Split, one_hot, read_picture

_SPLITS = {
    "train": "train",
    "training": "train",
    "valid": "valid",
    "val": "valid",
    "validation": "valid",
    "test": "test",
}
_PICTURES = (".jpg", ".jpeg", ".png", ".bmp", ".webp")
# Labeled Faces in the Wild and its kin: Aaron_Guiel_0001. Four digits and a leading zero, because FER2013's common
# copies have Training_10118481, which is no picture of a person called Training.
_NUMBER_OF_PERSON = re.compile(r"(?<=.)_0\d{3}$")


def read_splits(root: Traversable) -> dict[str, Split]:
    """Read ``root/EMOTION/*`` (one split, ``train``) or ``root/SPLIT/EMOTION/*``; one wrapping folder is looked into.

    A sample's group is its file's name without a number such as ``_0001``: one person, whatever the emotion.

    Raises:
        DataError: no folder is named after an emotion, none has a picture, or a folder cannot be read.
    """
    try:
        splits = _read_layout(root)
    except (*UNREADABLE, RecursionError) as error:
        raise DataError(f"{root}: cannot be read ({error})") from None
    refuse_empty("folder", root, splits)
    return splits


def group_of(name: str) -> str:
    """The person or picture that a file's ``name`` speaks of: ``Aaron_Guiel_0001.jpg`` -> ``Aaron_Guiel``."""
    return _NUMBER_OF_PERSON.sub("", name.rpartition(".")[0])


def _read_layout(root: Traversable) -> dict[str, Split]:
    folders = _folders(root)
    named = [(_SPLITS[folder.name.lower()], folder) for folder in folders if folder.name.lower() in _SPLITS]
    splits = dict(named)
    if len(splits) < len(named):
        raise DataError(
            f"{root}: one split has two folders ({', '.join(folder.name for _, folder in named)}); join them"
        )
    if splits:
        return {name: _read(name, folder) for name, folder in splits.items()}
    if any(_emotion(folder) is not None for folder in folders):
        return {"train": _read("train", root)}
    if len(folders) == 1:
        return _read_layout(folders[0])
    numbered = any(folder.name.isdecimal() for folder in folders)
    raise DataError(
        f"{root}: no folder named after an emotion; expected {', '.join(LABELS)}, "
        "or train/ and valid/ with these inside"
        + "; numbers are not read, for each data set means something else by them"
        * numbered
    )


def _folders(root: Traversable) -> list[Traversable]:
    if not root.is_dir():
        raise not_here("folder", root, "no such folder")
    children = (child for child in root.iterdir() if not is_litter(child.name) and child.is_dir())
    return sorted(children, key=lambda child: child.name)


def _emotion(folder: Traversable) -> Emotion | None:
    try:
        return Emotion.from_name(folder.name)
    except ValueError:
        return None


def _read(name: str, root: Traversable) -> Split:
    split = Split(name, [])
    for folder in _folders(root):
        emotion = _emotion(folder)
        if emotion is None:
            split.skip(f"{folder}: not named after an emotion")
            continue
        for file in sorted(names_in(folder)):
            if not file.lower().endswith(_PICTURES):
                split.skip(f"{path_in(folder, file)}: not a picture file")
                continue
            split.samples.append(
                Sample(
                    name=path_in(folder, file),
                    label=emotion,
                    target=one_hot(emotion),
                    read=partial(read_picture, folder, file),
                    group=group_of(file),
                )
            )
    return split
