"""What the window remembers: one table of settings, kept in the platform's place. No Qt here."""

from __future__ import annotations

from .store import Store
from .table import Settings

__all__ = ["Settings", "Store"]
