"""How a log's line is written: with no folder in it that tells who or where the user is."""

from __future__ import annotations

import logging
import re
from pathlib import Path

# A path from a root: of Linux and macOS, of a drive, or of a share. One behind a letter, a dot or a slash is part of
# something else, as of an address or of a path that is relative already. A device tells nothing of its user. Folders
# may have blanks in their names, so of two paths in one sentence the first and what stands between them go, too.
_FOLDERS = re.compile(r"(?<![\w./\\~])(?!/dev/)(?:[A-Za-z]:|\\)?[/\\](?:[^/\\\r\n'\":*?<>|]+[/\\])+")
_HIDDEN = "…/"


def without_folders(text: str) -> str:
    """The text with paths as seen from the working folder; of one that leads elsewhere only its last part is left."""
    here = str(Path.cwd())
    if here != Path(here).anchor:
        text = text.replace(f"{here}/", "").replace(f"{here}\\", "")
    return _FOLDERS.sub(_HIDDEN, text)


class PrivateFormatter(logging.Formatter):
    """Writes each record :func:`without_folders`, what led to an exception as well."""

    def format(self, record: logging.LogRecord) -> str:
        """The record in one text."""
        return without_folders(super().format(record))
