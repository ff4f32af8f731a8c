"""What came of a run over an archive."""

from __future__ import annotations

from pathlib import Path

from app.archive.failures import Failures
from app.archive.progress import ArchiveProgress
from app.span import clock


def summary(progress: ArchiveProgress, out: Path, before: int, failures: Failures) -> dict[str, object]:
    """As plain values; ``before``: files that were read by earlier runs."""
    return {
        "out": str(out),
        "files": progress.files,
        "read": progress.read_files - before,
        "read_before": before,
        "failed": progress.failed_files,
        "rows": progress.rows,
        "video_s": round(progress.video_s, 3),
        "seconds": round(progress.seconds, 3),
        "failures": [{"file": name, "rows": rows, "reason": reason} for name, rows, reason in failures.lines()],
    }


def in_words(progress: ArchiveProgress, out: Path, before: int, failures: Failures) -> str:
    """In a line; ``before``: files that were read by earlier runs."""
    read = progress.read_files - before
    rate = progress.video_s / max(progress.seconds, 1e-6)
    words = [f"{out}: nothing was read"]
    if read:
        words = [
            f"{out}: {_files(read)} read ({clock(progress.video_s)} of video, {progress.rows} rows) "
            f"in {clock(round(progress.seconds, 1))}, {rate:.1f} times as fast as it plays"
        ]
    if before:
        words.append(f"{_files(before)} read before and unchanged")
    partly = len(failures) - progress.failed_files
    if progress.failed_files:
        words.append(f"{_files(progress.failed_files)} not readable")
    if partly:
        words.append(f"{_files(partly)} read only in part")
    if failures:
        words.append(f"see {failures.path}")
    return " ".join("; ".join(words).split())


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"
