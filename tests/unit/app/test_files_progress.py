"""One display for all files: a bar each while it is read, and one for the files."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from app.commands.progress import FilesProgress

PATHS = [Path("clips/first [red] one.mp4"), Path("second.mp4")]


def bars(progress: FilesProgress) -> dict[str, tuple[float, float | None]]:
    return {task.description: (task.completed, task.total) for task in progress._bars.tasks}


def test_a_bar_for_each_file_that_is_read_and_one_for_the_files() -> None:
    shown = io.StringIO()
    with FilesProgress(Console(file=shown, force_terminal=True, width=90), PATHS) as progress:
        progress.tick(1, 5, 20)
        progress.tick(0, 1, None)
        progress.tick(1, 6, 20)
        assert bars(progress) == {"files": (0, 2), "second.mp4": (6, 20), "first [red] one.mp4": (1, None)}
        progress.ended(1)
        progress.say("error: a [bold] word")
        assert bars(progress) == {"files": (1, 2), "first [red] one.mp4": (1, None)}
        progress.ended(0)
        assert bars(progress) == {"files": (2, 2)}
    assert "error: a [bold] word" in shown.getvalue()


@pytest.mark.parametrize("paths", [PATHS[:1], PATHS])
def test_without_a_terminal_only_words_are_printed(paths: list[Path]) -> None:
    shown = io.StringIO()
    with FilesProgress(Console(file=shown, width=40), paths) as progress:
        progress.tick(0, 1, 2)
        progress.say("warning: " + 8 * "a long line ")
        progress.ended(0)
    assert shown.getvalue() == "warning: " + 8 * "a long line " + "\n"
