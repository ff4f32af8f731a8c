"""Import MediaPipe without Matplotlib, which it imports for drawings that affectcam never asks it for."""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

_NAMES = ("matplotlib", "matplotlib.pyplot")
_lock = threading.RLock()


class _OnDemand(ModuleType):
    """Stands for a module until something of it is used; then the real one is imported."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # the import system and debuggers look for these and need no plots
            raise AttributeError(name)
        _take_away()
        return getattr(importlib.import_module(self.__name__), name)


@contextmanager
def plots_on_demand() -> Iterator[None]:
    """Within it ``import matplotlib.pyplot`` takes no time; whoever plots, even later, has the real one.

    Half a second and 40 MB. Nothing is changed where Matplotlib is imported already.
    """
    with _lock:
        if any(name in sys.modules for name in _NAMES):
            yield
            return
        package, plots = (_OnDemand(name) for name in _NAMES)
        package.__path__ = []
        package.pyplot = plots  # type: ignore[attr-defined]
        sys.modules |= {_NAMES[0]: package, _NAMES[1]: plots}
        try:
            yield
        finally:
            _take_away()


def _take_away() -> None:
    for name in _NAMES:
        if isinstance(sys.modules.get(name), _OnDemand):
            del sys.modules[name]
