"""Whether PipeWire can carry a camera here: its daemon, its session manager, and GStreamer with PipeWire's plugin."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

LAUNCH = "gst-launch-1.0"
_PLUGIN = "pipewiresink"
# What Debian and Ubuntu call the packages that bring each.
_PACKAGES = {
    LAUNCH: "gstreamer1.0-tools gstreamer1.0-plugins-base",
    _PLUGIN: "gstreamer1.0-pipewire",
    "daemon": "pipewire",
    "manager": "wireplumber",
}
#: All of them, for instructions.
APT_PACKAGES = " ".join(_PACKAGES.values())
_MANAGERS = ("wireplumber", "media-session")
_ANSWER_S = 10.0  # the first question to GStreamer makes it look through all its plugins


def lacking() -> tuple[str, str]:
    """What of PipeWire is missing, and the command that gets it; two empty texts where nothing is."""
    if sys.platform != "linux":
        return "PipeWire is for Linux", ""
    if shutil.which(LAUNCH) is None:
        return f"{LAUNCH} is missing", f"sudo apt install {_PACKAGES[LAUNCH]} {_PACKAGES[_PLUGIN]}"
    if not _has_plugin():
        return "GStreamer lacks PipeWire's plugin", f"sudo apt install {_PACKAGES[_PLUGIN]}"
    if not _answers():
        if shutil.which("pipewire") is None:
            return "PipeWire is not installed", f"sudo apt install {_PACKAGES['daemon']} {_PACKAGES['manager']}"
        return "no PipeWire daemon answers", "systemctl --user start pipewire wireplumber"
    if not _has_manager():
        without = "PipeWire runs without a session manager, which would lead the pictures to programs"
        if shutil.which("wireplumber") is None:
            return without, f"sudo apt install {_PACKAGES['manager']}"
        return without, "systemctl --user start wireplumber"
    return "", ""


def socket_path() -> Path | None:
    """Where the daemon listens, by PipeWire's own variables; None where there is no such folder."""
    name = os.environ.get("PIPEWIRE_REMOTE") or "pipewire-0"
    folder = os.environ.get("PIPEWIRE_RUNTIME_DIR") or os.environ.get("XDG_RUNTIME_DIR")
    if Path(name).is_absolute():
        return Path(name)
    return Path(folder) / name if folder else None


def connect() -> socket.socket:
    """A connection to the daemon, which ends when the daemon does.

    Raises:
        OSError: it does not answer.
    """
    path = socket_path()
    if path is None:
        raise FileNotFoundError("neither XDG_RUNTIME_DIR nor PIPEWIRE_RUNTIME_DIR is set")
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        line.settimeout(2.0)
        line.connect(str(path))
    except BaseException:
        line.close()
        raise
    return line


def _answers() -> bool:
    try:
        connect().close()
    except OSError:
        return False
    return True


def _has_plugin() -> bool:
    inspect = shutil.which("gst-inspect-1.0")
    if inspect is None:  # a system that packs it elsewhere: gst-launch-1.0 will tell
        return True
    try:  # not with --exists: by that it must be of GStreamer's own version
        done = subprocess.run([inspect, _PLUGIN], capture_output=True, timeout=_ANSWER_S)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _has_manager() -> bool:
    """Whether a session manager is among the daemon's clients; assumed where nothing can be asked."""
    try:
        done = subprocess.run(["pw-dump"], capture_output=True, timeout=_ANSWER_S)
        things = json.loads(done.stdout)
    except (OSError, subprocess.TimeoutExpired, ValueError, RecursionError):
        return True
    names = [str((thing.get("info") or {}).get("props", {}).get("application.name", "")) for thing in things]
    return any(manager in name.lower() for name in names for manager in _MANAGERS)
