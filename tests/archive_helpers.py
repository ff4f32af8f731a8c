"""What the tests of archives share: small films of faces, commands in processes of their own, rows to compare."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from skimage.data import astronaut
from video_makers import write_video

FACE = cv2.cvtColor(astronaut(), cv2.COLOR_RGB2BGR)[0:240, 100:420]  # one face, 320x240
ODD = ["one.mp4", "two words.mkv", "три слова/講演.webm", "new\nline.mp4", "per%cent=1.mov"]


def write_film(path: Path, count: int, *, step: int = 0) -> Path:
    """A face that drifts over ``count`` frames."""
    path.parent.mkdir(parents=True, exist_ok=True)
    codec = "libvpx" if path.suffix == ".webm" else "libx264"
    options = {"deadline": "realtime", "cpu-used": "8"} if codec == "libvpx" else {"preset": "ultrafast"}
    plain = path.with_name(f"made{path.suffix}")  # ffmpeg would take a sign in the name for one of its own
    write_video(plain, [np.roll(FACE, i + step, axis=1) for i in range(count)], codec=codec, options=options)
    return plain.rename(path)


def fill(folder: Path) -> Path:
    """An archive of films with odd names, and of what is none."""
    for number, name in enumerate(ODD):
        write_film(folder / name, 6 + number, step=5 * number)
    (folder / "bad one.mp4").write_bytes(b"no video\n" * 99)
    (folder / "empty.mkv").write_bytes(b"")
    return folder


def table(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def rows_in(out: Path) -> dict[str, list[dict[str, Any]]]:
    """The rows of a data set by file, in its order, with the rounding of the CSV; as any user of Arrow reads it."""
    import pyarrow.dataset as ds

    found: dict[str, list[dict[str, Any]]] = {}
    for row in ds.dataset(out, partitioning="hive").to_table().to_pylist():
        found.setdefault(row.pop("file"), []).append(
            {
                name: round(value, 2 if name[:2] in ("x_", "y_") else 6) if isinstance(value, float) else value
                for name, value in row.items()
            }
        )
    return found


def same_as_csv(rows: list[dict[str, Any]], path: Path) -> bool:
    """Whether a file's rows are those of a CSV, in order."""
    plain = [{k: v if k == "label" else float(v) for k, v in row.items()} for row in table(path)]
    return [{k: v if k == "label" else float(v) for k, v in row.items()} for row in rows] == plain


@contextlib.contextmanager
def running(*words: str, root: Path) -> Iterator[subprocess.Popen[str]]:
    """The command in a terminal of its own, as far as Ctrl-C is concerned."""
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "classify", *words],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def summary(*words: str, root: Path, code: int = 0, timeout_s: float = 100) -> dict[str, Any]:
    """What ``--json`` prints, and nothing else on stdout."""
    with running(*words, "--json", root=root) as process:
        out, err = process.communicate(timeout=timeout_s)
    assert process.returncode == code, err
    found = json.loads(out)
    assert isinstance(found, dict)
    return {**found, "said": err}


def wait_for(what: Callable[[], Any], timeout_s: float = 60) -> Any:
    """What a function gives as soon as it gives something."""
    until = time.monotonic() + timeout_s
    while not (found := what()):
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)
    return found
