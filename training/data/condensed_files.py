"""The files of a condensed set, mapped into memory and checked to fit together."""

from __future__ import annotations

import mmap
from functools import cached_property
from pathlib import Path
from tokenize import TokenError  # NumPy reads a file's header as Python 2 wrote it, by taking it for source
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.emotions import LABELS
from model.errors import DataError

from .condensed_index import (
    AGAIN,
    GROUPS_FILE,
    LABELS_FILE,
    NAMES_FILE,
    TARGETS_FILE,
    VALENCE_AROUSAL_FILE,
    read_json,
)

_MOST_SAMPLES = 50_000_000
_MOST_NAME_BYTES = 8192  # of a name, on average, as JSON
_MOST_MAPPED_BYTES = 64 << 20  # what a process keeps of the shards after use


class Files:
    """The files of a condensed set; shared by all views of it."""

    def __init__(self, folder: Path, index: dict[str, Any]) -> None:
        """Map them.

        Raises:
            DataError: one is damaged, or they do not fit together.
        """
        self.folder, self.index = folder, index
        listed = index["files"]
        # All are mapped before anything is copied: a header may claim any size, but the map must fit the file.
        maps = [_mapped(folder / name, np.uint8, 4) for name in sorted(listed) if name.startswith("pixels-")]
        self.pixels: list[NDArray[np.uint8]] = [np.asarray(array) for array in maps]
        self._maps = [array.base for array in maps]
        self._taken_bytes = 0  # since the mapped pages were given back
        labels, targets = _mapped(folder / LABELS_FILE, np.uint8, 1), _mapped(folder / TARGETS_FILE, np.float32, 2)
        _check_pictures(folder, self.pixels, len(labels))
        _check_labels(folder, labels, targets)
        self.labels, self.targets = np.array(labels), np.array(targets)
        self.valence_arousal: NDArray[np.float32] = np.full((len(labels), 2), np.nan, np.float32)
        if VALENCE_AROUSAL_FILE in listed:
            self.valence_arousal[:] = _values(folder, len(labels))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """As :attr:`CondensedSet.names`."""
        return self._texts(NAMES_FILE)

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """As :attr:`CondensedSet.groups`."""
        return self._texts(GROUPS_FILE)

    def _texts(self, name: str) -> tuple[str, ...]:
        count = len(self.labels)
        if name not in self.index["files"]:
            return ("",) * count
        texts = read_json(self.folder / name, _MOST_NAME_BYTES * (count + 1))
        if not isinstance(texts, list) or len(texts) != count or not all(isinstance(text, str) for text in texts):
            raise DataError(f"{self.folder / name}: does not hold {count} texts; {AGAIN}")
        return tuple(texts)

    def take(self, places: NDArray[np.intp]) -> NDArray[np.uint8]:
        """As :meth:`CondensedSet.take`."""
        first = self.pixels[0]
        out = np.empty((len(places), *first.shape[1:]), dtype=np.uint8)
        shards, offsets = np.divmod(places, len(first))
        # One by one: for pictures of some kilobytes this is up to twice as fast as an array of indices per shard.
        for row, (shard, offset) in enumerate(zip(shards.tolist(), offsets.tolist(), strict=True)):
            out[row] = self.pixels[shard][offset]
        self._taken_bytes += out.nbytes
        if self._taken_bytes > _MOST_MAPPED_BYTES:
            self._give_back()
        return out

    def _give_back(self) -> None:
        """Unmap what was read; it stays in the system's file cache, which it can take back when memory is short.

        Without this the process would seem to grow by the whole set in the first epoch, and count so where a
        container limits it.
        """
        self._taken_bytes = 0
        if hasattr(mmap, "MADV_DONTNEED"):  # not on Windows
            for mapped in self._maps:
                mapped.madvise(mmap.MADV_DONTNEED)


def _mapped(file: Path, kind: type[Any], dimensions: int) -> np.memmap[Any, Any]:
    try:
        array = np.load(file, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, TypeError, OverflowError, EOFError, SyntaxError, TokenError) as error:
        raise DataError(f"{file}: damaged ({error}); {AGAIN}") from None
    if array.dtype != kind or array.ndim != dimensions or not isinstance(array, np.memmap):
        raise DataError(
            f"{file}: holds {array.dtype} {array.shape}, expected {kind.__name__} in {dimensions} dimensions; {AGAIN}"
        )
    return array


def _check_pictures(folder: Path, pixels: list[NDArray[Any]], count: int) -> None:
    first, *others = pixels
    # Any picture is found by its place alone: every shard but the last is as long as the first.
    even = all(len(shard) == len(first) for shard in others[:-1]) and all(len(shard) <= len(first) for shard in others)
    square = first.shape[1] == first.shape[2] and first.shape[3] in (1, 3)
    alike = all(shard.shape[1:] == first.shape[1:] and shard.flags.c_contiguous for shard in pixels)
    if not (even and square and alike and sum(map(len, pixels)) == count and 0 < count <= _MOST_SAMPLES):
        raise DataError(f"{folder}: its files disagree about the number of pictures; {AGAIN}")


def _check_labels(folder: Path, labels: NDArray[Any], targets: NDArray[Any]) -> None:
    if targets.shape != (len(labels), len(LABELS)):
        raise DataError(f"{folder}: its files disagree about the number of pictures; {AGAIN}")
    if labels.max() >= len(LABELS) or not np.allclose(targets.sum(axis=1), 1, atol=1e-3) or targets.min() < 0:
        raise DataError(f"{folder}: holds labels that are none of the eight; {AGAIN}")


def _values(folder: Path, count: int) -> NDArray[np.float32]:
    values = np.asarray(_mapped(folder / VALENCE_AROUSAL_FILE, np.float32, 2))
    if values.shape != (count, 2):
        raise DataError(f"{folder}: its files disagree about the number of pictures; {AGAIN}")
    none = np.isnan(values)
    if not (none | (np.abs(values) <= 1)).all() or (none[:, 0] != none[:, 1]).any():
        raise DataError(f"{folder}: holds valence or arousal outside of -1 to 1; {AGAIN}")
    return values
