"""How a log's line is written: with no folder in it that tells who or where the user is."""

from __future__ import annotations

import logging
import re
from pathlib import Path

from .printable import one_line

# A path that leads out of the working folder. One behind a letter, a dot or a slash is part of something else, as of an
# address or of a path that is relative already. A device tells nothing of its user. Folders may hold blanks, quotes and
# colons, so of two paths in one sentence the first and what stands between them may go, too.
_FOLDERS = re.compile(
    r"""(?<![\w./\\~])
    (?:
        (?: (?i:file):/+                      # an address of this machine
          | ~(?!\d)[\w.-]*[/\\]+              # somebody's home
          | (?<![^\s'"(\[=,:]) (?:[^\s'"(\[=,:/\\]+[/\\]+)*? \.\.[/\\]+  # upwards; no sign is looked at twice
        ) FOLDER*
      | (?: [A-Za-z]:[/\\]+                   # a drive
          | \\{1,2}                           # a share
          | (?<!\w:)/{2,}
          | (?!/dev/(?!shm/))/(?!/)
        ) FOLDER+
    )""".replace(
        "FOLDER",
        # A colon and a blank end a path, unless what follows can only be the rest of a folder's name.
        r"""(?: (?: [^/\\\r\n:] | :(?!\ ) | :\ (?=[^/\\\r\n]*[^\s/\\'"(][/\\]) )+ [/\\]+ )""",
    ),
    re.VERBOSE,
)
_HIDDEN = "…/"


def without_folders(text: str) -> str:
    """The text with paths as seen from the working folder; of one that leads elsewhere only its last part is left."""
    here = str(Path.cwd())
    if here != Path(here).anchor:
        text = text.replace(f"{here}/", "").replace(f"{here}\\", "")
    return _FOLDERS.sub(_HIDDEN, text)


class PrivateFormatter(logging.Formatter):
    """Writes each record :func:`without_folders`, what led to an exception as well; the message in one line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record in one text."""
        return without_folders(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """The message alone: a name with a line break in it must neither hide a folder nor look like a record."""
        record.message = one_line(record.message)
        return super().formatMessage(record)
