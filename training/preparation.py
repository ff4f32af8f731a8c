"""A data set as published -> condensed sets, one folder a split: what ``python -m training.prepare`` does."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from model.errors import ConfigError, DataError

from .data.condense import SHARD_BYTES, build
from .data.condensed_index import FORMAT, INDEX, read_index
from .data.decode import Recipe
from .data.faces import Faces, default_faces
from .data.hold_out import hold_out
from .data.only_one import only_one
from .data.sample import Split
from .data.source import fingerprint, open_root
from .readers import read_data_set

_RECIPE = 1  # raised when the same data set is condensed into something else than before


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be made of what."""

    kind: str
    source: Path
    destination: Path
    size: int = 48  # side of the stored pictures in pixels
    channels: int = 1  # 1 grey, 3 BGR
    faces: Faces | None = None  # None: the data set's own boxes where it has them, else whole pictures
    valid_share: float = 0.0  # of the training split's persons, to hold out
    test_share: float = 0.0

    def request(self, trace: str) -> dict[str, Any]:
        """All that the result depends on; ``trace`` is the source's fingerprint."""
        return {
            "recipe": [FORMAT, _RECIPE],
            "kind": self.kind,
            "source": trace,
            "size": self.size,
            "channels": self.channels,
            "faces": self.faces,
            "valid_share": self.valid_share,
            "test_share": self.test_share,
        }


class Watch(Protocol):
    """Who shows how far it is."""

    def begin(self, split: str, total: int) -> Callable[[int], None]:
        """A split of ``total`` pictures begins; what is returned takes the number that is done."""

    def say(self, line: str) -> None:
        """Take a line for the user that is no result."""


def prepare(
    wanted: Wanted,
    watch: Watch,
    *,
    jobs: int = 1,
    strict: bool = False,
    again: bool = False,
    shard_bytes: int = SHARD_BYTES,
) -> list[str]:
    """Condense every split into ``destination/SPLIT``; returns a line a split. What is there already is not made again.

    All splits appear at the end, or none. Whatever stops it, the same call goes on after the last whole shard, and the
    result is the same, byte by byte, as if nothing had happened.

    Args:
        wanted: what is to be made of what.
        watch: shows how far it is.
        jobs: processes that decode.
        strict: refuse a data set in which anything had to be skipped.
        again: make it even if it is there.
        shard_bytes: size of a shard, at least.

    Raises:
        DataError: the data set is missing or damaged, the disk refuses, or ``strict`` found a skip.
        ConfigError: the settings cannot be met.
    """
    source, destination = wanted.source, wanted.destination
    root = open_root(source, apart_from=destination)
    if destination.resolve() == source.resolve():
        raise ConfigError(f"{destination}: DST is the data set itself; use another folder")
    trace = fingerprint(source, apart_from=destination)
    request = wanted.request(trace)
    there = None if again else _already(destination, request)
    if there is not None:
        _refuse_skips(strict, source, (line for index in there.values() for line in index["skipped"]))
        return [_describe(name, index, destination / name, " (made already)") for name, index in there.items()]
    splits = hold_out(read_data_set(wanted.kind, root), valid=wanted.valid_share, test=wanted.test_share)
    _refuse_skips(strict, source, (line for split in splits.values() for line in split.skipped))
    recipe = Recipe(size=wanted.size, channels=wanted.channels, faces=_faces(wanted, splits))
    with _work_in(destination):
        _say_space(destination, recipe, splits, watch)
        built = [
            build(
                split,
                destination / name,
                recipe,
                source=f"{wanted.kind} {source.name}",
                made_from=request | {"splits": sorted(splits)},
                names_below=source,
                jobs=jobs,
                again=again,
                shard_bytes=shard_bytes,
                tick=watch.begin(name, len(split)),
            )
            for name, split in splits.items()
        ]
        try:
            _refuse_skips(strict, source, (line for each in built for line in each.index["skipped"]))
            if fingerprint(source, apart_from=destination) != trace:
                raise DataError(f"{source}: changed while it was read; the same command begins anew")
        except DataError:
            for each in built:
                each.discard()
            raise
        lines = [_describe(each.folder.name, each.publish().index, each.folder) for each in built]
        _leave_no_others(destination, request, set(splits), watch)
        return lines


