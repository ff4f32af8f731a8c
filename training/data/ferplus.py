"""FER+ (Barsoum et al. 2016): FER2013's 48x48 grey faces with the votes of ten annotators.

Two published layouts are read: folders ``FER2013Train|Valid|Test`` with a ``label.csv`` each (name, box, ten votes, no
header), and the pair ``fer2013new.csv`` + ``fer2013.csv`` (row by row). Either may lie in a .zip as downloaded.
Source: https://github.com/microsoft/FERPlus
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from importlib.resources.abc import Traversable
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from model.emotions import Emotion
from model.errors import DataError

from .fer2013 import USAGES, parse_pixels
from .layouts import LAYOUTS, not_here, refuse_empty
from .listing import find_folder, is_inside, names_in, path_in, refuse_half
from .sample import UNREADABLE, Sample, Split, read_bytes, read_picture
from .tables import rows_of

#: FER+'s own order of columns: surprise and sadness, fear and anger lie elsewhere than in AffectNet's.
COLUMNS = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt", "unknown", "NF")
_EMOTIONS = tuple(Emotion.from_name(name) for name in COLUMNS[:8])
_FOLDERS = {"train": "FER2013Train", "valid": "FER2013Valid", "test": "FER2013Test"}
_MOST_TABLE_BYTES = 32 << 20  # of label.csv; the published one has 1.3 MB


def read_votes(votes: NDArray[np.int64]) -> tuple[Emotion, NDArray[np.float32]] | str:
    """Ten votes in FER+'s order -> label and distribution by the headline rule, or the reason to drop the row.

    Single votes are dropped; then rows whose winner is unknown or not-a-face; the arg-max of the rest is the label
    (the first in FER+'s order when two are equal). The distribution is that of the remaining votes for emotions.
    """
    kept = np.where(votes <= 1, 0, votes)
    if kept.sum() == 0:
        return "no emotion with two votes"
    winner = int(kept.argmax())
    if winner >= len(_EMOTIONS):
        return f"winner is {COLUMNS[winner]}"
    target = np.zeros(len(Emotion), dtype=np.float32)
    for column, emotion in enumerate(_EMOTIONS):
        target[emotion] = kept[column]
    return _EMOTIONS[winner], target / target.sum()


def read_splits(root: Traversable) -> dict[str, Split]:
    """All splits found under ``root``, by name: ``train``, ``valid``, ``test``.

    Raises:
        DataError: neither layout is there, or a folder or table cannot be read.
    """
    try:
        splits = _read_layout(root)
    except (*UNREADABLE, csv.Error) as error:
        raise DataError(f"{root}: not a readable FER+ data set ({error}); download it again") from None
    refuse_empty("ferplus", root, splits)
    return splits


def _read_layout(root: Traversable) -> dict[str, Split]:
    holder = find_folder(
        root, lambda folder: any((folder / name / "label.csv").is_file() for name in _FOLDERS.values())
    )
    if holder is not None:
        return {
            split: _read_folder(split, holder / folder)
            for split, folder in _FOLDERS.items()
            if (holder / folder / "label.csv").is_file()
        }
    if (root / "label.csv").is_file():  # one split's own folder was given
        own = next((split for split, folder in _FOLDERS.items() if folder == root.name), "test")
        return {own: _read_folder(own, root)}
    pair = find_folder(
        root, lambda folder: (folder / "fer2013new.csv").is_file() and (folder / "fer2013.csv").is_file()
    )
    if pair is not None:
        return _read_csv_pair(pair / "fer2013new.csv", pair / "fer2013.csv")
    raise not_here("ferplus", root)


def _read_folder(split: str, folder: Traversable) -> Split:
    table = folder / "label.csv"
    found = Split(split, [])
    dropped: Counter[str] = Counter()
    there = names_in(folder)
    absent = 0
    text = read_bytes(table, _MOST_TABLE_BYTES).decode("utf-8-sig")
    rows = csv.reader(io.StringIO(text))
    for row in rows:
        place = f"{table}:{rows.line_num}"
        if not row:
            continue
        name, votes = row[0], row[2:]
        if not name:
            dropped["no picture name"] += 1
        elif not is_inside(name):
            found.skip(f"{place}: picture name {name!r} leaves the folder")
        elif name not in there:
            absent += 1
            found.skip(f"{place}: no such picture: {path_in(folder, name)}")
        else:
            read = partial(read_picture, folder, name, place)
            _add(found, dropped, place, votes, read, path_in(folder, name), name)
    found.dropped = dict(dropped)
    refuse_half(folder, LAYOUTS["ferplus"].title, absent, absent + len(found) + sum(dropped.values()))
    return found


def _read_csv_pair(votes_table: Traversable, pixels_table: Traversable) -> dict[str, Split]:
    splits = {name: Split(name, []) for name in USAGES.values()}
    dropped: dict[str, Counter[str]] = {name: Counter() for name in splits}
    all_votes = rows_of(votes_table, ("Usage", "Image name", *COLUMNS))
    all_pixels = rows_of(pixels_table, ("Usage", "pixels"))
    for votes, pixels in zip_longest(all_votes, all_pixels):
        if votes is None or pixels is None:
            ends = votes_table if votes is None else pixels_table
            raise DataError(f"{ends}: ends before the table that it belongs to, row by row; download both again")
        (line, row), (pixels_line, pixels_row) = votes, pixels
        place, pixels_place = f"{votes_table}:{line}", f"{pixels_table}:{pixels_line}"
        broken = _why_apart(row, pixels_row, pixels_place)
        if broken:
            splits["train"].skip(f"{place}: {broken}")
            continue
        assert isinstance(row, dict)  # _why_apart has seen to it
        assert isinstance(pixels_row, dict)
        split = USAGES[row["Usage"]]
        name = row["Image name"]
        if not name:
            dropped[split]["no picture name"] += 1
            continue
        read = partial(parse_pixels, pixels_row["pixels"], pixels_place)
        _add(splits[split], dropped[split], place, [row[column] for column in COLUMNS], read, name, name)
    for name, split_read in splits.items():
        split_read.dropped = dict(dropped[name])
    return {name: split_read for name, split_read in splits.items() if len(split_read) or split_read.skipped}


def _why_apart(votes: dict[str, str] | str, pixels: dict[str, str] | str, pixels_place: str) -> str:
    """Why two rows are no pair; empty: they are one."""
    if isinstance(votes, str):
        return votes
    if isinstance(pixels, str):
        return f"{pixels_place}: {pixels}"
    if votes["Usage"] not in USAGES:
        return f"usage {votes['Usage']!r}, expected {', '.join(USAGES)}"
    if votes["Usage"] != pixels["Usage"]:
        return f"usage {votes['Usage']!r}, but {pixels['Usage']!r} in {pixels_place}"
    return ""


def _add(
    found: Split,
    dropped: Counter[str],
    place: str,
    votes: Sequence[str],
    read: Callable[[], NDArray[np.uint8]],
    name: str,
    group: str,
) -> None:
    try:
        numbers = np.array([int(vote) for vote in votes], dtype=np.int64)
    except (ValueError, OverflowError):
        found.skip(f"{place}: a vote is not a whole number: {votes}")
        return
    if numbers.shape != (len(COLUMNS),) or (numbers < 0).any() or (numbers > 1000).any():
        found.skip(f"{place}: {len(votes)} votes {votes}, expected {len(COLUMNS)} from 0 up")
        return
    verdict = read_votes(numbers)
    if isinstance(verdict, str):
        dropped[verdict] += 1
        return
    label, target = verdict
    found.samples.append(Sample(name=name, label=label, target=target, read=read, group=group))
