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
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from model.emotions import LABELS
from model.errors import DataError

from .replace_folder import put_back

FORMAT = 2
INDEX = "index.json"
LABELS_FILE, TARGETS_FILE, VALENCE_AROUSAL_FILE = "labels.npy", "targets.npy", "valence_arousal.npy"
NAMES_FILE, GROUPS_FILE = "names.json", "groups.json"
_OPTIONAL = (VALENCE_AROUSAL_FILE, GROUPS_FILE)
_MOST_SAMPLES = 50_000_000
_MOST_INDEX_BYTES = 1 << 30  # a line for each skip
_MOST_NAME_BYTES = 8192  # of a name, on average, as JSON
_AGAIN = "condense the data set again"


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


class Files:
    """The files of a condensed set, mapped; shared by all views of it."""

    def __init__(self, folder: Path, index: dict[str, Any]) -> None:
        """Map them.

        Raises:
            DataError: one is damaged, or they do not fit together.
        """
        self.folder, self.index = folder, index
        self._listed = frozenset(index["files"])
        # All are mapped before anything is copied: a header may claim any size, but the map must fit the file.
        self.pixels: list[NDArray[np.uint8]] = [
            _mapped(folder / name, np.uint8, 4) for name in sorted(self._listed) if name.startswith("pixels-")
        ]
        labels, targets = _mapped(folder / LABELS_FILE, np.uint8, 1), _mapped(folder / TARGETS_FILE, np.float32, 2)
        _check_pictures(folder, self.pixels, len(labels))
        _check_labels(folder, labels, targets)
        self.labels, self.targets = np.array(labels), np.array(targets)
        self.valence_arousal: NDArray[np.float32] = np.full((len(labels), 2), np.nan, np.float32)
        if VALENCE_AROUSAL_FILE in self._listed:
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
        if name not in self._listed:
            return ("",) * len(self.labels)
        most = _MOST_NAME_BYTES * (len(self.labels) + 1)
        texts = _read_json(self.folder / name, most)
        if not isinstance(texts, list) or len(texts) != len(self.labels) or not all(isinstance(t, str) for t in texts):
            raise DataError(f"{self.folder / name}: not {len(self.labels)} texts; {_AGAIN}")
        return tuple(texts)

    def take(self, places: NDArray[np.intp]) -> NDArray[np.uint8]:
        """As :meth:`CondensedSet.take`."""
        first = self.pixels[0]
        per_shard = len(first)
        out = np.empty((len(places), *first.shape[1:]), dtype=np.uint8)
        shard_of = places // per_shard
        for shard in np.unique(shard_of):
            here = shard_of == shard
            out[here] = self.pixels[shard][places[here] - shard * per_shard]
        return out


def open_condensed(folder: Path, *, verify: bool = True) -> CondensedSet:
    """Open a condensed set; ``verify`` compares every file with its hash, which reads them all.

    Raises:
        DataError: the folder is missing, incomplete or altered, or another version wrote it.
    """
    index = read_index(folder)
    _check_list(index.get("files"), folder)
    if verify:
        _verify(folder, index["files"])
    return CondensedSet(Files(folder, index))


def read_index(folder: Path) -> dict[str, Any]:
    """The index of a condensed set of this version.

    Raises:
        DataError: there is none, or another version wrote it.
    """
    try:
        put_back(folder)
        there = (folder / INDEX).is_file()
    except OSError as error:
        raise DataError(f"{folder}: cannot be read ({error.strerror or error})") from None
    if not there:
        raise DataError(
            f"{folder}: no condensed set here; make one with: python -m training.prepare KIND SRC {folder.parent}"
        )
    index = _read_json(folder / INDEX, _MOST_INDEX_BYTES)
    if not isinstance(index, dict) or index.get("format") not in (1, FORMAT) or index.get("labels") != list(LABELS):
        raise DataError(f"{folder}: written by another version; {_AGAIN}: {_command(index, folder)}")
    return index


