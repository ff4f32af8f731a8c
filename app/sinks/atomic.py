"""Outputs that appear whole or not at all: written beside the target under another name, then renamed."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path

from model.errors import SinkError

_together: ContextVar[list[PendingFile] | None] = ContextVar("_together", default=None)


class PendingFile:
    """A file in the making: ``.NAME.part`` beside ``target`` until it is complete.

    Call :meth:`begin`, write to :attr:`part`, then :meth:`commit` or :meth:`discard`. The constructor makes the checks
    of :func:`check_target`, so that a bad target is refused before any work is done.
    """

    def __init__(self, target: Path, *, overwrite: bool = False) -> None:
        self.target = target
        self.part = part_of(target)
        self._overwrite = overwrite
        self._ready = False  # complete, and waiting for the others of all_or_none()
        check_target(target, overwrite=overwrite)

    def begin(self) -> None:
        """Make the part, empty and for this user alone; one left by a run that was killed is replaced.

        Raises:
            SinkError: the folder cannot be written to.
        """
        with reported(self.target):
            self.part.unlink(missing_ok=True)
            self.part.touch(mode=0o600, exist_ok=False)  # what is read in faces is nobody else's business

    def commit(self) -> None:
        """Bring the part to the disk and rename it to the target; the part is gone afterwards, whatever happens.

        Within :func:`all_or_none` it is renamed when that is left.

        Raises:
            SinkError: the disk refuses, or the target has appeared meanwhile.
        """
        others = _together.get()
        try:
            with reported(self.target):
                # Without this a crash of the system soon after could leave the name with no content behind it.
                with self.part.open("rb+") as file:
                    os.fsync(file.fileno())
                check_target(self.target, overwrite=self._overwrite)
                if others is None:
                    self.part.replace(self.target)
                else:
                    others.append(self)
                    self._ready = True
        finally:
            self.discard()

    def discard(self) -> None:
        """Remove the part if there is one; one that waits for others stays."""
        if self._ready:
            return
        # Says nothing when it fails: something else already went wrong, and that is what the user must read.
        with contextlib.suppress(OSError):
            self.part.unlink(missing_ok=True)


@contextlib.contextmanager
def all_or_none() -> Iterator[None]:
    """Let all files that are completed within appear at the end, or none of them if an exception comes.

    Raises:
        SinkError: the disk refuses, or a target has appeared meanwhile.
    """
    ready: list[PendingFile] = []
    before = _together.set(ready)
    try:
        try:
            yield
        finally:
            _together.reset(before)
            for pending in ready:
                pending._ready = False
        for pending in ready:
            check_target(pending.target, overwrite=pending._overwrite)
        for pending in ready:
            with reported(pending.target):
                pending.part.replace(pending.target)
    finally:
        for pending in ready:
            pending.discard()


def write_text(path: Path, text: str) -> None:
    """Write a small file whole or not at all, for this user alone, in the place of an older one.

    Raises:
        SinkError: it cannot be written.
    """
    pending = PendingFile(path, overwrite=True)
    pending.begin()
    try:
        with reported(path), pending.part.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            file.write(text)
        pending.commit()
    finally:
        pending.discard()


def part_of(target: Path) -> Path:
    """What a file is called while it is in the making."""
    return target.with_name(f".{target.name}.part")


def check_target(target: Path, *, overwrite: bool) -> None:
    """Refuse a target that cannot become a file.

    Raises:
        SinkError: it is a folder, it exists and ``overwrite`` is false, or its folder is missing or not writable.
    """
    with reported(target):
        folder = target.parent
        # stat() and not exists(): a folder that may not be read is an error, not an absent file.
        if target.is_dir():
            raise SinkError(f"{target} is a folder, not a file; use another name")
        if _exists(target) and not overwrite:
            raise SinkError(f"{target} exists; use --overwrite or another folder")
        if not folder.is_dir():
            what = "is not a folder" if _exists(folder) else "does not exist"
            raise SinkError(f"cannot write {target}: {folder} {what}; make it or use another folder")
        if not os.access(folder, os.W_OK | os.X_OK):
            raise SinkError(f"cannot write {target}: no permission for {folder}; use another folder")


@contextlib.contextmanager
def reported(target: Path) -> Iterator[None]:
    """Turn an ``OSError`` of the operating system into a one-line :class:`SinkError` about ``target``."""
    try:
        yield
    except OSError as error:
        reason = reason_of(error)
        cure = "" if ";" in reason else "; use another folder"
        raise SinkError(f"cannot write {target}: {reason}{cure}") from error


def reason_of(error: Exception) -> str:
    """One line that says why: in our words for what users meet, else in those of the system or library."""
    known = _REASONS.get(getattr(error, "errno", None) or 0)
    return known or (getattr(error, "strerror", None) or str(error) or type(error).__name__).splitlines()[0]


_REASONS = {
    errno.ENOSPC: "the disk is full; free some space or use another folder",
    errno.EDQUOT: "your disk quota is used up; free some space or use another folder",
    errno.EFBIG: "the file is larger than this system allows; use another folder",
    errno.EACCES: "no permission; use another folder",
    errno.EPERM: "no permission; use another folder",
    errno.EROFS: "the file system is read-only; use another folder",
    errno.ENAMETOOLONG: "the name is too long; use a shorter one",
    errno.EIO: "the disk reports an input/output error; use another folder",
}


def _exists(path: Path) -> bool:
    """True for anything at ``path``, a dangling link included."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True
