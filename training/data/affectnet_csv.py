"""AffectNet's release of manually labelled photographs: whole pictures, and a table for each split."""

from __future__ import annotations

from collections import Counter
from functools import partial
from importlib.resources.abc import Traversable

from .affectnet_labels import join_affect, read_affect, read_box, read_expression
from .layouts import LAYOUTS, half_there
from .listing import is_inside, names_in, path_in, refuse_half
from .sample import Sample, Split, one_hot, read_picture
from .tables import rows_of

TABLES = {"train": "training.csv", "valid": "validation.csv"}
_COLUMNS = (
    *("subDirectory_filePath", "face_x", "face_y", "face_width", "face_height"),
    *("expression", "valence", "arousal"),
)
_LISTS, _PICTURES = "Manually_Annotated_file_lists", "Manually_Annotated_Images"


def has_layout(folder: Traversable) -> bool:
    """Whether ``folder`` holds this release's tables or its pictures, whole or not."""
    if (folder / _PICTURES).is_dir():
        return True
    return any((lists / table).is_file() for lists in (folder, folder / _LISTS) for table in TABLES.values())


def read_release(root: Traversable) -> dict[str, Split]:
    """Both splits; a sample's box is the face's place in the whole picture.

    Raises:
        DataError: a table or the pictures are missing, a table lacks a column, or most pictures are not there.
    """
    lists = root / _LISTS if (root / _LISTS).is_dir() else root
    pictures = root / _PICTURES
    missing = [table for table in TABLES.values() if not (lists / table).is_file()]
    if missing or not pictures.is_dir():
        raise half_there("affectnet", root, missing + [_PICTURES] * (not pictures.is_dir()))
    listed = _Listed(pictures)
    return {split: _read_table(split, lists / table, listed) for split, table in TABLES.items()}


class _Listed:
    """The pictures that are there: each sub-folder is listed once, when it is first asked for."""

    def __init__(self, pictures: Traversable) -> None:
        self.folder = pictures
        self._names: dict[str, set[str]] = {}

    def __contains__(self, path: str) -> bool:
        parent, _, name = path.rpartition("/")
        if parent not in self._names:
            folder = self.folder / parent if parent else self.folder
            self._names[parent] = names_in(folder) if folder.is_dir() else set()
        return name in self._names[parent]


def _read_table(name: str, table: Traversable, listed: _Listed) -> Split:
    split = Split(name, [])
    dropped: Counter[str] = Counter()
    absent = 0
    for line, row in rows_of(table, _COLUMNS):
        place = f"{table}:{line}"
        if isinstance(row, str):
            split.skip(f"{place}: {row}")
            continue
        try:
            sample = _read_row(row, place, listed.folder)
        except ValueError as error:
            split.skip(f"{place}: {error}")
            continue
        if isinstance(sample, str):
            dropped[sample] += 1
        elif sample.group not in listed:
            absent += 1
            split.skip(f"{place}: no such picture: {sample.name}")
        else:
            split.samples.append(sample)
    split.dropped = dict(dropped)
    refuse_half(listed.folder, LAYOUTS["affectnet"].title, absent, absent + len(split))
    return split


def _read_row(row: dict[str, str], place: str, pictures: Traversable) -> Sample | str:
    """The row's sample, or the reason to drop it; ValueError: it is broken."""
    path = row["subDirectory_filePath"]
    if not is_inside(path):
        raise ValueError(f"picture name {path!r} leaves the folder")
    emotion = read_expression(row["expression"])
    if isinstance(emotion, str):  # these have no face, and their other columns mean nothing
        return emotion
    return Sample(
        name=path_in(pictures, path),
        label=emotion,
        target=one_hot(emotion),
        read=partial(read_picture, pictures, path, place),
        valence_arousal=join_affect(read_affect("valence", row["valence"]), read_affect("arousal", row["arousal"])),
        box=read_box(row["face_x"], row["face_y"], row["face_width"], row["face_height"]),
        group=path,
    )
