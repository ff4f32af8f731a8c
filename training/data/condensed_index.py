"""The index of a condensed set: which files belong to it, and their hashes."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from model.cores import cores
from model.emotions import LABELS
from model.errors import DataError
from model.file_hash import file_hash

from .replace_folder import put_back

FORMAT = 2
INDEX = "index.json"
LABELS_FILE, TARGETS_FILE, VALENCE_AROUSAL_FILE = "labels.npy", "targets.npy", "valence_arousal.npy"
NAMES_FILE, GROUPS_FILE = "names.json", "groups.json"
_NEEDED = (LABELS_FILE, TARGETS_FILE, NAMES_FILE)
_OPTIONAL = (VALENCE_AROUSAL_FILE, GROUPS_FILE)
_MOST_INDEX_BYTES = 1 << 30  # a line for each skip
AGAIN = "condense the data set again"


def shard_name(number: int) -> str:
    """The file of shard ``number``, from 0."""
    return f"pixels-{number:05d}.npy"


def read_index(folder: Path) -> dict[str, Any]:
    """The index of a condensed set of this version; its list of files names none outside of the folder.

    Raises:
        DataError: there is none, it is damaged, or another version wrote it.
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
    index = read_json(folder / INDEX, _MOST_INDEX_BYTES)
    if not isinstance(index, dict) or index.get("format") != FORMAT or index.get("labels") != list(LABELS):
        raise DataError(f"{folder}: written by another version; {AGAIN}: {_command(index, folder)}")
    _check_list(index.get("files"), folder)
    if not _says_how_many(index):
        raise DataError(f"{folder / INDEX}: what it says of pictures that were left out is damaged; {AGAIN}")
    return index


def verify(folder: Path, files: dict[str, str]) -> None:
    """Read every file and compare its hash.

    Raises:
        DataError: one is missing or altered; the message names it.
    """
    with ThreadPoolExecutor(max_workers=min(8, cores())) as pool:  # hashing leaves Python's lock alone
        for name, found in zip(files, pool.map(lambda name: sha256_of(folder / name), files), strict=True):
            if found != files[name]:
                raise DataError(f"{folder / name}: altered or cut short (its hash differs); {AGAIN}")


def sha256_of(file: Path) -> str:
    """The sha256 of a file, in hexadecimal.

    Raises:
        DataError: it cannot be read.
    """
    try:
        return file_hash(file)
    except OSError as error:
        raise DataError(f"{file}: cannot be read ({error.strerror}); {AGAIN}") from None


def read_json(file: Path, most_bytes: int) -> Any:
    """What a JSON file of at most ``most_bytes`` says.

    Raises:
        DataError: it is missing, damaged or larger.
    """
    try:
        if file.exists() and not file.is_file():  # a pipe would be waited for
            raise ValueError("not a regular file")
        if file.stat().st_size > most_bytes:
            raise ValueError(f"larger than {most_bytes:,} bytes")
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{file}: unreadable ({error}); {AGAIN}") from None


def _command(index: Any, folder: Path) -> str:
    """What made the set, as far as its index says."""
    said = index if isinstance(index, dict) else {}
    kind = str(said.get("source", "")).partition(" ")[0]
    size = f" --size {said['size']}" if isinstance(said.get("size"), int) else ""
    colour = " --colour" if said.get("channels") == 3 else ""
    return f"python -m training.prepare {kind if kind.isalnum() else 'KIND'} SRC {folder.parent}{size}{colour}"


def _says_how_many(index: dict[str, Any]) -> bool:
    """Whether all that is said to people about the set, and that it is known by, is of its kind."""
    skipped, dropped, no_face = index.get("skipped"), index.get("dropped"), index.get("no_face")
    return (
        type(index.get("count")) is int
        and isinstance(index.get("made_from", {}), dict)
        and isinstance(skipped, list)
        and all(isinstance(line, str) for line in skipped)
        and type(no_face) is int
        and 0 <= no_face <= len(skipped)
        and isinstance(dropped, dict)
        and all(type(number) is int for number in dropped.values())
    )


def _check_list(files: Any, folder: Path) -> None:
    names = sorted(name for name in files if name not in _OPTIONAL) if isinstance(files, dict) else []
    shards = [shard_name(number) for number in range(len(names) - len(_NEEDED))]
    if not shards or names != sorted([*shards, *_NEEDED]) or not all(isinstance(text, str) for text in files.values()):
        raise DataError(f"{folder / INDEX}: its list of files is damaged; {AGAIN}")
