"""``affectcam bench``: per-stage times, the whole, and the yardstick, as a table or as JSON."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from app.bench.clip import write_clip
from app.bench.stages import measure_stages
from app.bench.timing import Timing
from app.bench.whole import FileRun, LiveRun, run_live_alone, run_whole_file
from app.bench.yardstick import Yardstick
from app.capture.video_file import VideoFile
from app.config import ReadingConfig
from app.pipeline.load import load_classifier
from model.classifier import Classifier
from model.cores import cores
from model.errors import SourceError

_DEMO = "the demo, enlarged"
_COLUMNS = ("median", "mean", "percentile_99")


def bench(source: Path | None, config: ReadingConfig, *, frames: int, seconds: float, as_json: bool) -> None:
    """Measure and print.

    Args:
        source: a video file; None is the demo, enlarged to 1280x720.
        config: the model, its back end, and how faces are read.
        frames: how many of the file.
        seconds: how long the live run is.
        as_json: print JSON on stdout and nothing else.

    Raises:
        SourceError: the file is no video.
        ModelError: the model cannot be used.
    """
    classifier = load_classifier(config)
    yardstick = Yardstick()
    console = Console(stderr=True)
    with (
        tempfile.TemporaryDirectory(prefix="affectcam-bench-") as temporary,
        Progress(console=console, transient=True, disable=not console.is_terminal) as progress,
    ):
        folder, out = Path(temporary), Path(temporary) / "out"
        out.mkdir()
        clip = source
        if clip is None:
            clip = folder / "demo.mp4"
            write_clip(clip, frames)
        with VideoFile(clip) as video:
            size, name = video.size, _DEMO if source is None else source.name
        task = progress.add_task("stages", total=frames)
        yardstick.measure()
        stages, faces = measure_stages(
            clip, frames, classifier, config, folder, tick=lambda done: progress.update(task, completed=done)
        )
        yardstick.measure()
        progress.update(task, description="whole files")
        table = run_whole_file(clip, frames, classifier, config, ["csv"], out)
        video_too = run_whole_file(clip, frames, classifier, config, ["csv", "mp4"], out)
        yardstick.measure()
        progress.update(task, description="live")
        live = run_live_alone(clip, frames, config, seconds)
        yardstick.measure()
    if not stages["decode"].seconds:
        raise SourceError(f"{clip}: not one frame could be read")
    found = _as_values(name, size, classifier, yardstick.timing, stages, faces, table, video_too, live)
    if as_json:
        print(json.dumps(found, indent=1))  # noqa: T201
    else:
        _show(found, Console())


def _as_values(
    name: str,
    size: tuple[int, int],
    classifier: Classifier,
    yardstick: Timing,
    stages: dict[str, Timing],
    faces: int,
    table: FileRun,
    video_too: FileRun,
    live: LiveRun,
) -> dict[str, Any]:
    unit = yardstick.median

    def ratio(seconds: float) -> dict[str, float]:
        return {"ms": round(seconds * 1000, 3), "of_yardstick": round(seconds / unit, 5)}

    def file_run(run: FileRun) -> dict[str, Any]:
        return {
            "frames": run.frames,
            "frames_per_second": round(1 / run.per_frame, 1),
            "per_frame": ratio(run.per_frame),
            "cores": round(run.cpu_seconds / run.seconds, 2),
        }

    return {
        "source": name,
        "size": list(size),
        "model": classifier.card.name,
        "provider": classifier.provider,
        "cores": cores(),
        "yardstick_ms": round(unit * 1000, 2),
        "faces": faces,
        "stages": {
            each: {
                "median": ratio(timing.median),
                "mean": ratio(timing.mean),
                "percentile_99": ratio(timing.late),
            }
            for each, timing in stages.items()
        },
        "frame_to_readings": {
            each: ratio(stages[way].mean + stages["track"].mean + stages["classify"].mean)
            for each, way in (("every", "detect"), ("follow", "follow"))
        },
        "classify_csv": file_run(table),
        "classify_csv_mp4": file_run(video_too),
        "live": {
            "fps": round(live.fps, 2),
            "sent_per_second": round(live.sent_per_second, 2),
            "latency": {"median": ratio(live.median), "percentile_99": ratio(live.late)},
            "cores": round(live.cpu_seconds / max(live.seconds, 1e-9), 2),
            "peak_mb": None if live.peak_mb is None else round(live.peak_mb, 1),
        },
    }


def _show(found: dict[str, Any], console: Console) -> None:
    width, height = found["size"]
    console.print(
        f"{found['source']}, {width}×{height}, {found['faces']} faces read by {found['model']} on {found['provider']}, "
        f"{found['cores']} cores",
        highlight=False,
    )
    console.print(f"yardstick (New-Base, fp32, 224×224, one face): {found['yardstick_ms']:.0f} ms", highlight=False)
    table = Table("stage", "median ms", "mean ms", "99 % ms", "mean, of the yardstick")
    for name, each in found["stages"].items():
        table.add_row(name, *(f"{each[key]['ms']:.2f}" for key in _COLUMNS), _share(each["mean"]))
    table.add_section()
    for name, key in (("detect in every frame", "every"), ("follow", "follow")):
        each = found["frame_to_readings"][key]
        table.add_row(f"frame to readings, {name}", "", f"{each['ms']:.2f}", "", _share(each))
    for name, key in (("classify, csv", "classify_csv"), ("classify, csv + mp4", "classify_csv_mp4")):
        each = found[key]["per_frame"]
        table.add_row(f"{name}, a frame", "", f"{each['ms']:.2f}", "", _share(each))
    latency = found["live"]["latency"]
    late, median = latency["percentile_99"], latency["median"]
    shares = f"median {_share(median)}, 99 % {_share(late)}"
    table.add_row("live, added latency", f"{median['ms']:.2f}", "", f"{late['ms']:.2f}", shares)
    console.print(table)
    live, alone, both = found["live"], found["classify_csv"], found["classify_csv_mp4"]
    lines = [
        f"classify: {alone['frames_per_second']:.0f} frames per second with a table alone, "
        f"{both['frames_per_second']:.0f} with an annotated video",
        f"live: {live['sent_per_second']:.1f} of {live['fps']:g} pictures sent a second, {live['cores']:.2f} cores",
    ]
    if live["peak_mb"] is not None:
        lines.append(f"most memory held in the live run: {live['peak_mb']:.0f} MB")
    console.print("\n".join(lines), highlight=False)


def _share(each: dict[str, float]) -> str:
    return f"1/{1 / each['of_yardstick']:.0f}" if each["of_yardstick"] > 0 else "0"
