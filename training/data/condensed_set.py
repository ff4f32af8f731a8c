"""Reading a condensed set: hashes compared, shards memory-mapped, pictures by their places in any order.

On disk, one folder a split::

    index.json            what it is, how many, the sha256 of each file
    pixels-00000.npy      uint8 (n, size, size, channels), NumPy's own format, memory-mapped; all but the last alike
    labels.npy            uint8 (N,)
    targets.npy           float32 (N, 8), rows sum to 1
    valence_arousal.npy   float32 (N, 2), NaN where a picture has none; absent where none has
    names.json            N texts: each picture's path or row in the data set
    groups.json           N texts: who or what pictures have in common; absent where none has
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from model.errors import DataError

from .condensed_files import Files
from .condensed_index import read_index
from .condensed_index import verify as verify_files


class CondensedSet:
    """A split, ready for random access; or a view of some of its pictures, see :meth:`subset`.

    It is cheap to send to another process: that one maps the same files itself.
    """

    def __init__(self, files: Files, places: NDArray[np.intp] | None = None) -> None:
        """Look at ``files``, at the pictures at ``places`` of it or at all."""
        self._files, self._places = files, places
        chosen = slice(None) if places is None else places
        self.labels: NDArray[np.uint8] = files.labels[chosen]  # (N,)
        self.targets: NDArray[np.float32] = files.targets[chosen]  # (N, 8)
        self.valence_arousal: NDArray[np.float32] = files.valence_arousal[chosen]  # (N, 2), NaN where none

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return self._files.folder

    @property
    def index(self) -> dict[str, Any]:
        """What ``index.json`` says, of the whole set."""
        return self._files.index

    @property
    def pixels(self) -> list[NDArray[np.uint8]]:
        """The memory-mapped shards ``(n, size, size, channels)`` of the whole set."""
        return self._files.pixels

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Each picture's path or row in the data set, ``N`` texts.

        Raises:
            DataError: the file is damaged.
        """
        return self._chosen(self._files.names)

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """Who or what pictures have in common, ``N`` texts; all empty where the data do not say.

        Raises:
            DataError: the file is damaged.
        """
        return self._chosen(self._files.groups)

    def _chosen(self, texts: tuple[str, ...]) -> tuple[str, ...]:
        return texts if self._places is None else tuple(texts[place] for place in self._places)

    @cached_property
    def fingerprint(self) -> str:
        """sha256 of what a network can learn from: the hashes of pictures, labels and values, and the places."""
        files = {name: hashed for name, hashed in self.index["files"].items() if name.endswith(".npy")}
        whole = hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()
        if self._places is None:
            return whole
        return hashlib.sha256(whole.encode() + self._places.astype("<i8").tobytes()).hexdigest()

    def subset(self, places: ArrayLike) -> CondensedSet:
        """A view of the pictures at ``places``, in that order; nothing is copied but labels and values.

        Raises:
            ValueError: a place is no whole number, or there is no picture at it.
        """
        wanted = np.asarray(places)
        if wanted.size == 0:
            wanted = wanted.astype(np.intp)
        if wanted.ndim != 1 or wanted.dtype.kind not in "iu":
            raise ValueError(f"places are {wanted.dtype} {wanted.shape}, expected whole numbers in one dimension")
        if wanted.size and (wanted.min() < 0 or wanted.max() >= len(self)):
            raise ValueError(f"places from {wanted.min()} to {wanted.max()} of a set of {len(self)} pictures")
        wanted = wanted.astype(np.intp)
        return CondensedSet(self._files, wanted if self._places is None else self._places[wanted])

    def take(self, places: NDArray[np.intp]) -> NDArray[np.uint8]:
        """The pictures at ``places``, uint8 ``(n, size, size, channels)``, in memory of their own."""
        return self._files.take(places if self._places is None else self._places[places])

    def __reduce__(self) -> tuple[Callable[..., CondensedSet], tuple[Any, ...]]:
        return _opened_elsewhere, (self.folder.absolute(), self._files.index["files"], self._places)


def _opened_elsewhere(folder: Path, files: dict[str, str], places: NDArray[np.intp] | None) -> CondensedSet:
    """The set that another process sent; it must not have been replaced in between."""
    whole = open_condensed(folder, verify=False)
    if whole.index["files"] != files:
        raise DataError(f"{folder}: replaced while it was in use; start again")
    return whole if places is None else whole.subset(places)


def open_condensed(folder: Path, *, verify: bool = True) -> CondensedSet:
    """Open a condensed set; ``verify`` compares every file with its hash, which reads them all.

    Raises:
        DataError: the folder is missing, incomplete or altered, or another version wrote it.
    """
    index = read_index(folder)
    if verify:
        verify_files(folder, index["files"])
    return CondensedSet(Files(folder, index))
