"""How much faster two Ray workers read an archive than one, and whether the rows are those of one process.

    python scripts/measure_archive.py CLIPS [--files 200] [--rounds 3]

A folder of links to the clips of a folder, repeated, is read by one worker and by two, in turn. A worker has one
processor's worth: one actor with num_cpus=1 that decodes, finds and classifies in one thread, alone or beside another.
The rate is files per second from the moment at which the cluster is there, so that loading Python, the model and the
detector counts and starting Ray does not; the whole command's time is printed beside it. Rows are compared with those
of one local process (--jobs 1), and once more with a worker killed in the middle. Exit code 1 if they differ.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds

from app.archive.listing import is_video

WANTED = 1.7
_ACTOR = b"ray::Actor"


@dataclass(frozen=True, slots=True)
class Measured:
    """One run."""

    rate: float  # files per second
    whole_s: float  # the whole command
    rows: pa.Table


def main() -> int:
    """Measure and print; the exit code."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("clips", type=Path, help="folder with video files")
    words.add_argument("--files", type=int, default=200, help="to which the clips are repeated (200)")
    words.add_argument("--rounds", type=int, default=3, help="of one worker and two (3)")
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as place:
        archive = repeated(asked.clips, asked.files, Path(place) / "archive")
        expected = run(archive, Path(place) / "one process", "--formats", "dataset", "--jobs", "1", "--split", "0")
        print(f"one local process: {expected.rate:.2f} files/s, {expected.rows.num_rows} rows")
        rates: dict[int, list[float]] = {1: [], 2: []}
        same = True
        for number in range(asked.rounds):
            for workers in (1, 2):
                out = Path(place) / f"{workers} workers, {number}"
                found = run(archive, out, "--engine", "ray", "--jobs", str(workers))
                rates[workers].append(found.rate)
                same &= told(f"round {number + 1}, {workers} worker(s)", found, expected)
        found = run(archive, Path(place) / "killed", "--engine", "ray", "--jobs", "2", kill_at=asked.files // 2)
        same &= told("2 workers, one of them killed in the middle", found, expected)
    one, two = (statistics.median(rates[workers]) for workers in (1, 2))
    print(f"medians: {one:.2f} and {two:.2f} files/s; two workers are {two / one:.2f} times as fast (wanted: {WANTED})")
    print("rows are those of one process, in order" if same else "ROWS DIFFER")
    return 0 if same else 1


def told(name: str, found: Measured, expected: Measured) -> bool:
    """Print a run; whether its rows are the expected ones."""
    same = found.rows.equals(expected.rows)
    print(f"{name}: {found.rate:.2f} files/s, {found.whole_s:.1f} s in all, rows {'the same' if same else 'DIFFER'}")
    return same


def repeated(clips: Path, count: int, folder: Path) -> Path:
    """A folder of ``count`` links to the clips, again and again."""
    files = sorted(path.resolve() for path in clips.iterdir() if is_video(path.name))
    if not files:
        raise SystemExit(f"{clips}: no video in it")
    folder.mkdir()
    for number in range(count):
        source = files[number % len(files)]
        (folder / f"{number:04} {source.name}").symlink_to(source)
    return folder


def run(archive: Path, out: Path, *words: str, kill_at: int | None = None) -> Measured:
    """Read the archive; ``kill_at``: a worker is killed when so many files are done."""
    began = time.monotonic()
    command = [sys.executable, "-m", "app", "classify", str(archive), "--out", str(out), "--json", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        while kill_at is not None and process.poll() is None:
            if len(list(out.glob("file=*/part-0.parquet"))) >= kill_at and (found := actors(process.pid)):
                os.kill(found[0], signal.SIGKILL)
                kill_at = None
            time.sleep(0.05)
        summary = json.loads(process.communicate()[0])
    if process.returncode or kill_at is not None:
        raise SystemExit(f"{' '.join(command)}: exit code {process.returncode}, nobody was killed: {kill_at}")
    rows = ds.dataset(out, partitioning="hive").to_table().combine_chunks()
    return Measured(summary["read"] / summary["seconds"], time.monotonic() - began, rows)


def actors(parent: int) -> list[int]:
    """The workers below a process."""
    parents: dict[int, int] = {}
    lines: dict[int, bytes] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            parents[int(folder.name)] = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
            lines[int(folder.name)] = (folder / "cmdline").read_bytes()
    found = {parent}
    while more := {each for each, its in parents.items() if its in found} - found:
        found |= more
    return sorted(each for each in found if lines.get(each, b"").startswith(_ACTOR))


if __name__ == "__main__":
    sys.exit(main())
