"""The files that a command's words name, where each has results of its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from app.lists import read_list


def named_files(words: Sequence[str], list_file: str | None) -> list[Path]:
    """The files that are named and those of the list.

    Raises:
        ConfigError: the list is empty.
        SourceError: the list cannot be read.
    """
    return [Path(word) for word in [*words, *(read_list(list_file) if list_file is not None else ())]]
