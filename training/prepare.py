"""``python -m training.prepare``: a data set as published -> a condensed set, one folder a split."""

from __future__ import annotations

import struct
import sys
import zipfile
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from model.errors import AffectcamError, DataError

from .data import ferplus, folder
from .data.condense import condense
from .data.sample import UNREADABLE, Split

_READERS = {"ferplus": ferplus.read_splits, "folder": folder.read_splits}

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Rewrite a data set as published into condensed sets for training."
)


def open_root(path: Path) -> Traversable:
    """A folder or a .zip, to be read alike.

    Raises:
        DataError: it is neither.
    """
    if path.is_dir():
        return path
    if path.suffix.lower() == ".zip" and path.is_file():
        try:
            return zipfile.Path(path)
        except (*UNREADABLE, struct.error) as error:
            raise DataError(f"{path}: not a readable .zip ({error})") from None
    raise DataError(f"{path}: no such folder or .zip; give the data set as it was published")


def prepare(kind: str, source: Path, destination: Path, *, size: int, channels: int) -> list[str]:
    """Condense every split found in ``source`` into ``destination/SPLIT``; returns one line per split."""
    splits = _READERS[kind](open_root(source))
    lines = []
    columns = (TextColumn("{task.description:>6}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        for name, split in splits.items():
            task = progress.add_task(name, total=len(split))
            made = condense(
                split,
                destination / name,
                size=size,
                channels=channels,
                source=f"{kind} {source.name}",
                tick=lambda done, task=task: progress.update(task, completed=done),  # type: ignore[misc]
            )
            lines.append(_describe(split, len(made), destination / name, len(made.index["skipped"])))
    return lines


def _describe(split: Split, count: int, where: Path, skipped: int) -> str:
    dropped = ", ".join(f"{number} {reason}" for reason, number in split.dropped.items())
    left_out = f"; left out by the data set's rule: {dropped}" if dropped else ""
    broken = f"; {skipped} broken, listed in {where / 'index.json'}" if skipped else ""
    return f"{split.name}: {count} pictures -> {where}{left_out}{broken}"


def _command(kind: str, help_text: str) -> None:
    def run(
        source: Annotated[Path, typer.Argument(metavar="SRC", help="The data set as published: a folder or a .zip.")],
        destination: Annotated[Path, typer.Argument(metavar="DST", help="Where the condensed sets go.")],
        size: Annotated[int, typer.Option(min=8, max=1024, help="Side of the stored pictures in pixels.")] = 48,
        colour: Annotated[bool, typer.Option(help="Store three channels instead of grey.")] = False,
    ) -> None:
        try:
            for line in prepare(kind, source, destination, size=size, channels=3 if colour else 1):
                print(line)  # noqa: T201
        except (AffectcamError, OSError, MemoryError) as error:
            print(f"error: {' '.join(str(error).split()) or type(error).__name__}", file=sys.stderr)  # noqa: T201
            raise typer.Exit(1) from None

    app.command(kind, help=help_text)(run)


_command(
    "ferplus",
    "FER+: folders FER2013Train|Valid|Test with label.csv, or fer2013new.csv + fer2013.csv. "
    "Example: python -m training.prepare ferplus FERPlus/data condensed/ferplus",
)
_command(
    "folder",
    "One folder per emotion, with or without train/ and valid/ above. "
    "Example: python -m training.prepare folder my-faces condensed/my-faces",
)

if __name__ == "__main__":
    app()
