"""How to get a virtual camera on each system: the words of the window, of the doctor and of errors, in one place."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from .pipewire_daemon import APT_PACKAGES

_INSTALL = "sudo apt install v4l2loopback-dkms"
_LOAD = "sudo modprobe v4l2loopback exclusive_caps=1 card_label=affectcam"
_OPTIONS = "options v4l2loopback exclusive_caps=1 card_label=affectcam"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do."""

    text: str  # in words
    command: str = ""  # what to type into a terminal, if that does it


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraHelp:
    """What to do, in order; the first steps are enough, later ones are for who needs them."""

    title: str
    why: str
    steps: tuple[Step, ...]
    cure: str  # the whole in one line


_LINUX = CameraHelp(
    title="Get a virtual camera on Linux",
    why="Calls pick affectcam as a camera, and for that Linux needs a driver, v4l2loopback.",
    steps=(
        Step("Install the driver (Fedora: akmod-v4l2loopback from RPM Fusion; Arch: v4l2loopback-dkms).", _INSTALL),
        Step("Load it. Chrome, and so Meet and Teams, need exclusive_caps=1; card_label is the name in calls.", _LOAD),
        Step("Press “Check again”, switch the virtual camera on, and only then open the call's camera menu."),
        Step(
            "To have it after every start of the computer: load the driver by itself …",
            "echo v4l2loopback | sudo tee /etc/modules-load.d/v4l2loopback.conf",
        ),
        Step(
            "… with the same options.",
            f"echo '{_OPTIONS}' | sudo tee /etc/modprobe.d/v4l2loopback.conf",
        ),
        Step(
            "If modprobe says “Key was rejected”: Secure Boot wants the driver signed. Choose a password, restart, "
            "confirm the key with it, and load the driver again.",
            "sudo mokutil --import /var/lib/dkms/mok.pub",
        ),
        Step(
            "If modprobe finds no module: the kernel was updated. Install its headers, which build the driver anew.",
            "sudo apt install linux-headers-$(uname -r)",
        ),
        Step(
            "Where no driver may be loaded, PipeWire carries the camera to programs that take theirs from it: OBS, "
            "Firefox (about:config: media.webrtc.camera.allow-pipewire, on in Fedora) and Chrome "
            "(chrome://flags/#enable-webrtc-pipewire-camera). Zoom does not.",
            f"sudo apt install {APT_PACKAGES}",
        ),
        Step("Then choose PipeWire as the kind of virtual camera.", "affectcam overlay --camera-backend pipewire"),
    ),
    cure=f"{_INSTALL} && {_LOAD}",
)

_WINDOWS = CameraHelp(
    title="Get a virtual camera on Windows",
    why="Calls pick affectcam as a camera, and for that Windows needs a driver, which OBS Studio brings.",
    steps=(
        Step("Install OBS Studio 26 or newer from obsproject.com.", "winget install OBSProject.OBSStudio"),
        Step("OBS need not run. If it does, leave its own virtual camera stopped: only one program can feed it."),
        Step("Press “Check again”, and switch the virtual camera on."),
        Step("In the call choose “OBS Virtual Camera”. If it is not listed, restart the call program."),
        Step("Or install Unity Capture from github.com/schellingb/UnityCapture, and choose it as the kind of camera."),
    ),
    cure="install OBS Studio, which brings the OBS Virtual Camera, or Unity Capture",
)

_MAC = CameraHelp(
    title="Get a virtual camera on macOS",
    why="Calls pick affectcam as a camera, and for that macOS needs an extension, which OBS Studio brings.",
    steps=(
        Step("Install OBS Studio 30 or newer from obsproject.com.", "brew install --cask obs"),
        Step("Open OBS and press “Start Virtual Camera”: macOS asks whether the extension may be used."),
        Step(
            "Allow it: System Settings → General → Login Items & Extensions → Camera Extensions "
            "(before macOS 15: Privacy & Security)."
        ),
        Step("Press “Stop Virtual Camera” and quit OBS. Once is enough."),
        Step("Press “Check again”, and switch the virtual camera on."),
        Step("In the call choose “OBS Virtual Camera”. If it is not listed, restart the call program."),
    ),
    cure="install OBS 30 or newer, and start and stop its virtual camera once",
)


def camera_help(system: str | None = None) -> CameraHelp:
    """How to get a virtual camera on ``system``, as ``sys.platform`` names it; this one if None."""
    return {"win32": _WINDOWS, "darwin": _MAC}.get(system or sys.platform, _LINUX)
