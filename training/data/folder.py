"""A folder per emotion: names are mapped, so alphabetical order is no trap."""

from __future__ import annotations

from functools import partial
from importlib.resources.abc import Traversable

from model.emotions import LABELS, Emotion
from model.errors import DataError

from .sample import UNREADABLE, Sample, Split, decode_picture, one_hot

_SPLITS = {
    "train": "train",
    "training": "train",
    "valid": "valid",
    "val": "valid",
    "validation": "valid",
    "test": "test",
}
_PICTURES = (".jpg", ".jpeg", ".png", ".bmp", ".webp")


def read_splits(root: Traversable) -> dict[str, Split]:
    """Read ``root/EMOTION/*`` (one split, ``train``) or ``root/SPLIT/EMOTION/*``; one wrapping folder is looked into.

    Raises:
        DataError: no folder is named after an emotion, or a folder cannot be read.
    """
    try:
        return _read_layout(root)
    except (*UNREADABLE, RecursionError) as error:
        raise DataError(f"{root}: cannot be read ({error})") from None


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
    raise DataError(
        f"{root}: no folder named after an emotion; expected {', '.join(LABELS)}, "
        "or train/ and valid/ with these inside"
    )


def _folders(root: Traversable) -> list[Traversable]:
    if not root.is_dir():
        raise DataError(f"{root}: no such folder; give the folder that holds one folder per emotion")
    return sorted((child for child in root.iterdir() if child.is_dir()), key=lambda child: child.name)


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
            split.skipped.append(f"{folder}: not named after an emotion")
            continue
        for file in sorted(folder.iterdir(), key=lambda child: child.name):
            if not file.name.lower().endswith(_PICTURES):
                split.skipped.append(f"{file}: not a picture file")
                continue
            read = partial(decode_picture, file)
            split.samples.append(Sample(name=str(file), label=emotion, target=one_hot(emotion), read=read))
    return split
