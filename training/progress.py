"""Progress of a training run on the console."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from .loop import Progress


class TrainingProgress:
    """A bar over the epoch's steps, and one line per validation."""

    def __init__(self, console: Console) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._bars = Bars(*columns, console=console, transient=True)
        self._task = self._bars.add_task("training", total=None)
        self._console = console
        self._epoch = -1

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def report(self, progress: Progress) -> None:
        """Show where the loop is."""
        title = f"epoch {progress.epoch + 1}/{progress.epochs} loss {progress.loss:.3f}"
        if progress.epoch != self._epoch:  # a bar that was full once stays finished, whatever comes
            self._epoch = progress.epoch
            self._bars.reset(self._task)
        self._bars.update(self._task, description=title, completed=progress.step, total=progress.steps)
        if progress.figures is not None:
            self._console.print(
                f"{title}  accuracy {progress.figures.accuracy:.4f}  mean recall {progress.figures.mean_recall:.4f}",
                highlight=False,
            )
