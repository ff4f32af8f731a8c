"""The tree of errors that affectcam raises on purpose.

::

    AffectcamError          anything a user can be told in one line
    ├── SourceError         a camera or a video could not be opened or read
    ├── ModelError          a model file is missing, damaged or not what the app expects
    ├── SinkError           an output could not be opened or written
    ├── DataError           a data set or a condensed set is missing or damaged
    └── ConfigError         an option, a key or a value is wrong

Each message names what failed, which path or device, and what to do. They are caught and shown only at the edges:
``app/cli.py``, ``training/run.py``, ``training/prepare.py`` and ``app/gui/``.
"""

from __future__ import annotations


class AffectcamError(Exception):
    """Base of every error that affectcam raises on purpose; its text is one line for the user."""


class SourceError(AffectcamError):
    """A source of frames is missing, busy, unreadable or not a video."""


class ModelError(AffectcamError):
    """A model file is missing, damaged, without a card, or does not fit the eight emotions."""


class SinkError(AffectcamError):
    """An output cannot be opened or written."""


class DataError(AffectcamError):
    """A data set is missing, incomplete or altered."""


class ConfigError(AffectcamError):
    """A setting has an unknown name or a value that cannot be used."""
