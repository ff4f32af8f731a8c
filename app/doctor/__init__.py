"""Doctor: what works on this machine, what does not and how to cure it; changes nothing and opens no camera."""

from __future__ import annotations

from . import devices, software
from .check import Check, State, examine

__all__ = ["Check", "State", "run_checks"]

_LOOKS = (
    ("Python", software.look_at_python),
    ("Packages", software.look_at_packages),
    ("MediaPipe", software.look_at_mediapipe),
    ("OpenCV", software.look_at_opencv),
    ("Processors", devices.look_at_processors),
    ("Face detector", software.look_at_detector),
    ("Shipped files", software.look_at_shipped),
    ("Models", software.look_at_models),
    ("ONNX Runtime", software.look_at_providers),
    ("Cameras", devices.look_at_cameras),
    ("Virtual camera", devices.look_at_virtual_camera),
    ("Window", devices.look_at_window),
    ("Video encoder", software.look_at_encoder),
    ("Training", software.look_at_training),
)


def run_checks() -> list[Check]:
    """Look at everything; never raises: a look that breaks is itself reported as failed."""
    return [check for name, look in _LOOKS for check in examine(name, look)]
