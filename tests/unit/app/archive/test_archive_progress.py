"""One bar for the whole archive; lines above it; nothing but lines where there is no terminal."""

from __future__ import annotations

import io

from rich.console import Console

from app.archive.dataset import Facts
from app.archive.item import Item
from app.archive.progress import ArchiveProgress

BIG, SMALL = Item(name="big.mp4", path="", size=3_000_000), Item(name="small.mp4", path="", size=1_000_000)


def bar(progress: ArchiveProgress) -> tuple[float, float | None]:
    (task,) = progress._bars.tasks
    return task.completed, task.total


def test_the_bar_counts_bytes_and_says_files_hours_and_speed() -> None:
    shown = io.StringIO()
    with ArchiveProgress(Console(file=shown, force_terminal=True, width=90), [BIG, SMALL], done=5) as progress:
        assert progress.text.startswith("5/7 files, 0.00 h of video at 0.0×")
        progress.advanced(BIG, 0.25)
        progress.advanced(BIG, 0.25)
        assert bar(progress) == (1_500_000, 4_000_000)
        progress.read(BIG, 90, Facts(frames=90, frames_with_face=90, video_s=1800.0))
        assert bar(progress) == (3_000_000, 4_000_000)
        progress.failed(SMALL, "small.mp4 is\nno [red] video")
        assert bar(progress) == (4_000_000, 4_000_000)
        assert progress.text.startswith("7/7 files, 1 failed, 0.50 h of video at ")
    assert (progress.rows, progress.video_s) == (90, 1800.0)
    assert "error: small.mp4 is no [red] video" in shown.getvalue()


def test_without_a_terminal_only_words_are_printed() -> None:
    shown = io.StringIO()
    with ArchiveProgress(Console(file=shown, width=40), [BIG, SMALL], done=0) as progress:
        progress.read(BIG, 1, Facts(frames=1, frames_with_face=1, video_s=1.0, loss="half of it is gone, " * 4))
        progress.failed(SMALL, "gone")
    assert shown.getvalue() == f"warning: big.mp4: {'half of it is gone, ' * 4}".rstrip() + "\nerror: gone\n"
