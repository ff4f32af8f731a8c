"""One row of the table of settings: what it is called, what it may be, and where it is shown."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Group(Enum):
    """The groups of the window's side panel and of the dialog, in their order; ``HIDDEN`` rows are shown nowhere."""

    SOURCE = "Source"
    READING = "Reading"
    OVERLAY = "Overlay"
    CAMERA = "Virtual camera"
    RECORDING = "Recording"
    WINDOW = "Window"
    HIDDEN = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A row: everything that a dialog needs to make an editor for it, and a file to be checked against it."""

    name: str  # the field of Settings
    kind: type  # bool, int, float or str
    default: Any
    group: Group
    label: str  # English; the window translates it
    help: str  # one sentence, English
    choices: tuple[tuple[str, str], ...] = ()  # (value, label); a str setting without any is free text
    least: float | None = None
    most: float | None = None
    unit: str = ""  # behind the number: s, %
    per_cent: bool = False  # a share that is shown in per cent
    panel: bool = False  # also in the side panel, for what is changed during a call

    def problem(self, value: object) -> str | None:
        """Why ``value`` cannot be this setting, in words; None if it can."""
        if self.kind is bool:
            return None if isinstance(value, bool) else "expected true or false"
        if self.kind in (int, float):
            wanted = int if self.kind is int else (int, float)
            if isinstance(value, bool) or not isinstance(value, wanted) or value != value:
                return "expected a whole number" if self.kind is int else "expected a number"
            if (self.least is not None and value < self.least) or (self.most is not None and value > self.most):
                return f"expected {self.least:g} to {self.most:g}"
            return None
        if not isinstance(value, str) or "\0" in value:
            return "expected text"
        if self.choices and value not in {choice for choice, _ in self.choices}:
            return f"expected one of {', '.join(choice or '(empty)' for choice, _ in self.choices)}"
        return None


def row(
    default: Any,
    group: Group,
    label: str,
    help: str,
    *,
    choices: tuple[tuple[str, str], ...] = (),
    least: float | None = None,
    most: float | None = None,
    unit: str = "",
    per_cent: bool = False,
    panel: bool = False,
) -> Any:
    """A field of the table; see :class:`Setting`."""
    details = {
        "group": group,
        "label": label,
        "help": help,
        "choices": choices,
        "least": least,
        "most": most,
        "unit": unit,
        "per_cent": per_cent,
        "panel": panel,
    }
    return field(default=default, metadata=details)


def rows_of(table: type) -> tuple[Setting, ...]:
    """The rows of a table made with :func:`row`, in their order."""
    return tuple(
        Setting(name=each.name, kind=type(each.default), default=each.default, **each.metadata)
        for each in dataclasses.fields(table)
    )
