"""Pictures made to fit: where the sinks find :mod:`app.pictures`."""

from __future__ import annotations

from app.pictures import even, fit

__all__ = ["even", "fit"]
