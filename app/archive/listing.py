"""What an archive is made of: a folder, files, a list of them, or a place that Arrow reaches by its URI."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from app.lists import read_list
from model.errors import ConfigError

from .item import Item
from .remote import is_uri, list_uri

_ENDINGS = (
    ".3g2 .3gp .asf .avi .dv .f4v .flv .gif .h264 .h265 .hevc .ivf .m2ts .m4v .mkv .mov .mp4 .mpe .mpeg .mpg .mts .mxf "
    ".nut .ogm .ogv .rm .rmvb .ts .vob .webm .wmv .wtv .y4m"
)
#: What a folder's videos are called; other files in it are left alone.
SUFFIXES = frozenset(_ENDINGS.split())


@dataclass(frozen=True, slots=True)
class Archive:
    """The files, in the order of their names, and what the names begin at."""

    root: str  # the folder or URI given; where several were given, the folder in which the command runs
    items: tuple[Item, ...]


def list_archive(words: Sequence[str], *, list_file: str | None = None) -> Archive:
    """Find the files.

    A folder or a URI alone gives names from there on. Several words, and the lines of a list, give names from the
    present folder on, or whole paths where they lie elsewhere. What is named twice is there once.

    Args:
        words: folders, files and URIs.
        list_file: the path of a list, a path a line, or separated by NUL; ``-`` is the standard input.

    Raises:
        ConfigError: there is nothing, or no video in it.
        SourceError: the list or a URI cannot be read.
    """
    named = [*words, *(read_list(list_file) if list_file is not None else ())]
    if not named:
        raise ConfigError("no files are named; give paths, a folder, or --list FILE")
    if len(named) == 1 and list_file is None and (is_uri(named[0]) or _is_folder(named[0])):
        (word,) = named
        root = word if is_uri(word) else str(Path(word).resolve())
        found = list_uri(word, named_from_here=True) if is_uri(word) else _in_folder(Path(word), Path(word))
    else:
        root = str(Path.cwd())
        found = (item for word in named for item in _of(word))
    items = {item.name: item for item in found}
    if not items:
        raise ConfigError(f"{named[0]}: no video in it; files are told by their endings: .mp4, .mkv, .mov, .webm …")
    return Archive(root, tuple(items[name] for name in sorted(items)))


def is_video(name: str) -> bool:
    """Whether a file of this name in a folder is one of the archive: a video by its ending, and not hidden."""
    path = PurePath(name)
    return path.suffix.lower() in SUFFIXES and not any(part.startswith(".") for part in path.parts if part != "..")


def _of(word: str) -> Iterable[Item]:
    if is_uri(word):
        return list_uri(word, named_from_here=False)
    path = Path(word)
    return _in_folder(path, None) if _is_folder(word) else [_item(path, _name(path))]


def _is_folder(word: str) -> bool:
    return os.path.isdir(word)  # noqa: PTH112  (Path's raises for a name that is too long)


def _in_folder(folder: Path, root: Path | None) -> Iterator[Item]:
    """The videos below, hidden ones left out; links to folders are not followed, which may lead in a circle."""
    troubles: list[OSError] = []
    for place, folders, files in os.walk(folder, onerror=troubles.append):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for file in files:
            if is_video(file):
                path = Path(place, file)
                yield _item(path, path.relative_to(root).as_posix() if root is not None else _name(path))
    for error in troubles:
        path = Path(os.fsdecode(error.filename or folder))
        name = path.relative_to(root).as_posix() if root is not None and path != root else _name(path)
        yield Item(name=name, path=str(path), trouble=f"the folder cannot be read: {error.strerror or error}")


def _item(path: Path, name: str) -> Item:
    try:
        stat = path.stat()
    except OSError:
        return Item(name=name, path=str(path))  # who opens it says what is wrong
    return Item(name=name, path=str(path), size=stat.st_size, mtime_ns=stat.st_mtime_ns)


def _name(path: Path) -> str:
    """The path from the present folder on where it lies below it, else the whole path."""
    whole = Path(os.path.normpath(path.absolute()))
    return whole.relative_to(Path.cwd()).as_posix() if whole.is_relative_to(Path.cwd()) else whole.as_posix()
