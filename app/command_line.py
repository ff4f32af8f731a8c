"""The commands and their options; :mod:`app.cli` runs them.

Heavy imports happen inside the commands, so that ``--help`` is quick.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from model.errors import AffectcamError, ConfigError

from .option_words import camera_size_of, reading_of, settings_of, style_of
from .shared_options import (
    Backend,
    BackendOrSetting,
    Bars,
    CameraBackend,
    Detect,
    Device,
    Faces,
    FacesOrSetting,
    Model,
    Palette,
    SmallFaces,
    Smoothing,
    SmoothingOrSetting,
    Style,
)
from .span import Span
from .supervisor.channel import AGAIN, can_supervise
from .version import version as affectcam_version

app = typer.Typer(
    name="affectcam",
    add_completion=False,
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Add --debug to any command to see the whole traceback of an error.",
)


@app.callback(invoke_without_command=True)
def window(
    context: typer.Context,
    source: Annotated[str | None, typer.Option(help="Camera number, device, video file or URL.")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Start on the bundled clip; needs no camera.")] = False,
    model: Annotated[
        str | None, typer.Option(help="Installed model or the path of an .onnx file; else as in the settings.")
    ] = None,
    backend: BackendOrSetting = None,
    faces: FacesOrSetting = None,
    smoothing: SmoothingOrSetting = None,
    camera: Annotated[bool, typer.Option("--camera", help="Begin with the virtual camera switched on.")] = False,
    camera_backend: CameraBackend = None,
    device: Device = None,
    minimised: Annotated[bool, typer.Option("--minimised", help="Begin in the tray, or else in the task bar.")] = False,
    reset_settings: Annotated[
        bool, typer.Option("--reset-settings", help="Go back to the defaults first; the old file is kept beside.")
    ] = False,
    seconds: Annotated[float | None, typer.Option(help="Close the window after so many seconds.", min=0)] = None,
    version: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False,
) -> None:
    """Read the expression on a face, live and on your own machine. Without a command: the desktop window.

    Examples:
      affectcam                                   the window, on the first camera

      affectcam --demo                            the window, on the bundled clip

      affectcam classify talk.mp4 --out results   a table of every face in a video

      affectcam overlay --source 0                your labelled face on a virtual camera
    """
    if version:
        print(f"affectcam {affectcam_version()}")  # noqa: T201
        raise typer.Exit
    if context.invoked_subcommand is not None:
        return
    given = {
        "model": model,
        "backend": backend,
        "faces": faces,
        "smoothing_s": smoothing,
        "camera_backend": camera_backend,
        "camera_device": device,
    }
    chosen = settings_of({name: value for name, value in given.items() if value is not None})
    _go_on_supervised(context)
    if reset_settings:
        from .settings import Store

        print(Store().reset(), file=sys.stderr)  # noqa: T201
    try:
        from .gui.application import run_window
    except ImportError as error:
        if (error.name or "").split(".")[0] != "PyQt5":
            raise
        raise AffectcamError(
            f"the window needs PyQt5, which does not load here ({error}); pip install PyQt5, or use "
            "`affectcam classify` and `affectcam overlay`"
        ) from None
    camera = camera or bool(os.environ.get(AGAIN))  # a crash ended the window that was here, and its camera was on
    code = run_window(source=source, demo=demo, seconds=seconds, minimised=minimised, camera=camera, chosen=chosen)
    raise typer.Exit(code)


def _go_on_supervised(context: typer.Context) -> None:
    """Leave the command to another process and see it through, where that can be and was asked for."""
    if context.obj is None or not can_supervise():
        return
    from .supervisor.supervise import supervise

    raise SystemExit(supervise(context.obj))  # what there is to say was said


@app.command()
def classify(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATH...", help="Video files; for a data set folders and URIs, too.", show_default=False
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for the results; made if it is missing.")] = Path("out"),
    formats: Annotated[
        str | None,
        typer.Option(
            help="Comma-separated: csv, jsonl, srt, png, mp4, parquet; or dataset: one Parquet data set of all files.",
            show_default="csv; dataset with --engine ray",
        ),
    ] = None,
    model: Model = "compact",
    backend: Backend = "auto",
    faces: Faces = "all",
    smoothing: Smoothing = 0.35,
    detect: Detect = "follow",
    small_faces: SmallFaces = False,
    style: Style = None,
    bars: Bars = False,
    palette: Palette = "standard",
    every: Annotated[int, typer.Option(help="Read each N-th frame only.", metavar="N", min=1)] = 1,
    clip: Annotated[
        str | None,
        typer.Option(
            help="Read this part only: seconds, MM:SS or HH:MM:SS; either may be left out.", metavar="START-END"
        ),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(help="Files at once.", metavar="N", min=1, max=60, show_default="as cores and memory allow"),
    ] = None,
    list_file: Annotated[
        str | None,
        typer.Option("--list", help="More files: a path a line, or separated by NUL; - is stdin.", metavar="FILE"),
    ] = None,
    engine: Annotated[str, typer.Option(help="Who reads a data set's files: local processes, or ray.")] = "local",
    address: Annotated[
        str | None,
        typer.Option(help="Ray cluster to use; without it one on this machine alone.", metavar="HOST:PORT"),
    ] = None,
    split: Annotated[
        float | None,
        typer.Option(
            help="In a data set: read files longer than that in parts; 0: none.",
            metavar="MINUTES",
            min=0,
            show_default="10",
        ),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace results that exist.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON on stdout.")] = False,
) -> None:
    """Read every face in every frame of video files.

    Tables (csv, jsonl, parquet), subtitles (srt), a timeline picture (png) and an annotated video (mp4).

    Or a whole archive as one data set, on all cores or on a cluster: run it again to go on where it stopped.

    Valence and arousal are learned by the model or derived from its scores; `affectcam models` says which.

    Outputs appear whole or not at all. A damaged video gives what could be read, says what was lost, and exit code 1.

    Examples:
      affectcam classify talk.mp4 --out results

      affectcam classify *.mkv --out results --formats csv,srt,png,mp4 --overwrite

      affectcam classify talk.mp4 --every 5          rows for frames 0, 5, 10, …

      affectcam classify talk.mp4 --clip 1:30-2:00   half a minute of it; also 90-120, 1:30- or -2:00

      affectcam classify *.mp4 --jobs 2              two files at once

      affectcam classify talks/ --out rows --formats dataset

      affectcam classify s3://bucket/talks --out rows --engine ray --address 10.0.0.1:6379

      find . -name '*.mp4' -print0 | affectcam classify --list - --out rows --formats dataset
    """
    from .commands.archive_words import ArchiveWords

    config = reading_of(model, backend, faces, smoothing, detect, small_faces=small_faces)
    drawn = style_of(style, bars=bars, palette=palette)
    span = None if clip is None else Span.parse(clip)
    if not paths and list_file is None:
        raise ConfigError("Missing argument 'PATH...' (or --list FILE); see `affectcam classify --help`")
    words = ArchiveWords(formats=formats, engine=engine, address=address, split_min=split, list_file=list_file)
    if words.is_dataset():
        from .archive.task import Asked
        from .commands.archive import Workers, classify_archive

        asked = Asked(config=config, every=every, span=span, split_s=words.split_s)
        workers = Workers(engine="ray" if engine == "ray" else "local", address=address, jobs=jobs)
        done = classify_archive(
            paths or [], out, asked, workers, list_file=list_file, overwrite=overwrite, as_json=as_json
        )
    else:
        from .commands.classify import classify_files
        from .commands.files import named_files
        from .commands.one_file import Wanted

        wanted = Wanted(
            out=out, formats=words.names, config=config, style=drawn, every=every, span=span, overwrite=overwrite
        )
        done = classify_files(named_files(paths or [], list_file), wanted, jobs=jobs, as_json=as_json)
    raise typer.Exit(0 if done else 1)


@app.command()
def overlay(
    context: typer.Context,
    source: Annotated[str, typer.Option(help="Camera number, device, video file, URL, or demo.")] = "0",
    camera_backend: CameraBackend = None,
    device: Device = None,
    camera_size: Annotated[
        str, typer.Option(help="What calls get: WIDTHxHEIGHT, black bars where the shape differs, or source.")
    ] = "source",
    mirror: Annotated[
        bool, typer.Option("--mirror", help="Flip the picture left to right; text stays readable.")
    ] = False,
    model: Model = "compact",
    backend: Backend = "auto",
    faces: Faces = "all",
    smoothing: Smoothing = 0.35,
    detect: Detect = "follow",
    small_faces: SmallFaces = False,
    style: Style = None,
    bars: Bars = False,
    palette: Palette = "standard",
    badge: Annotated[bool, typer.Option(help="Tell the others in the picture that expressions are read.")] = True,
    width: Annotated[int, typer.Option(help="Asked of a camera, in pixels.", min=16, max=7680)] = 1280,
    height: Annotated[int, typer.Option(help="Asked of a camera, in pixels.", min=16, max=4320)] = 720,
    fps: Annotated[float, typer.Option(help="Asked of a camera, in frames per second.", min=1, max=240)] = 30.0,
    seconds: Annotated[float | None, typer.Option(help="Stop after so many seconds.", min=0)] = None,
) -> None:
    """Show your labelled face on a virtual camera that Zoom, Meet or Teams can pick. Ctrl-C stops.

    Examples:
      affectcam overlay                              the first camera

      affectcam overlay --source talk.mp4 --mirror   a file instead of a camera

      affectcam overlay --source 2 --device /dev/video10
    """
    config = reading_of(model, backend, faces, smoothing, detect, small_faces=small_faces)
    sent, drawn = camera_size_of(camera_size), style_of(style, bars=bars, palette=palette, badge=badge)
    _go_on_supervised(context)
    from .commands.overlay import run_overlay

    run_overlay(
        source,
        config=config,
        camera_backend=camera_backend,
        device=device,
        camera_size=sent,
        mirror=mirror,
        style=drawn,
        size=(width, height),
        fps=fps,
        seconds=seconds,
    )


@app.command()
def bench(
    source: Annotated[
        Path | None, typer.Option(help="A video file; without it the demo, enlarged to 1280×720.")
    ] = None,
    model: Model = "compact",
    backend: Backend = "auto",
    faces: Faces = "all",
    detect: Detect = "follow",
    small_faces: SmallFaces = False,
    frames: Annotated[int, typer.Option(help="How many frames of the file.", min=20, max=100_000)] = 240,
    seconds: Annotated[float, typer.Option(help="How long the live run is.", min=1, max=3600)] = 8.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON on stdout.")] = False,
) -> None:
    """Measure what each stage costs on this machine, and how far the picture lags behind the camera.

    Times are also told as shares of a yardstick that is measured in the same minute, so that machines compare: the
    student report's network in full precision on one face of 224×224.

    Examples:
      affectcam bench

      affectcam bench --source talk.mp4 --model new-base --json
    """
    from .commands.bench import bench as measure

    config = reading_of(model, backend, faces, 0.35, detect, small_faces=small_faces)
    measure(source, config, frames=frames, seconds=seconds, as_json=as_json)


@app.command()
def models(
    as_json: Annotated[bool, typer.Option("--json", help="Print the cards as JSON on stdout.")] = False,
) -> None:
    """List the installed models with their cards.

    Example: affectcam models --json
    """
    from .commands.models import show_models

    show_models(as_json=as_json)


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print the checks as JSON on stdout.")] = False,
    report: Annotated[bool, typer.Option("--report", help="Print a text without personal data, for an issue.")] = False,
) -> None:
    """Check what works on this machine, and say how to fix what does not. Exit code 1 if something does not work.

    Example: affectcam doctor
    """
    from .commands.doctor import show_doctor

    if as_json and report:
        raise ConfigError("--json and --report exclude each other; choose one")
    raise typer.Exit(0 if show_doctor(as_json=as_json, report=report) else 1)
