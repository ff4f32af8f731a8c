"""The condensed set: a split rewritten once into memory-mapped shards, with hashes, so that no epoch decodes a picture.

On disk, one folder a split::

    index.json            what it is, how many, the sha256 of each file
    pixels-00000.npy      uint8 (n, size, size, channels), NumPy's own format, memory-mapped
    labels.npy            uint8 (N,)
    targets.npy           float32 (N, 8), rows sum to 1
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.emotions import LABELS
from model.errors import DataError
from model.preprocess import resize_crop

from .sample import Split

FORMAT = 1
INDEX = "index.json"
LABELS_FILE, TARGETS_FILE = "labels.npy", "targets.npy"
_SHARD_BYTES = 128 << 20
_MAX_SAMPLES = 50_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CondensedSet:
    """A split, ready for random access."""

    folder: Path
    pixels: list[NDArray[np.uint8]]  # memory-mapped shards (n, size, size, channels)
    labels: NDArray[np.uint8]  # (N,)
    targets: NDArray[np.float32]  # (N, 8)
    index: dict[str, Any]

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def fingerprint(self) -> str:
        """sha256 over the hashes of all files."""
        return hashlib.sha256(json.dumps(self.index["files"], sort_keys=True).encode()).hexdigest()

    def take(self, places: NDArray[np.intp]) -> NDArray[np.uint8]:
        """The pictures at ``places``, uint8 ``(n, size, size, channels)``."""
        per_shard = len(self.pixels[0])
        first = self.pixels[0]
        out = np.empty((len(places), *first.shape[1:]), dtype=np.uint8)
        shard_of = places // per_shard
        for shard in np.unique(shard_of):
            here = shard_of == shard
            out[here] = self.pixels[shard][places[here] - shard * per_shard]
        return out


def condense(
    split: Split, folder: Path, *, size: int, channels: int, source: str, tick: Callable[[int], None] = lambda _: None
) -> CondensedSet:
    """Write ``split`` into ``folder``, whole or not at all; a broken picture is a listed skip.

    Args:
        split: the samples.
        folder: where to; an earlier condensed set there is replaced at the end.
        size: side of the stored pictures in pixels.
        channels: 1 stores grey, 3 stores BGR.
        source: what the index names as the data's origin.
        tick: called with the number of pictures done.

    Raises:
        DataError: no picture can be read, the disk refuses, or ``folder`` holds anything but a condensed set.
    """
    import cv2

    part = folder.with_name(f".{folder.name}.part")
    try:
        _refuse_other_content(folder)
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        skipped = list(split.skipped)
        labels: list[int] = []
        targets: list[NDArray[np.float32]] = []
        files: dict[str, str] = {}
        per_shard = max(1, _SHARD_BYTES // (size * size * channels))
        shard: list[NDArray[np.uint8]] = []

        def write_shard() -> None:
            if shard:
                _save(
                    part, f"pixels-{sum(name.startswith('pixels') for name in files):05d}.npy", np.stack(shard), files
                )
                shard.clear()

        for done, sample in enumerate(split.samples, start=1):
            try:
                picture = sample.read()
            except DataError as error:
                skipped.append(str(error))
                continue
            finally:
                tick(done)
            picture = resize_crop(picture, size)
            if channels == 1:
                grey = picture if picture.ndim == 2 else np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)
                picture = grey[:, :, None]
            elif picture.ndim == 2:
                picture = np.asarray(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR), np.uint8)
            shard.append(picture)
            labels.append(int(sample.label))
            targets.append(sample.target)
            if len(shard) == per_shard:
                write_shard()
        write_shard()
        if not labels:
            raise DataError(f"{source}: not one picture of split {split.name!r} could be read")
        _save(part, LABELS_FILE, np.array(labels, np.uint8), files)
        _save(part, TARGETS_FILE, np.stack(targets).astype(np.float32), files)
        index = {
            "format": FORMAT,
            "split": split.name,
            "source": source,
            "count": len(labels),
            "size": size,
            "channels": channels,
            "labels": list(LABELS),
            "dropped": split.dropped,
            "skipped": skipped,
            "files": files,
        }
        (part / INDEX).write_text(json.dumps(index, indent=1), encoding="utf-8")
        _replace(folder, part)
    except OSError as error:
        raise DataError(f"{folder}: cannot write the condensed set ({error.strerror or error})") from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return open_condensed(folder, verify=False)


def open_condensed(folder: Path, *, verify: bool = True) -> CondensedSet:
    """Open a condensed set; ``verify`` compares every file with its hash.

    Raises:
        DataError: the folder is missing, incomplete or altered.
    """
    try:
        _put_back(folder)
        index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError(
            f"{folder}: no condensed set here; make one with: python -m training.prepare ferplus SRC {folder.parent}"
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{folder / INDEX}: unreadable ({error}); condense the data set again") from None
    if not isinstance(index, dict) or index.get("format") != FORMAT or index.get("labels") != list(LABELS):
        raise DataError(f"{folder}: written by another version; condense the data set again")
    names = _shard_names(index.get("files"), folder)
    if verify:
        for name, expected in index["files"].items():
            if _sha256(folder / name) != expected:
                raise DataError(
                    f"{folder / name}: altered or cut short (its hash differs); condense the data set again"
                )
    # All are mapped before anything is copied: a header may claim any size, but the map must fit the file.
    pixels = [_mapped(folder / name, np.uint8, 4) for name in names]
    labels, targets = _mapped(folder / LABELS_FILE, np.uint8, 1), _mapped(folder / TARGETS_FILE, np.float32, 2)
    _check_numbers(folder, pixels, labels, targets)
    return CondensedSet(folder=folder, pixels=pixels, labels=np.array(labels), targets=np.array(targets), index=index)


def _shard_names(files: Any, folder: Path) -> list[str]:
    """The shards in order; every name must be one that :func:`condense` gives, so that none leaves the folder."""
    names = sorted(files) if isinstance(files, dict) else []
    shards = [f"pixels-{number:05d}.npy" for number in range(len(names) - 2)]
    if not shards or names != sorted([*shards, LABELS_FILE, TARGETS_FILE]):
        raise DataError(f"{folder / INDEX}: its list of files is damaged; condense the data set again")
    return shards


def _mapped(file: Path, kind: type[Any], dimensions: int) -> NDArray[Any]:
    try:
        array = np.load(file, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, TypeError, OverflowError, EOFError) as error:
        raise DataError(f"{file}: damaged ({error}); condense the data set again") from None
    if array.dtype != kind or array.ndim != dimensions:
        raise DataError(
            f"{file}: holds {array.dtype} {array.shape}, expected {kind.__name__} in {dimensions} dimensions; "
            "condense the data set again"
        )
    return np.asarray(array)


def _check_numbers(folder: Path, pixels: list[NDArray[Any]], labels: NDArray[Any], targets: NDArray[Any]) -> None:
    count, (first, *others) = len(labels), pixels
    fits = sum(map(len, pixels)) == count and targets.shape == (count, len(LABELS)) and 0 < count <= _MAX_SAMPLES
    # Any picture is found by its place alone: every shard but the last is as long as the first.
    even = all(len(shard) == len(first) for shard in others[:-1]) and all(len(shard) <= len(first) for shard in others)
    square = first.shape[1] == first.shape[2] and first.shape[3] in (1, 3)
    if not (fits and even and square and all(shard.shape[1:] == first.shape[1:] for shard in others)):
        raise DataError(f"{folder}: its files disagree about the number of pictures; condense the data set again")
    if labels.max() >= len(LABELS) or not np.allclose(targets.sum(axis=1), 1, atol=1e-3) or targets.min() < 0:
        raise DataError(f"{folder}: holds labels that are none of the eight; condense the data set again")


def _refuse_other_content(folder: Path) -> None:
    """Never replace what is no condensed set: DST may be the data set itself, or a folder of the user's."""
    _put_back(folder)
    if folder.exists() and not (folder / INDEX).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise DataError(f"{folder}: exists and is no condensed set, so it is not replaced; use another folder")


def _replace(folder: Path, part: Path) -> None:
    """Let ``part`` take the place of ``folder``; at no moment is the earlier set gone before the new one is there."""
    aside = _aside(folder)
    if folder.exists():
        folder.rename(aside)
    try:
        part.rename(folder)
    except OSError:
        _put_back(folder)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _put_back(folder: Path) -> None:
    """Undo half a replacement, after a crash between its two renames."""
    aside = _aside(folder)
    if aside.exists() and not folder.exists():
        aside.rename(folder)
    elif aside.exists():
        shutil.rmtree(aside, ignore_errors=True)  # the new set is in its place


def _aside(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.earlier.part")


def _save(folder: Path, name: str, array: NDArray[Any], files: dict[str, str]) -> None:
    np.save(folder / name, array, allow_pickle=False)
    files[name] = _sha256(folder / name)


def _sha256(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"{file}: cannot be read ({error.strerror}); condense the data set again") from None
