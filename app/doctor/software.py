"""What is installed: Python, packages, the detector's files, models, encoders."""

from __future__ import annotations

import importlib.metadata
import platform
import sys
from collections.abc import Iterable

from model.errors import AffectcamError

from .check import Check

OLDEST_PYTHON = (3, 11)
#: The release of MediaPipe that runs both detectors and reports nothing (docs/decisions/face-detection.md).
MEDIAPIPE_VERSION = "0.10.33"
PACKAGES = ("numpy", "opencv-contrib-python", "onnxruntime", "av", "pyvirtualcam", "typer", "rich")
#: OpenCV wheels whose files lie where those of opencv-contrib-python lie.
OTHER_OPENCV = ("opencv-python", "opencv-python-headless", "opencv-contrib-python-headless")
H264_ENCODERS = ("libx264", "libopenh264", "h264_videotoolbox", "h264_mf")


def look_at_python() -> Iterable[Check]:
    """The interpreter and the system."""
    new_enough = sys.version_info[:2] >= OLDEST_PYTHON
    yield Check(
        name="Python",
        state="ok" if new_enough else "fail",
        detail=f"{platform.python_version()} on {platform.system()} {platform.release()} ({platform.machine()})",
        cure="" if new_enough else f"install Python {'.'.join(map(str, OLDEST_PYTHON))} or newer",
    )


def look_at_packages() -> Iterable[Check]:
    """Versions of the packages that the app stands on."""
    versions = {name: _version(name) for name in PACKAGES}
    missing = [name for name, version in versions.items() if version is None]
    if missing:
        yield Check(
            name="Packages",
            state="fail",
            detail=f"missing: {', '.join(missing)}",
            cure=f"pip install {' '.join(missing)}",
        )
    else:
        yield Check(name="Packages", state="ok", detail=", ".join(f"{name} {versions[name]}" for name in PACKAGES))


def look_at_mediapipe() -> Iterable[Check]:
    """MediaPipe, whose version matters: see :data:`MEDIAPIPE_VERSION`."""
    version = _version("mediapipe")
    if version == MEDIAPIPE_VERSION:
        yield Check(name="MediaPipe", state="ok", detail=version)
        return
    yield Check(
        name="MediaPipe",
        state="warn" if version else "fail",
        detail=f"{version or 'missing'}; affectcam is made for {MEDIAPIPE_VERSION}, and later ones report their use",
        cure=f"pip install mediapipe=={MEDIAPIPE_VERSION}",
    )


def look_at_opencv() -> Iterable[Check]:
    """A second OpenCV wheel, which overwrites the first one's files; nothing to say when there is none."""
    others = [name for name in OTHER_OPENCV if _version(name)]
    if others:
        yield Check(
            name="OpenCV",
            state="warn",
            detail=f"{' and '.join(others)} overwrites files of opencv-contrib-python",
            cure=f"pip uninstall {' '.join(others)}, then pip install --force-reinstall opencv-contrib-python",
        )


def look_at_detector() -> Iterable[Check]:
    """The face detector: started, since MediaPipe loads its native libraries only then."""
    from model.detector import FaceDetector

    with FaceDetector(mode="image"):
        yield Check(name="Face detector", state="ok", detail="starts, near and far")


def look_at_shipped() -> Iterable[Check]:
    """The networks that were shipped: whether they are still those, byte for byte."""
    from model.shipped import LIST, altered_files, shipped_hashes

    count, altered = len(shipped_hashes()), altered_files()
    if count == 0:
        yield Check(
            name="Shipped files", state="warn", detail=f"their list {LIST} is missing", cure="install affectcam again"
        )
    elif altered:
        yield Check(
            name="Shipped files",
            state="fail",
            detail=f"missing or altered: {', '.join(altered)}",
            cure="install affectcam again",
        )
    else:
        yield Check(name="Shipped files", state="ok", detail=f"{count} files are what was shipped")


def look_at_models() -> Iterable[Check]:
    """The installed models: whether each loads, and what it really runs on."""
    from model.classifier import Classifier, installed_models
    from model.paths import models_folder

    models = installed_models()
    if not models:
        yield Check(
            name="Models",
            state="fail",
            detail=f"none in {models_folder()}",
            cure="install affectcam again, or give an .onnx file with --model",
        )
    for name, path in models.items():
        try:
            classifier = Classifier.load(path)
        except AffectcamError as error:
            yield Check(name=f"Model {name}", state="fail", detail=str(error), cure="install affectcam again")
        else:
            size = f"{path.stat().st_size / 1e6:.1f} MB"
            both = f"valence and arousal {classifier.card.valence_arousal_origin}"
            yield Check(name=f"Model {name}", state="ok", detail=f"{size}, runs on {classifier.provider}; {both}")


def look_at_providers() -> Iterable[Check]:
    """What ONNX Runtime was built for; a model's own line says what is really used."""
    from model.runtime import onnxruntime

    providers = onnxruntime.get_available_providers()
    yield Check(name="ONNX Runtime", state="ok", detail=f"built with {', '.join(providers)}")


def look_at_encoder() -> Iterable[Check]:
    """Which H.264 encoder PyAV brings for annotated videos."""
    there = [name for name in H264_ENCODERS if _encodes(name)]
    yield Check(
        name="Video encoder",
        state="ok" if there else "warn",
        detail=there[0] if there else "no H.264 encoder in this PyAV; annotated videos get another codec",
        cure="" if there else "pip install --force-reinstall --only-binary=:all: av",
    )


def look_at_training() -> Iterable[Check]:
    """Whether retraining is set up; the app does not need it."""
    torch = _version("torch")
    detail = f"PyTorch {torch}" if torch else "PyTorch is not installed; only retraining needs it"
    yield Check(name="Training", state="ok", detail=detail)


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _encodes(codec: str) -> bool:
    import av.codec

    try:
        return bool(av.codec.Codec(codec, "w").is_encoder)
    except ValueError:  # PyAV's UnknownCodecError: not there, or only as a decoder
        return False
