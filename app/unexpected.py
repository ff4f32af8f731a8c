"""What nobody foresaw in one file of several, as that file's own error: the others go on."""

from __future__ import annotations

from model.errors import SourceError

_MOST = 200  # letters of the reason


def unexpected(name: object, error: Exception) -> SourceError:
    """One line that says which file, what came, and how its whole story can be had."""
    reason = " ".join(str(error).split())[:_MOST]
    return SourceError(f"{name}: unexpected {type(error).__name__}: {reason}; read it alone with --debug and report it")
