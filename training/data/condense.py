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
        DataError: no picture can be read, or the disk refuses.
    """
    import cv2

    part = folder.with_name(f".{folder.name}.part")
    try:
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
        _save(part, "labels.npy", np.array(labels, np.uint8), files)
        _save(part, "targets.npy", np.stack(targets).astype(np.float32), files)
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
        if folder.exists():
            shutil.rmtree(folder)
        part.rename(folder)
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
        index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError(
            f"{folder}: no condensed set here; make one with: python -m training.prepare ferplus SRC {folder.parent}"
        ) from None
    except (OSError, ValueError) as error:
        raise DataError(f"{folder / INDEX}: unreadable ({error}); condense the data set again") from None
    if index.get("format") != FORMAT or tuple(index.get("labels", ())) != LABELS:
        raise DataError(f"{folder}: written by another version; condense the data set again")
    if verify:
        for name, expected in index["files"].items():
            if _sha256(folder / name) != expected:
                raise DataError(
                    f"{folder / name}: altered or cut short (its hash differs); condense the data set again"
                )
    try:
        names = sorted(name for name in index["files"] if name.startswith("pixels-"))
        pixels = [np.load(folder / name, mmap_mode="r", allow_pickle=False) for name in names]
        labels = np.load(folder / "labels.npy", allow_pickle=False)
        targets = np.load(folder / "targets.npy", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise DataError(f"{folder}: damaged ({error}); condense the data set again") from None
    if (
        sum(map(len, pixels)) != len(labels)
        or targets.shape != (len(labels), len(LABELS))
        or len(labels) > _MAX_SAMPLES
    ):
        raise DataError(f"{folder}: its files disagree about the number of pictures; condense the data set again")
    return CondensedSet(folder=folder, pixels=pixels, labels=labels, targets=targets, index=index)


def _save(folder: Path, name: str, array: NDArray[Any], files: dict[str, str]) -> None:
    np.save(folder / name, array, allow_pickle=False)
    files[name] = _sha256(folder / name)


def _sha256(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"{file}: cannot be read ({error.strerror}); condense the data set again") from None
