"""Errors that go from one process to another."""

from __future__ import annotations

import traceback

from .errors import AffectcamError


def portable(error: Exception) -> Exception:
    """The error in a form that surely passes a pipe, with where it happened."""
    plain = type(error) if isinstance(error, AffectcamError | OSError | MemoryError) else RuntimeError
    text = str(error) if plain is not RuntimeError else f"{type(error).__name__}: {error}"
    sent = plain(text)
    sent.add_note("".join(traceback.format_exception(error)))
    return sent
