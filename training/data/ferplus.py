"""FER+ (Barsoum et al. 2016): FER2013's 48x48 grey faces with the votes of ten annotators.

Two published layouts are read: folders ``FER2013Train|Valid|Test`` with a ``label.csv`` each (name, box, ten votes, no
header), and the pair ``fer2013new.csv`` + ``fer2013.csv`` (row by row). Either may lie in a .zip as downloaded.
Source: https://github.com/microsoft/FERPlus
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from functools import partial
from importlib.resources.abc import Traversable

import numpy as np
from numpy.typing import NDArray

from model.emotions import Emotion
from model.errors import DataError

from .sample import UNREADABLE, Sample, Split, decode_picture, read_bytes

#: FER+'s own order of columns: surprise and sadness, fear and anger lie elsewhere than in AffectNet's.
COLUMNS = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt", "unknown", "NF")
_EMOTIONS = tuple(Emotion.from_name(name) for name in COLUMNS[:8])
_FOLDERS = {"train": "FER2013Train", "valid": "FER2013Valid", "test": "FER2013Test"}
_USAGES = {"train": "Training", "valid": "PublicTest", "test": "PrivateTest"}
_SIDE = 48
_MOST_TABLE_BYTES = 256 << 20  # of label.csv; the published one has 1.3 MB


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
        return _read_layout(root)
    except (*UNREADABLE, csv.Error) as error:
        raise DataError(f"{root}: not a readable FER+ data set ({error}); download it again") from None


def _read_layout(root: Traversable) -> dict[str, Split]:
    holder = _find(root, lambda folder: any((folder / name / "label.csv").is_file() for name in _FOLDERS.values()))
    if holder is not None:
        return {
            split: _read_folder(split, holder / folder)
            for split, folder in _FOLDERS.items()
            if (holder / folder / "label.csv").is_file()
        }
    if (root / "label.csv").is_file():  # one split's own folder was given
        own = next((split for split, folder in _FOLDERS.items() if folder == root.name), "test")
        return {own: _read_folder(own, root)}
    pair = _find(root, lambda folder: (folder / "fer2013new.csv").is_file() and (folder / "fer2013.csv").is_file())
    if pair is not None:
        return _read_csv_pair(pair / "fer2013new.csv", pair / "fer2013.csv")
    raise DataError(
        f"{root}: no FER+ data set here; expected folders FER2013Train, FER2013Valid or FER2013Test with label.csv, "
        "or fer2013new.csv beside fer2013.csv (see https://github.com/microsoft/FERPlus)"
    )


def _find(root: Traversable, fits, depth: int = 3) -> Traversable | None:  # type: ignore[no-untyped-def]
    """The folder nearest to ``root`` for which ``fits`` holds."""
    level = [root]
    for _ in range(depth + 1):
        for folder in level:
            if fits(folder):
                return folder
        level = [child for folder in level for child in _subfolders(folder)]
    return None


def _subfolders(folder: Traversable) -> Iterator[Traversable]:
    if folder.name in _FOLDERS.values():  # tens of thousands of pictures: nothing to look for in there
        return
    yield from sorted((child for child in folder.iterdir() if child.is_dir()), key=lambda child: child.name)


def _read_folder(split: str, folder: Traversable) -> Split:
    table = folder / "label.csv"
    found = Split(split, [])
    dropped: Counter[str] = Counter()
    text = read_bytes(table, _MOST_TABLE_BYTES).decode("utf-8-sig")
    for line, row in enumerate(csv.reader(io.StringIO(text)), start=1):
        place = f"{table}:{line}"
        if not row:
            continue
        name, votes = row[0], row[2:]
        if not name:
            dropped["no picture name"] += 1
            continue
        if "/" in name or "\\" in name or name.startswith(".."):
            found.skipped.append(f"{place}: picture name {name!r} leaves the folder")
            continue
        _add(found, dropped, place, votes, partial(decode_picture, folder / name), f"{folder / name}")
    found.dropped = dict(dropped)
    return found


def _read_csv_pair(votes_table: Traversable, pixels_table: Traversable) -> dict[str, Split]:
    splits = {usage: Split(split, []) for split, usage in _USAGES.items()}
    dropped: dict[str, Counter[str]] = {usage: Counter() for usage in splits}
    csv.field_size_limit(1 << 20)
    with (
        votes_table.open("r", encoding="utf-8-sig") as votes_file,
        pixels_table.open("r", encoding="utf-8-sig") as pixels_file,
    ):
        rows = zip(csv.reader(votes_file), csv.reader(pixels_file), strict=False)
        next(rows, None)  # headers
        for line, (votes_row, pixels_row) in enumerate(rows, start=2):
            place = f"{votes_table}:{line}"
            usage = votes_row[0] if votes_row else ""
            if usage not in splits or len(votes_row) < 12 or len(pixels_row) < 2:
                splits["Training"].skipped.append(f"{place}: usage {usage!r} or too few columns")
                continue
            if not votes_row[1]:
                dropped[usage]["no picture name"] += 1
                continue
            read = partial(_parse_pixels, pixels_row[1], f"{pixels_table}:{line}")
            _add(splits[usage], dropped[usage], place, votes_row[2:12], read, votes_row[1])
    for usage, split in splits.items():
        split.dropped = dict(dropped[usage])
    return {split.name: split for split in splits.values() if len(split) or split.skipped}


def _add(found: Split, dropped: Counter[str], place: str, votes: list[str], read, name: str) -> None:  # type: ignore[no-untyped-def]
    try:
        numbers = np.array([int(vote) for vote in votes], dtype=np.int64)
    except (ValueError, OverflowError):
        found.skipped.append(f"{place}: a vote is not a whole number: {votes}")
        return
    if numbers.shape != (len(COLUMNS),) or (numbers < 0).any() or (numbers > 1000).any():
        found.skipped.append(f"{place}: {len(votes)} votes {votes}, expected {len(COLUMNS)} from 0 up")
        return
    verdict = read_votes(numbers)
    if isinstance(verdict, str):
        dropped[verdict] += 1
        return
    label, target = verdict
    found.samples.append(Sample(name=name, label=label, target=target, read=read))


def _parse_pixels(text: str, place: str) -> NDArray[np.uint8]:
    try:
        values = np.array(text.split(), dtype=np.int64)
    except (ValueError, OverflowError):
        raise DataError(f"{place}: pixels are not whole numbers") from None
    if values.size != _SIDE * _SIDE or values.min() < 0 or values.max() > 255:
        raise DataError(f"{place}: {values.size} pixels, expected {_SIDE * _SIDE} from 0 to 255")
    return values.astype(np.uint8).reshape(_SIDE, _SIDE)
