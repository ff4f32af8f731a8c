"""One display for the progress of all files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from model.printable import one_line


class FilesProgress:
    """A bar for each file that is being read, and, if there are several, one for the files. Nothing without a terminal.

    A context manager: leaving it takes the bars away.
    """

    def __init__(self, console: Console, paths: Sequence[Path]) -> None:
        columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
        self._bars = Progress(*columns, TimeRemainingColumn(), console=console, transient=True)
        self._bars.disable = not console.is_terminal
        self._paths = paths
        self._files: TaskID | None = None
        self._running: dict[int, TaskID] = {}

    def __enter__(self) -> Self:
        self._bars.__enter__()
        if len(self._paths) > 1:
            self._files = self._bars.add_task("files", total=len(self._paths))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.__exit__(kind, error, trace)

    def tick(self, place: int, done: int, total: int | None) -> None:
        """So many frames of the file at that place are done, of so many, if that is known."""
        bar = self._running.get(place)
        if bar is None:
            bar = self._running[place] = self._bars.add_task(one_line(self._paths[place].name), total=total)
        self._bars.update(bar, completed=done, total=total)

    def ended(self, place: int) -> None:
        """The file at that place is done, or given up."""
        bar = self._running.pop(place, None)
        if bar is not None:
            self._bars.remove_task(bar)
        if self._files is not None:
            self._bars.advance(self._files)

    def say(self, text: str) -> None:
        """Print a line on stderr, above the bars."""
        self._bars.console.print(text, markup=False, highlight=False, soft_wrap=True)
