"""What lies in a folder or a .zip: listed once, without asking the disk about every file."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Iterator
from importlib.resources.abc import Traversable
from pathlib import Path

from model.errors import DataError

#: What systems leave in folders and archives without being asked.
_LITTER = ("__MACOSX", "Thumbs.db", "desktop.ini")
#: Hundreds of thousands of pictures or labels, and nothing to look for further down.
_CROWDED = (
    *("images", "annotations", "Manually_Annotated_Images", "Image"),
    *("FER2013Train", "FER2013Valid", "FER2013Test"),
)


def names_in(folder: Traversable) -> set[str]:
    """The names of everything in ``folder``, the systems' own litter and hidden files apart.

    One pass over the directory, no question per file: the largest published folders hold a million of them.
    """
    if isinstance(folder, Path):
        with os.scandir(folder) as entries:
            names = {entry.name for entry in entries}
    elif isinstance(folder, zipfile.Path):
        start = len(folder.at)
        rests = (name[start:] for name in folder.root.namelist() if name.startswith(folder.at))
        names = {rest.rstrip("/") for rest in rests if rest and "/" not in rest.rstrip("/")}
    else:
        names = {child.name for child in folder.iterdir()}
    return {name for name in names if not is_litter(name)}


def is_litter(name: str) -> bool:
    """Whether a system wrote this file, not the data set's authors."""
    return name.startswith(".") or name in _LITTER


def find_folder(root: Traversable, fits: Callable[[Traversable], bool], depth: int = 3) -> Traversable | None:
    """The folder nearest to ``root`` for which ``fits`` holds, at most ``depth`` levels down."""
    level = [root]
    for _ in range(depth + 1):
        for folder in level:
            if fits(folder):
                return folder
        level = [child for folder in level for child in _subfolders(folder)]
    return None


def _subfolders(folder: Traversable) -> Iterator[Traversable]:
    if folder.is_dir():
        children = (child for child in folder.iterdir() if _worth_a_look(child.name) and child.is_dir())
        yield from sorted(children, key=lambda child: child.name)


def _worth_a_look(name: str) -> bool:
    return name not in _CROWDED and not is_litter(name)


def path_in(folder: Traversable, name: str) -> str:
    """The path of ``name`` in ``folder`` for messages; a folder in a .zip ends in a slash, one on disk does not."""
    return f"{str(folder).rstrip('/')}/{name}"


def is_inside(path: str) -> bool:
    """Whether a path out of a table, joined to a folder, stays in that folder on every system."""
    odd = any(character in path for character in "\\:\0")
    return not odd and all(part not in ("", ".", "..") for part in path.split("/"))


def refuse_half(root: Traversable, title: str, absent: int, named: int) -> None:
    """A set of which most pictures are not there is half unpacked; a few that are not there are listed skips.

    Raises:
        DataError: more than half of the pictures that the data set names are absent.
    """
    if absent > named / 2:
        raise DataError(
            f"{root}: {absent} of the {named} pictures that {title} names are not there; "
            "it seems half unpacked: unpack every archive of it again"
        )
