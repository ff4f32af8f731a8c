"""Files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from .errors import ModelError


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A file beside ``path`` to be written, which takes its place at the end, or vanishes if anything fails.

    Raises:
        OSError: the disk refuses; what was at ``path`` is as it was.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        part.replace(path)
    finally:
        with contextlib.suppress(OSError):  # a file in its folder's place, say: that is told already
            part.unlink(missing_ok=True)


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """As :func:`replacing`, for a model.

    Raises:
        ModelError: the disk refuses.
    """
    try:
        with replacing(path) as part:
            yield part
    except OSError as error:
        raise ModelError(f"{path}: cannot be written ({error.strerror or error})") from None


def write_through(part: Path, content: bytes) -> None:
    """Down to the disk: without this a crash of the system soon after the rename could leave an empty file."""
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
