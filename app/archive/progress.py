"""One bar for a whole archive: files, hours of video, how fast, how long it still takes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from .dataset import Facts
from .item import Item

_LEAST_BYTES = 10_000  # that an empty or unreadable file counts for


class ArchiveProgress:
    """The bar, on a terminal alone; and the lines above it. The bar counts bytes: their number is known from the start.

    A context manager: leaving it takes the bar away.
    """

    def __init__(self, console: Console, items: Sequence[Item], *, done: int) -> None:
        """For the files that are to be read; ``done`` others were read before."""
        self.files, self.read_files, self.failed_files = len(items) + done, done, 0
        self.video_s, self.rows = 0.0, 0
        self._weights = {item.name: max(_LEAST_BYTES, item.size) for item in items}
        self._advanced: dict[str, float] = {}
        columns = (BarColumn(bar_width=20), TextColumn("{task.description}", markup=False), TimeRemainingColumn())
        self._bars = Progress(*columns, console=console, transient=True)
        self._bars.disable = not console.is_terminal
        self._began_s = time.monotonic()
        self._task = self._bars.add_task(self.text, total=sum(self._weights.values()))

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self._began_s

    @property
    def text(self) -> str:
        """What stands beside the bar."""
        failed = f", {self.failed_files} failed" if self.failed_files else ""
        rate = self.video_s / max(self.seconds, 1e-6)
        return (
            f"{self.read_files + self.failed_files}/{self.files} files{failed}, "
            f"{self.video_s / 3600:.2f} h of video at {rate:.1f}×, left"
        )

    def __enter__(self) -> Self:
        """Show it; time counts from here."""
        self._began_s = time.monotonic()
        self._bars.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take it away."""
        self._bars.__exit__(kind, error, trace)

    def read(self, item: Item, rows: int, facts: Facts) -> None:
        """A file is done."""
        self.read_files += 1
        self.rows += rows
        self.video_s += facts.video_s
        if facts.loss is not None:
            self.say(f"warning: {item.name}: {facts.loss}")
        self.advanced(item, 1.0)

    def failed(self, item: Item, reason: str) -> None:
        """A file cannot be read."""
        self.failed_files += 1
        self.say(f"error: {reason}")
        self.advanced(item, 1.0)

    def advanced(self, item: Item, share: float) -> None:
        """So much of a file is done that was not before, at most all of it."""
        before = self._advanced.get(item.name, 0.0)
        self._advanced[item.name] = min(1.0, before + share)
        step = self._weights[item.name] * (self._advanced[item.name] - before)
        self._bars.update(self._task, advance=step, description=self.text)

    def say(self, text: str) -> None:
        """Print a line on stderr, above the bar."""
        self._bars.console.print(" ".join(text.split()), markup=False, highlight=False, soft_wrap=True)
