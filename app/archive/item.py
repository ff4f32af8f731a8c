"""Item: one file of an archive."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One file, and how it was when the archive was listed; it can be sent to another machine."""

    name: str  # unique in the archive; parts of it separated by "/"
    path: str  # on this machine, or in the file system of ``uri``
    uri: str | None = None  # where Arrow finds that file system; None: this machine's own
    size: int = 0  # bytes
    mtime_ns: int = 0  # when it was changed last
    trouble: str | None = None  # why it cannot be read, if that is known already: a folder without permission, say

    @property
    def state(self) -> dict[str, object]:
        """What tells whether the file is the one that was read."""
        return {"name": self.name, "size": self.size, "mtime_ns": self.mtime_ns}
