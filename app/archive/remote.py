"""Files that Arrow reaches by a URI (``s3://bucket/talks``, ``file:///mnt/talks``): listed, and copied to be read.

The network is used because the user names such a place, and only towards it.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.sinks.arrow import require_arrow
from model.errors import SourceError

from .item import Item

#: The schemes of places that Arrow knows.
_URI = re.compile(r"(file|s3|gs|gcs|abfs|abfss|hdfs|viewfs)://", re.IGNORECASE)


def is_uri(word: str) -> bool:
    """Whether a word names a place that Arrow is to reach."""
    return _URI.match(word) is not None


def list_uri(uri: str, *, named_from_here: bool) -> list[Item]:
    """The videos at or below a URI; their names begin there, or with the URI.

    Raises:
        SourceError: it cannot be reached or is not there.
        AffectcamError: pyarrow is not installed.
    """
    from .listing import is_video

    fs = require_arrow_fs()
    with _told(f"cannot list {uri}"):
        system, path = _open(uri)
        root = system.get_file_info(path)
        if root.type == fs.FileType.NotFound:
            raise SourceError(f"{uri}: there is nothing; check the address")
        if root.type == fs.FileType.File:
            return [_item(uri, root, path.rsplit("/", 1)[-1] if named_from_here else uri)]
        below = system.get_file_info(fs.FileSelector(path, recursive=True))
    items = []
    for info in below:
        name = info.path.removeprefix(path).lstrip("/")
        if info.type == fs.FileType.File and is_video(name):
            items.append(_item(uri, info, name if named_from_here else f"{uri.rstrip('/')}/{name}"))
    return items


@contextlib.contextmanager
def local_copy(item: Item) -> Iterator[Path]:
    """A path at which the file can be read on this machine while within.

    What is elsewhere is copied to a temporary file that only this user may read. On Linux it has no name by then, so
    that nothing of it is left whatever happens; elsewhere it is deleted at the end.

    Raises:
        SourceError: it cannot be copied.
    """
    if item.uri is None:
        yield Path(item.path)
        return
    number, name = tempfile.mkstemp(prefix="affectcam-", suffix=Path(item.path).suffix)  # mode 0600
    with contextlib.ExitStack() as leaving:
        leaving.callback(Path(name).unlink, missing_ok=True)
        file = leaving.enter_context(os.fdopen(number, "wb"))
        with _told(f"cannot copy {item.name} from {item.uri}"):
            system, _ = _open(item.uri)
            with system.open_input_stream(item.path) as theirs:
                shutil.copyfileobj(theirs, file, 1 << 20)
            file.flush()
        if sys.platform == "linux":
            Path(name).unlink()
            name = f"/proc/{os.getpid()}/fd/{number}"
        yield Path(name)


def require_arrow_fs() -> Any:
    """``pyarrow.fs``.

    Raises:
        AffectcamError: pyarrow is not installed.
    """
    require_arrow()
    import pyarrow.fs

    return pyarrow.fs


def _open(uri: str) -> tuple[Any, str]:
    return tuple(require_arrow_fs().FileSystem.from_uri(uri))


def _item(uri: str, info: Any, name: str) -> Item:
    return Item(name=name, path=info.path, uri=uri, size=info.size or 0, mtime_ns=info.mtime_ns or 0)


@contextlib.contextmanager
def _told(what: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError, require_arrow().ArrowException) as error:
        raise SourceError(f"{what}: {' '.join(str(error).split())[:300]}; check the address") from None
