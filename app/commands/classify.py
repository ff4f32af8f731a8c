"""``affectcam classify``: video files in, tables and annotated videos out."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Generator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from rich.console import Console

from app.pipeline.load import load_classifier
from app.sinks.arrow import require_arrow
from app.sinks.files import FORMATS, colliding
from model.errors import AffectcamError, ConfigError
from model.no_opengl import forgo_opengl
from model.printable import one_line

from .crew import classify_together
from .jobs import default_jobs
from .one_file import Row, Wanted, classify_one
from .progress import FilesProgress

console = Console(stderr=True)

_URL = re.compile(r"^(https?|rtsp|rtmp|udp|tcp):/", re.IGNORECASE)  # a Path has lost one of the slashes


def classify_files(paths: Sequence[Path], wanted: Wanted, *, jobs: int | None, as_json: bool) -> bool:
    """Classify each file; one that fails is reported and the others go on. True if nothing was lost.

    Args:
        paths: the files.
        wanted: what is asked of each.
        jobs: processes at once; None chooses.
        as_json: print the summaries as JSON.

    Raises:
        ConfigError: no or unknown formats, or two files whose results would have the same name.
        ModelError: the model cannot be used.
        AffectcamError: a package that a format needs is not installed.
    """
    _check(paths, wanted)
    whole = True
    rows: list[Row] = []
    if jobs is None:
        jobs = default_jobs(paths, backend=wanted.config.backend)
    jobs = min(jobs, len(paths))
    with FilesProgress(console, paths) as progress:
        how = partial(classify_together, jobs=jobs) if jobs > 1 else _in_turn
        with closing(how(paths, wanted, progress=progress)) as outcomes:
            for place, outcome in enumerate(outcomes):
                if isinstance(outcome, AffectcamError):
                    progress.say(f"error: {one_line(outcome)}")
                    whole = False
                    continue
                rows.append(outcome)
                whole = whole and outcome["loss"] is None
                if not as_json:
                    print(one_line(_describe(outcome)))  # noqa: T201
                if outcome["loss"] is not None:
                    progress.say(f"warning: {one_line(paths[place])}: {outcome['loss']}")
    if as_json:
        json.dump(rows, sys.stdout, indent=1)
        print()  # noqa: T201
    return whole


def _check(paths: Sequence[Path], wanted: Wanted) -> None:
    if not wanted.formats:
        raise ConfigError(f"--formats is empty; choose from {', '.join(FORMATS)}")
    if "parquet" in wanted.formats:
        require_arrow()  # said once, and before any work
    for path in paths:
        if _URL.match(str(path)):
            raise ConfigError(
                f"{path} looks like a URL; classify reads files, `affectcam overlay --source URL` reads URLs"
            )
    for same in colliding(paths):
        names = ", ".join(map(str, same))
        raise ConfigError(f"{names} would be written to the same files in {wanted.out}; use one --out folder each")


def _in_turn(
    paths: Sequence[Path], wanted: Wanted, *, progress: FilesProgress
) -> Generator[Row | AffectcamError, None, None]:
    """Classify one after the other in this process; a single file's error is raised."""
    forgo_opengl()
    classifier = load_classifier(wanted.config)
    for place, path in enumerate(paths):
        outcome: Row | AffectcamError
        try:
            outcome = classify_one(path, wanted, classifier, partial(progress.tick, place))
        except ConfigError:
            raise
        except AffectcamError as error:
            if len(paths) == 1:
                raise
            outcome = error
        progress.ended(place)
        yield outcome


def _describe(row: Row) -> str:
    wrote = ", ".join(row["outputs"])
    frames = "1 frame" if row["frames"] == 1 else f"{row['frames']} frames"
    if row["rows"] == 0:
        return f"{row['source']}: no face found in {frames}; the table is empty; wrote {wrote}"
    shares = ", ".join(f"{label} {100 * count / row['rows']:.0f} %" for label, count in list(row["labels"].items())[:3])
    faces = "1 face" if row["faces"] == 1 else f"{row['faces']} faces"
    seen = 100 * row["frames_with_face"] / row["frames"]
    rate = row["frames"] / max(row["seconds"], 1e-6)
    return (
        f"{row['source']}: {frames}, {faces}, seen in {seen:.1f} % of the frames; {shares}; "
        f"{rate:.0f} frames per second with {row['model']} on {row['provider']}; "
        f"valence and arousal {row['valence_arousal']}; wrote {wrote}"
    )
