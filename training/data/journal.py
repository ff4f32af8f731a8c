"""The journal of a condensed set that is being written: which shards are whole, so that a killed run can go on."""

from __future__ import annotations

import contextlib
import shutil
from bisect import bisect_left
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from model.errors import DataError

from .condensed_index import read_json, sha256_of, shard_name
from .whole import write_json

JOURNAL = "journal.json"
_MOST_BYTES = 1 << 30
_PRIVATE = 0o700  # faces are nobody else's business


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """A shard that is whole."""

    sha256: str
    count: int  # pictures in it
    looked_at: int  # samples of the split that were looked at by its end, skipped ones and earlier shards' included


@dataclass(slots=True)
class Journal:
    """What was done so far, for the one ``key`` that says what is being made of what."""

    key: str
    shards: list[Shard] = field(default_factory=list)
    skipped: dict[int, str] = field(default_factory=dict)  # place of the sample in the split -> why it was left out

    @property
    def looked_at(self) -> int:
        """Samples that need not be looked at again."""
        return self.shards[-1].looked_at if self.shards else 0

    def write(self, folder: Path) -> None:
        """Write it into ``folder``, whole or not at all."""
        skipped = [[place, line] for place, line in self.skipped.items() if place < self.looked_at]
        content = {"key": self.key, "shards": [asdict(shard) for shard in self.shards], "skipped": skipped}
        write_json(folder / JOURNAL, content, indent=0)


def resume(folder: Path, key: str, *, per_shard: int, samples: int) -> Journal:
    """What is whole in ``folder``; all else in it is removed, all of it if it was about anything but ``key``.

    Args:
        folder: where the set is being written.
        key: what is being made of what.
        per_shard: pictures of a shard.
        samples: of the whole split.
    """
    journal = _read(folder, key, per_shard, samples)
    if journal is None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=_PRIVATE, parents=True)
        return Journal(key)
    folder.chmod(_PRIVATE)
    for number, shard in enumerate(journal.shards):
        if not _is_whole(folder / shard_name(number), shard):
            del journal.shards[number:]
            break
    journal.skipped = {place: line for place, line in journal.skipped.items() if place < journal.looked_at}
    keep = {JOURNAL, *(shard_name(number) for number in range(len(journal.shards)))}
    for file in folder.iterdir():
        if file.name in keep:
            continue
        if file.is_dir() and not file.is_symlink():
            shutil.rmtree(file)
        else:
            file.unlink()
    return journal


def _read(folder: Path, key: str, per_shard: int, samples: int) -> Journal | None:
    with contextlib.suppress(DataError, KeyError, TypeError, ValueError):
        said: Any = read_json(folder / JOURNAL, _MOST_BYTES)
        shards = [Shard(**shard) for shard in said["shards"]]
        skipped = dict(_skip(place, line) for place, line in said["skipped"])
        fits = all(shard.count == per_shard for shard in shards) and _add_up(shards, sorted(skipped), samples)
        if said["key"] == key and fits:
            return Journal(key, shards, skipped)
    return None


def _skip(place: object, line: object) -> tuple[int, str]:
    if type(place) is not int or place < 0 or not isinstance(line, str):
        raise ValueError(f"{place!r} is no place, or {line!r} no line")
    return place, line


def _add_up(shards: list[Shard], places: list[int], samples: int) -> bool:
    """Whether by the end of each shard as many samples were looked at as are in shards or skipped by then."""
    stored = 0
    for shard in shards:
        stored += shard.count
        if type(shard.looked_at) is not int or not isinstance(shard.sha256, str):
            return False
        if shard.looked_at != stored + bisect_left(places, shard.looked_at) or shard.looked_at > samples:
            return False
    return True


def _is_whole(file: Path, shard: Shard) -> bool:
    try:
        return sha256_of(file) == shard.sha256
    except DataError:
        return False
