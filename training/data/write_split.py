"""The files of a condensed set, written: pixels as they are decoded, then all that follows from the samples."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from model.emotions import LABELS
from model.errors import DataError

from .condensed_index import (
    FORMAT,
    GROUPS_FILE,
    LABELS_FILE,
    NAMES_FILE,
    TARGETS_FILE,
    VALENCE_AROUSAL_FILE,
    sha256_of,
    shard_name,
)
from .decode import Recipe
from .decode_many import decode_many
from .faces import NO_FACE
from .journal import Journal, Shard
from .sample import Split
from .shard_writer import ShardWriter
from .whole import write_array, write_json

Tick: TypeAlias = Callable[[int], None]


def write_pixels(
    split: Split, part: Path, recipe: Recipe, journal: Journal, *, per_shard: int, jobs: int, tick: Tick
) -> None:
    """Decode what ``journal`` does not have yet into shards of ``per_shard`` pictures in ``part``, and note it there.

    Raises:
        DataError: a process that decodes died.
        OSError: the disk refuses.
    """
    looked_at = journal.looked_at
    tick(looked_at)
    with closing(decode_many(split.samples[looked_at:], recipe, jobs=jobs)) as runs:
        writer: ShardWriter | None = None
        try:
            for run in runs:
                pictures = []
                for place, outcome in enumerate(run, start=looked_at):
                    if isinstance(outcome, str):
                        journal.skipped[place] = outcome
                        continue
                    pictures.append(outcome)
                    writer = writer or ShardWriter(part, len(journal.shards), recipe.shape)
                    if writer.count + len(pictures) == per_shard:
                        writer.append(np.stack(pictures))
                        _note(writer, journal, place + 1).write(part)
                        writer, pictures = None, []
                if pictures:
                    assert writer is not None
                    writer.append(np.stack(pictures))
                looked_at += len(run)
                tick(looked_at)
            if writer is not None:
                _note(writer, journal, looked_at)  # not full, so not for the journal: it is made again, if need be
                writer = None
        finally:
            if writer is not None:
                writer.abandon()


def _note(writer: ShardWriter, journal: Journal, looked_at: int) -> Journal:
    path = writer.finish()
    journal.shards.append(Shard(sha256=sha256_of(path), count=writer.count, looked_at=looked_at))
    return journal


def write_rest(
    split: Split, part: Path, recipe: Recipe, journal: Journal, *, names_below: Path | None
) -> dict[str, Any]:
    """Write everything but the pixels; returns the index, as far as it follows from the split.

    Raises:
        OSError: the disk refuses.
    """
    kept = [sample for place, sample in enumerate(split) if place not in journal.skipped]
    write_array(part / LABELS_FILE, np.array([int(sample.label) for sample in kept], np.uint8))
    write_array(part / TARGETS_FILE, np.stack([sample.target for sample in kept]).astype(np.float32))
    write_json(part / NAMES_FILE, [_relative(sample.name, names_below) for sample in kept], indent=0)
    written = [LABELS_FILE, TARGETS_FILE, NAMES_FILE]
    if any(sample.valence_arousal is not None for sample in kept):
        values = [sample.valence_arousal or (np.nan, np.nan) for sample in kept]
        write_array(part / VALENCE_AROUSAL_FILE, np.array(values, np.float32))
        written.append(VALENCE_AROUSAL_FILE)
    if any(sample.group for sample in kept):
        write_json(part / GROUPS_FILE, [sample.group for sample in kept], indent=0)
        written.append(GROUPS_FILE)
    files = {shard_name(number): shard.sha256 for number, shard in enumerate(journal.shards)}
    skipped = [journal.skipped[place] for place in sorted(journal.skipped)]
    return {
        "format": FORMAT,
        "split": split.name,
        "count": len(kept),
        "size": recipe.size,
        "channels": recipe.channels,
        "faces": recipe.faces,
        "labels": list(LABELS),
        "dropped": split.dropped,
        "no_face": sum(is_faceless(line) for line in skipped),
        "skipped": [*split.skipped, *skipped],
        "files": files | {name: sha256_of(part / name) for name in written},
    }


def _relative(name: str, below: Path | None) -> str:
    if below is None or not name.startswith(str(below)):
        return name
    return name.removeprefix(str(below)).replace("\\", "/").lstrip("/")


def is_faceless(line: str) -> bool:
    """Whether a skip is for want of a face."""
    return line.endswith(f": {NO_FACE}")


def refuse_broken(split: Split, source: str, journal: Journal) -> None:
    """A set of which most pictures cannot be read is half unpacked, or its disk is gone.

    Raises:
        DataError: it is so, or there is no picture at all; the message has the first reason.
    """
    left = len(split) - len(journal.skipped)
    broken = [line for line in journal.skipped.values() if not is_faceless(line)]
    if left and len(broken) <= len(split) / 2:
        return
    first = next(iter(broken or journal.skipped.values()), "")
    if left:
        raise DataError(
            f"{source}: {len(broken)} of the {len(split)} pictures of split {split.name!r} cannot be read; "
            f"the first: {first}"
        )
    said = f"; the first: {first}" if first else ""
    raise DataError(f"{source}: not one picture of split {split.name!r} could be read{said}")
