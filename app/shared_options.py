"""Options that more than one command has, each with its help written once."""

from __future__ import annotations

from typing import Annotated

import typer

_BACKEND = typer.Option(
    help="What runs the model: auto (the quickest), onnx (CPU), cuda, tensorrt, directml, coreml, openvino."
)
_FACES = typer.Option(help="all, or main: only the largest and most central face.")
_SMOOTHING = typer.Option(help="Time constant of the smoothing, in seconds.")

Model = Annotated[
    str,
    typer.Option(
        help="Installed model (`affectcam models` says which file of it is run here), or the path of an .onnx file."
    ),
]
Backend = Annotated[str, _BACKEND]
Faces = Annotated[str, _FACES]
Smoothing = Annotated[float, _SMOOTHING]
Detect = Annotated[
    str,
    typer.Option(help="follow: look for faces four times a second, follow them in between; every: look in each frame."),
]
SmallFaces = Annotated[
    bool, typer.Option("--small-faces", help="Find faces of 1/20 to 1/50 of the picture's width, too; takes longer.")
]
Style = Annotated[str | None, typer.Option(help="What is drawn: label, box, bars, emoji or none.", show_default="box")]
Bars = Annotated[bool, typer.Option("--bars", help="All eight scores beside each face: short for --style bars.")]
Palette = Annotated[str, typer.Option(help="Colours: standard, okabe-ito, tol-bright or white.")]
CameraBackend = Annotated[
    str | None, typer.Option(help="Virtual camera back end: v4l2loopback, pipewire, obs, unitycapture.")
]
Device = Annotated[str | None, typer.Option(help="The virtual camera's device, e.g. /dev/video10.")]

#: Of the window, which goes by its settings where they are left out.
BackendOrSetting = Annotated[str | None, _BACKEND]
FacesOrSetting = Annotated[str | None, _FACES]
SmoothingOrSetting = Annotated[float | None, _SMOOTHING]
