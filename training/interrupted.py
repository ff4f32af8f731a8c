"""The signal that a step was left because the user asked for it."""

from __future__ import annotations


class Interrupted(Exception):  # noqa: N818 - no error: the user asked for it
    """The caller asked to stop; everything from which the step goes on is saved."""
