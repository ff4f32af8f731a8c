"""``affectcam classify``: video files in, tables and annotated videos out."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app.capture.open import is_still, open_source
from app.config import ReadingConfig
from app.pipeline.draw import Drawer, DrawStyle
from app.pipeline.load import load_classifier
from app.pipeline.pipeline import Pipeline
from app.pipeline.runner import Summary, run_file
from app.sinks.files import FORMATS, colliding, open_file_sinks, output_path
from model.classifier import Classifier
from model.errors import AffectcamError, ConfigError

console = Console(stderr=True)

_URL = re.compile(r"^(https?|rtsp|rtmp|udp|tcp):/", re.IGNORECASE)  # a Path has lost one of the slashes


def classify_files(
    paths: Sequence[Path],
    *,
    out: Path,
    formats: Sequence[str],
    config: ReadingConfig,
    style: DrawStyle,
    overwrite: bool,
    as_json: bool,
) -> bool:
    """Classify each file; one that fails is reported and the next one is begun. True if nothing was lost.

    Raises:
        ConfigError: no or unknown formats, or two files whose results would have the same name.
        ModelError: the model cannot be used.
    """
    if not formats:
        raise ConfigError(f"--formats is empty; choose from {', '.join(FORMATS)}")
    for path in paths:
        if _URL.match(str(path)):
            raise ConfigError(
                f"{path} looks like a URL; classify reads files, `affectcam overlay --source URL` reads URLs"
            )
    for same in colliding(paths):
        names = ", ".join(map(str, same))
        raise ConfigError(f"{names} would be written to the same files in {out}; use one --out folder each")
    classifier = load_classifier(config)
    whole = True
    rows: list[dict[str, Any]] = []
    with _progress() as progress:
        for path in paths:
            try:
                row = _classify_one(path, classifier, progress, out, formats, config, style, overwrite)
            except ConfigError:
                raise
            except AffectcamError as error:
                if len(paths) == 1:
                    raise
                progress.console.print(f"error: {_one_line(error)}", markup=False, highlight=False, soft_wrap=True)
                whole = False
                continue
            rows.append(row)
            whole = whole and row["loss"] is None
            if not as_json:
                print(_one_line(_describe(row)))  # noqa: T201
            if row["loss"] is not None:
                loss = f"warning: {_one_line(path)}: {row['loss']}"
                progress.console.print(loss, markup=False, highlight=False, soft_wrap=True)
    if as_json:
        json.dump(rows, sys.stdout, indent=1)
        print()  # noqa: T201
    return whole


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def _classify_one(
    path: Path,
    classifier: Classifier,
    progress: Progress,
    out: Path,
    formats: Sequence[str],
    config: ReadingConfig,
    style: DrawStyle,
    overwrite: bool,
) -> dict[str, Any]:
    source = open_source(path)
    try:
        sinks = open_file_sinks(out, path, formats, size=source.size, fps=source.fps, overwrite=overwrite)
        task = progress.add_task(path.name, total=source.frame_count)
        started = time.monotonic()
        with Pipeline(classifier, config, still=is_still(source)) as pipeline:
            summary = run_file(
                source,
                pipeline,
                sinks,
                drawer=Drawer(style),
                tick=lambda so_far: progress.update(task, completed=so_far.frames),
            )
        progress.remove_task(task)
    finally:
        source.close()
    return _row(path, summary, [output_path(out, path, name) for name in dict.fromkeys(formats)], started, classifier)


def _row(path: Path, summary: Summary, outputs: list[Path], started: float, classifier: Classifier) -> dict[str, Any]:
    return {
        "source": str(path),
        "frames": summary.frames,
        "frames_with_face": summary.frames_with_face,
        "faces": len(summary.tracks),
        "rows": summary.rows,
        "labels": {emotion.label: count for emotion, count in summary.labels.most_common()},
        "seconds": round(time.monotonic() - started, 3),
        "model": classifier.card.name,
        "provider": classifier.provider,
        "valence_arousal": classifier.card.valence_arousal_origin,
        "loss": summary.loss,
        "outputs": [str(output) for output in outputs],
    }


def _describe(row: dict[str, Any]) -> str:
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


def _one_line(text: object) -> str:
    """The text with the line breaks that a file's name may hold as spaces."""
    return " ".join(str(text).split())
