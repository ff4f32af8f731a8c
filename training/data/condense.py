"""Writing a condensed set: a split decoded once into shards, with hashes, so that no epoch decodes a picture."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.emotions import LABELS
from model.errors import DataError
from model.preprocess import resize_crop

from .condensed_set import (
    FORMAT,
    GROUPS_FILE,
    INDEX,
    LABELS_FILE,
    NAMES_FILE,
    TARGETS_FILE,
    VALENCE_AROUSAL_FILE,
    CondensedSet,
    open_condensed,
    sha256_of,
)
from .replace_folder import put_back, replace_folder
from .sample import Sample, Split

__all__ = ["CondensedSet", "condense", "open_condensed"]

_SHARD_BYTES = 128 << 20


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
        kept: list[Sample] = []
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
            kept.append(sample)
            if len(shard) == per_shard:
                write_shard()
        write_shard()
        if not kept:
            raise DataError(f"{source}: not one picture of split {split.name!r} could be read")
        _save(part, LABELS_FILE, np.array([int(sample.label) for sample in kept], np.uint8), files)
        _save(part, TARGETS_FILE, np.stack([sample.target for sample in kept]).astype(np.float32), files)
        if any(sample.valence_arousal is not None for sample in kept):
            values = [sample.valence_arousal or (np.nan, np.nan) for sample in kept]
            _save(part, VALENCE_AROUSAL_FILE, np.array(values, np.float32), files)
        _save_texts(part, NAMES_FILE, [sample.name for sample in kept], files)
        if any(sample.group for sample in kept):
            _save_texts(part, GROUPS_FILE, [sample.group for sample in kept], files)
        index = {
            "format": FORMAT,
            "split": split.name,
            "source": source,
            "count": len(kept),
            "size": size,
            "channels": channels,
            "labels": list(LABELS),
            "dropped": split.dropped,
            "skipped": skipped,
            "files": files,
        }
        (part / INDEX).write_text(json.dumps(index, indent=1), encoding="utf-8")
        replace_folder(folder, part)
    except OSError as error:
        raise DataError(f"{folder}: cannot write the condensed set ({error.strerror or error})") from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return open_condensed(folder, verify=False)


def _refuse_other_content(folder: Path) -> None:
    """Never replace what is no condensed set: DST may be the data set itself, or a folder of the user's."""
    put_back(folder)
    if folder.exists() and not (folder / INDEX).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise DataError(f"{folder}: exists and is no condensed set, so it is not replaced; use another folder")


def _save(folder: Path, name: str, array: NDArray[Any], files: dict[str, str]) -> None:
    np.save(folder / name, array, allow_pickle=False)
    files[name] = sha256_of(folder / name)


def _save_texts(folder: Path, name: str, texts: list[str], files: dict[str, str]) -> None:
    (folder / name).write_text(json.dumps(texts, indent=0), encoding="utf-8")
    files[name] = sha256_of(folder / name)
