"""Says which system packages affectcam lacks here: ``python scripts/system_packages.py [--apt]``.

Needs no other package, and runs before there is an environment. Exit code 1 if the app cannot run without what is
missing; what only the window or its tests need is named, but is no failure.
"""

from __future__ import annotations

import argparse
import ctypes
import importlib.util
import shutil
import sys
from dataclasses import dataclass

OLDEST_PYTHON = (3, 11)


@dataclass(frozen=True)
class Library:
    """One shared library that a wheel expects from the system, and the packages that bring it."""

    file: str
    needed_for: str  # "app", "window" or "tests"
    apt: str
    dnf: str


# From the NEEDED entries of the wheels' own libraries (objdump -p), less what every system with glibc has.
LIBRARIES = (
    Library("libGL.so.1", "app", "libgl1", "mesa-libGL"),  # OpenCV, Qt
    Library("libglib-2.0.so.0", "app", "libglib2.0-0", "glib2"),  # OpenCV, Qt
    Library("libgthread-2.0.so.0", "app", "libglib2.0-0", "glib2"),
    Library("libEGL.so.1", "app", "libegl1", "mesa-libEGL"),  # MediaPipe
    Library("libGLESv2.so.2", "app", "libgles2", "libglvnd-gles"),
    Library("libX11.so.6", "window", "libx11-6", "libX11"),  # Qt, on screen and off
    Library("libXext.so.6", "window", "libxext6", "libXext"),
    Library("libfontconfig.so.1", "window", "libfontconfig1", "fontconfig"),
    Library("libfreetype.so.6", "window", "libfreetype6", "freetype"),
    Library("libdbus-1.so.3", "window", "libdbus-1-3", "dbus-libs"),
    Library("libX11-xcb.so.1", "window", "libx11-xcb1", "libX11-xcb"),  # Qt's X11 platform
    Library("libxkbcommon.so.0", "window", "libxkbcommon0", "libxkbcommon"),
    Library("libxkbcommon-x11.so.0", "window", "libxkbcommon-x11-0", "libxkbcommon-x11"),
    Library("libxcb-icccm.so.4", "window", "libxcb-icccm4", "xcb-util-wm"),
    Library("libxcb-image.so.0", "window", "libxcb-image0", "xcb-util-image"),
    Library("libxcb-keysyms.so.1", "window", "libxcb-keysyms1", "xcb-util-keysyms"),
    Library("libxcb-randr.so.0", "window", "libxcb-randr0", "libxcb"),
    Library("libxcb-render.so.0", "window", "libxcb-render0", "libxcb"),
    Library("libxcb-render-util.so.0", "window", "libxcb-render-util0", "xcb-util-renderutil"),
    Library("libxcb-shape.so.0", "window", "libxcb-shape0", "libxcb"),
    Library("libxcb-shm.so.0", "window", "libxcb-shm0", "libxcb"),
    Library("libxcb-sync.so.1", "window", "libxcb-sync1", "libxcb"),
    Library("libxcb-xfixes.so.0", "window", "libxcb-xfixes0", "libxcb"),
    Library("libxcb-xinerama.so.0", "window", "libxcb-xinerama0", "libxcb"),
    Library("libxcb-xkb.so.1", "window", "libxcb-xkb1", "libxcb"),
)


def missing_libraries() -> list[Library]:
    """The shared libraries that the loader does not find; always empty but on Linux."""
    return [library for library in LIBRARIES if sys.platform == "linux" and not _loads(library.file)]


def missing_packages(libraries: list[Library], *, manager: str) -> dict[str, list[str]]:
    """What to install with ``manager`` ("apt" or "dnf"), by what it is needed for; names once, in the table's order."""
    packages: dict[str, list[str]] = {}
    for library in libraries:
        names = packages.setdefault(library.needed_for, [])
        name = library.apt if manager == "apt" else library.dnf
        if name not in names:
            names.append(name)
    if sys.platform == "linux" and not shutil.which("xvfb-run"):
        names = ["xvfb", "xauth"] if manager == "apt" else ["xorg-x11-server-Xvfb", "xorg-x11-xauth"]
        packages["tests"] = names
    if sys.platform == "linux" and not shutil.which("strace"):  # watches what native libraries ask of the network
        packages.setdefault("tests", []).append("strace")
    if importlib.util.find_spec("ensurepip") is None:  # Debian and Ubuntu split it off
        packages.setdefault("app", []).append("python3-venv" if manager == "apt" else "python3-pip")
    return packages


def main() -> int:
    """Print what is missing and how to get it; see the module's docstring for the exit code."""
    parser = argparse.ArgumentParser(description="Say which system packages affectcam lacks here.")
    parser.add_argument("--apt", action="store_true", help="print the names of the missing apt packages, no more")
    arguments = parser.parse_args()
    if sys.version_info < OLDEST_PYTHON:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        print(f"Python {wanted} or newer is needed, this is {sys.version.split()[0]}: make PYTHON=python{wanted}")
        return 1
    manager = "dnf" if shutil.which("dnf") and not shutil.which("apt-get") else "apt"
    packages = missing_packages(missing_libraries(), manager="apt" if arguments.apt else manager)
    if arguments.apt:
        print(" ".join(name for names in packages.values() for name in names))
        return 0
    for needed_for, names in packages.items():
        print(f"the {needed_for} needs system packages: sudo {manager} install {' '.join(names)}", file=sys.stderr)
    return 1 if "app" in packages else 0


def _loads(file: str) -> bool:
    try:
        ctypes.CDLL(file)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