@contextlib.contextmanager
def _work_in(destination: Path) -> Iterator[None]:
    """Hold the folder; if it was made for this and stays empty, it goes again."""
    made = not destination.exists()
    try:
        destination.mkdir(mode=0o700, parents=True, exist_ok=True)  # for this user alone, as all that is in it
    except OSError as error:
        raise DataError(f"{destination}: cannot make this folder ({error.strerror or error})") from None
    try:
        with only_one(destination):
            yield
    finally:
        if made:
            with contextlib.suppress(OSError):
                destination.rmdir()


def _already(destination: Path, request: dict[str, Any]) -> dict[str, dict[str, Any]] | None:
    """The indexes of all splits, if they were made from the same; whether files are whole is seen when opened."""
    indexes = dict(_indexes(destination))
    for own, index in indexes.items():
        made_from = index.get("made_from", {})
        splits = made_from.get("splits")
        if {**made_from, "splits": None} != {**request, "splits": None}:
            continue
        if not isinstance(splits, list) or own not in splits or not all(isinstance(name, str) for name in splits):
            continue  # tampered with, so it says nothing
        there = {name: indexes.get(name) for name in splits}
        whole = all(
            each is not None
            and each.get("made_from") == made_from
            and all((destination / name / file).is_file() for file in each["files"])
            for name, each in there.items()
        )
        return there if whole else None  # type: ignore[return-value]
    return None


def _indexes(destination: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for child in sorted(destination.iterdir()) if destination.is_dir() else ():
        if (child / INDEX).is_file() and not child.name.startswith("."):
            try:
                yield child.name, read_index(child)
            except DataError:
                continue


def _faces(wanted: Wanted, splits: dict[str, Split]) -> Faces:
    samples = (sample for split in splits.values() for sample in split)
    found = default_faces(samples)
    if wanted.faces is Faces.BOX and found is not Faces.BOX:
        raise ConfigError(f"{wanted.source}: its faces have no boxes; use --faces whole or --faces detector")
    return wanted.faces or found


def _refuse_skips(strict: bool, source: Path, skipped: Iterable[str]) -> None:
    lines = list(skipped) if strict else []
    if lines:
        raise DataError(f"{source}: {len(lines)} skipped, and --strict allows none; the first: {lines[0]}")


def _say_space(destination: Path, recipe: Recipe, splits: dict[str, Split], watch: Watch) -> None:
    needed = sum(map(len, splits.values())) * recipe.picture_bytes
    free = shutil.disk_usage(destination).free
    if needed > free:
        watch.say(f"note: this takes up to {needed / 1e9:.1f} GB, and {destination} has {free / 1e9:.1f} GB left")


def _leave_no_others(destination: Path, request: dict[str, Any], splits: set[str], watch: Watch) -> None:
    """Of the same data cut in another way nothing may stay: a picture would be in two splits."""
    for name, index in _indexes(destination):
        if name in splits:
            continue
        made_from = index.get("made_from", {})
        same = all(made_from.get(key) == request[key] for key in ("kind", "source"))
        if same:
            shutil.rmtree(destination / name, ignore_errors=True)
            watch.say(f"removed {destination / name}: the same data set, cut in another way")
        else:
            watch.say(f"note: {destination / name} is of another data set ({index.get('source')}) and stays as it is")


def _describe(name: str, index: dict[str, Any], where: Path, remark: str = "") -> str:
    dropped = ", ".join(f"{number} {reason}" for reason, number in index["dropped"].items())
    left_out = f"; left out by the data set's rule: {dropped}" if dropped else ""
    broken = len(index["skipped"]) - index["no_face"]
    reasons = [f"{index['no_face']} no face found"] * bool(index["no_face"]) + [f"{broken} broken"] * bool(broken)
    skipped = f"; {' and '.join(reasons)}, listed in {where / INDEX}" if reasons else ""
    return f"{name}: {index['count']} pictures -> {where}{remark}{left_out}{skipped}"
