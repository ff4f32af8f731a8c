"""Writing a condensed set: a split decoded once into shards, so that no epoch decodes a picture.

While it is made it lies in ``.NAME.part`` beside its place, shard by shard, with a journal; then it moves there whole.
"""

from __future__ import annotations

import errno
import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2

from model.errors import DataError
from model.preprocess import RESIZING

from .condensed_index import FORMAT, INDEX, read_index, verify
from .condensed_set import CondensedSet, open_condensed
from .decode import Recipe
from .faces import Faces, default_faces
from .journal import JOURNAL, resume
from .replace_folder import put_back, replace_folder
from .sample import Sample, Split
from .whole import write_json
from .write_split import Tick, refuse_broken, write_pixels, write_rest

__all__ = ["Built", "CondensedSet", "build", "condense", "open_condensed"]

SHARD_BYTES = 16 << 20  # at least, so that little is lost when a run is stopped, and
MOST_SHARDS = 64  # so that opening a large set stays far below the number of files a process may have open


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A condensed set that is whole, but not yet in its place."""

    folder: Path  # its place
    part: Path  # where it is
    index: dict[str, Any]

    def publish(self) -> CondensedSet:
        """Let it take its place; a condensed set that was there is gone afterwards.

        Raises:
            DataError: the disk refuses, or anything but a condensed set is there.
        """
        if self.part == self.folder:
            return open_condensed(self.folder, verify=False)
        try:
            _refuse_other_content(self.folder)
            (self.part / JOURNAL).unlink(missing_ok=True)
            replace_folder(self.folder, self.part)
        except OSError as error:
            raise _unwritable(self.folder, error) from None
        return open_condensed(self.folder, verify=False)

    def discard(self) -> None:
        """Remove it, unless it is in its place already."""
        if self.part != self.folder:
            shutil.rmtree(self.part, ignore_errors=True)


def condense(
    split: Split,
    folder: Path,
    *,
    size: int,
    channels: int,
    source: str,
    faces: Faces | None = None,
    jobs: int = 1,
    shard_bytes: int = SHARD_BYTES,
    tick: Tick = lambda _: None,
) -> CondensedSet:
    """Write ``split`` into ``folder``, whole or not at all; a broken picture is a listed skip.

    Args:
        split: the samples.
        folder: where to; an earlier condensed set there is replaced at the end.
        size: side of the stored pictures in pixels.
        channels: 1 stores grey, 3 stores BGR.
        source: what the index names as the data's origin.
        faces: which part of a picture is stored; None: the data set's own boxes where it has them, else all of it.
        jobs: processes that decode.
        shard_bytes: size of a shard, at least.
        tick: called with the number of pictures done.

    Raises:
        DataError: no picture can be read, the disk refuses, or ``folder`` holds anything but a condensed set.
    """
    recipe = Recipe(size=size, channels=channels, faces=faces or default_faces(split))
    part = _part_of(folder)
    try:
        shutil.rmtree(part, ignore_errors=True)  # nothing says that it was made from the same pictures
        return build(
            split, folder, recipe, source=source, jobs=jobs, again=True, shard_bytes=shard_bytes, tick=tick
        ).publish()
    finally:
        shutil.rmtree(part, ignore_errors=True)


def build(
    split: Split,
    folder: Path,
    recipe: Recipe,
    *,
    source: str,
    made_from: Mapping[str, Any] | None = None,
    names_below: Path | None = None,
    jobs: int = 1,
    again: bool = False,
    shard_bytes: int = SHARD_BYTES,
    tick: Tick = lambda _: None,
) -> Built:
    """Make a condensed set beside ``folder``; whatever stops it, the same call goes on after the last whole shard.

    Args:
        split: the samples.
        folder: where it is to be in the end.
        recipe: how pictures are stored.
        source: what the index names as the data's origin.
        made_from: what else the result depends on, such as a fingerprint of the source; kept in the index. What was
            begun with another is thrown away.
        names_below: the data set's own folder or .zip, which need not be in every picture's name.
        jobs: processes that decode; the result is the same whatever their number.
        again: make it even if the same is in its place already.
        shard_bytes: size of a shard, at least.
        tick: called with the number of samples looked at.

    Raises:
        DataError: not half of the pictures can be read, the disk refuses, or ``folder`` holds anything but a condensed
            set.
    """
    part = _part_of(folder)
    per_shard = max(1, shard_bytes // recipe.picture_bytes, -(-len(split) // MOST_SHARDS))
    key = _key(split, recipe, source, made_from or {}, per_shard)
    try:
        _refuse_other_content(folder)
        done = None if again else _finished(folder, key, made_from or {})
        if done is not None:  # the run was stopped while splits moved to their places one by one
            tick(len(split))
            return Built(folder=folder, part=folder, index=done)
        done = _finished(part, key, made_from or {})
        if done is None:
            journal = resume(part, key, per_shard=per_shard, samples=len(split))
            write_pixels(split, part, recipe, journal, per_shard=per_shard, jobs=jobs, tick=tick)
            try:
                refuse_broken(split, source, journal)
            except DataError:
                shutil.rmtree(part, ignore_errors=True)
                raise
            done = write_rest(split, part, recipe, journal, names_below=names_below)
            done |= {"source": source, "made_from": dict(made_from or {}), "key": key}
            write_json(part / INDEX, done, indent=1)
        tick(len(split))
    except OSError as error:
        raise _unwritable(folder, error) from None
    return Built(folder=folder, part=part, index=done)


def _finished(part: Path, key: str, made_from: Mapping[str, Any]) -> dict[str, Any] | None:
    """The index in ``part``, if that is whole already: a run may be killed before it moves it to its place."""
    try:
        index = read_index(part)
        if index.get("key") != key or index.get("made_from") != json.loads(json.dumps(made_from)):
            return None
        verify(part, index["files"])
    except DataError:
        return None
    return index


def _key(split: Split, recipe: Recipe, source: str, made_from: Mapping[str, Any], per_shard: int) -> str:
    """What a half-made set must have been made from to be gone on with."""
    digest = hashlib.sha256()
    said = [
        FORMAT,
        RESIZING,
        cv2.__version__,
        split.name,
        split.dropped,
        split.skipped,
        asdict(recipe),
        source,
        per_shard,
    ]
    digest.update(json.dumps([*said, made_from], sort_keys=True).encode())
    for sample in split:
        digest.update(_trace(sample))
    return digest.hexdigest()


def _trace(sample: Sample) -> bytes:
    said = (sample.name, int(sample.label), sample.valence_arousal, sample.box, sample.group)
    return repr(said).encode("utf-8", "surrogatepass") + sample.target.tobytes()


def _part_of(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.part")


def _refuse_other_content(folder: Path) -> None:
    """Never replace what is no condensed set: DST may be the data set itself, or a folder of the user's."""
    put_back(folder)
    if folder.exists() and not (folder / INDEX).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise DataError(f"{folder}: exists and is no condensed set, so it is not replaced; use another folder")


def _unwritable(folder: Path, error: OSError) -> DataError:
    cure = "; free some space, then the same command again" if error.errno == errno.ENOSPC else ""
    return DataError(f"{folder}: cannot write the condensed set ({error.strerror or error}){cure}")
