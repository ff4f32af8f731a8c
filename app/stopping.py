"""SIGTERM ends a command as Ctrl-C does; and whether one came, where what it raised was lost on the way."""

from __future__ import annotations

import signal
from types import FrameType

_told: list[int] = []


def stop_on_termination() -> None:
    """Let SIGTERM end a command like Ctrl-C does: outputs removed or finished, devices released."""
    _told.clear()
    try:
        signal.signal(signal.SIGTERM, _interrupt)
        signal.signal(signal.SIGINT, _interrupt)  # a shell's background job would ignore it
    except ValueError:  # not the main thread: whoever called us handles signals
        pass


def told_to_stop() -> bool:
    """Whether a signal came; in the middle of an import native code turns what it raises into errors of other kinds."""
    return bool(_told)


def _interrupt(number: int, _frame: FrameType | None) -> None:
    _told.append(number)
    raise KeyboardInterrupt
