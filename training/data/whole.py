"""Files that appear whole or not at all, for this user alone: they hold faces."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray


def open_private(path: Path) -> BinaryIO:
    """A new file to write, readable by this user alone; one that a killed run left there is replaced.

    Raises:
        OSError: the disk refuses.
    """
    path.unlink(missing_ok=True)
    path.touch(mode=0o600, exist_ok=False)
    return path.open("wb")


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write, which becomes ``path`` at the end, on the disk, or vanishes if anything fails."""
    part = path.with_name(f".{path.name}.part")
    try:
        with open_private(part) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def write_array(path: Path, array: NDArray[Any]) -> None:
    """Write a ``.npy`` file."""
    with whole_file(path) as file:
        np.save(file, array, allow_pickle=False)


def write_json(path: Path, value: Any, *, indent: int) -> None:
    """Write a JSON file in UTF-8."""
    with whole_file(path) as file:
        file.write(json.dumps(value, indent=indent).encode())