def _command(index: Any, folder: Path) -> str:
    """What made the set, as far as its index says."""
    said = index if isinstance(index, dict) else {}
    kind = str(said.get("source", "")).split(" ")[0]
    kind = kind if kind.isalnum() else "KIND"
    size = said.get("size")
    size = f" --size {size}" if isinstance(size, int) else ""
    return (
        f"python -m training.prepare {kind} SRC {folder.parent}{size}{' --colour' if said.get('channels') == 3 else ''}"
    )


def _check_list(files: Any, folder: Path) -> None:
    """Every name must be one that condensing gives, so that none leaves the folder."""
    names = [name for name in files if name not in _OPTIONAL] if isinstance(files, dict) else []
    needed = [LABELS_FILE, TARGETS_FILE, NAMES_FILE]
    if NAMES_FILE not in names:
        needed.remove(NAMES_FILE)
    shards = [f"pixels-{number:05d}.npy" for number in range(len(names) - len(needed))]
    if not shards or sorted(names) != sorted([*shards, *needed]):
        raise DataError(f"{folder / INDEX}: its list of files is damaged; {_AGAIN}")


def _verify(folder: Path, files: dict[str, str]) -> None:
    with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as pool:  # hashing leaves Python's lock alone
        for name, found in zip(files, pool.map(lambda name: sha256_of(folder / name), files), strict=True):
            if found != files[name]:
                raise DataError(f"{folder / name}: altered or cut short (its hash differs); {_AGAIN}")


def sha256_of(file: Path) -> str:
    """The sha256 of a file, in hexadecimal.

    Raises:
        DataError: it cannot be read.
    """
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"{file}: cannot be read ({error.strerror}); {_AGAIN}") from None


def _read_json(file: Path, most_bytes: int) -> Any:
    try:
        if file.stat().st_size > most_bytes:
            raise ValueError(f"larger than {most_bytes:,} bytes")
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{file}: unreadable ({error}); {_AGAIN}") from None


def _mapped(file: Path, kind: type[Any], dimensions: int) -> NDArray[Any]:
    try:
        array = np.load(file, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, TypeError, OverflowError, EOFError) as error:
        raise DataError(f"{file}: damaged ({error}); {_AGAIN}") from None
    if array.dtype != kind or array.ndim != dimensions:
        raise DataError(
            f"{file}: holds {array.dtype} {array.shape}, expected {kind.__name__} in {dimensions} dimensions; {_AGAIN}"
        )
    return np.asarray(array)


def _check_pictures(folder: Path, pixels: list[NDArray[Any]], count: int) -> None:
    first, *others = pixels
    # Any picture is found by its place alone: every shard but the last is as long as the first.
    even = all(len(shard) == len(first) for shard in others[:-1]) and all(len(shard) <= len(first) for shard in others)
    square = first.shape[1] == first.shape[2] and first.shape[3] in (1, 3)
    alike = all(shard.shape[1:] == first.shape[1:] for shard in others)
    if not (even and square and alike and sum(map(len, pixels)) == count and 0 < count <= _MOST_SAMPLES):
        raise DataError(f"{folder}: its files disagree about the number of pictures; {_AGAIN}")


def _check_labels(folder: Path, labels: NDArray[Any], targets: NDArray[Any]) -> None:
    if targets.shape != (len(labels), len(LABELS)):
        raise DataError(f"{folder}: its files disagree about the number of pictures; {_AGAIN}")
    if labels.max() >= len(LABELS) or not np.allclose(targets.sum(axis=1), 1, atol=1e-3) or targets.min() < 0:
        raise DataError(f"{folder}: holds labels that are none of the eight; {_AGAIN}")


def _values(folder: Path, count: int) -> NDArray[np.float32]:
    values: NDArray[np.float32] = _mapped(folder / VALENCE_AROUSAL_FILE, np.float32, 2)
    if values.shape != (count, 2):
        raise DataError(f"{folder}: its files disagree about the number of pictures; {_AGAIN}")
    if not (np.isnan(values) | (np.abs(values) <= 1)).all() or (np.isnan(values[:, 0]) != np.isnan(values[:, 1])).any():
        raise DataError(f"{folder}: holds valence or arousal outside of -1 to 1; {_AGAIN}")
    return values
