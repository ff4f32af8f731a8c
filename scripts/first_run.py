"""What ``make run`` starts: the window where there is a screen, else the demo's files and what was found in them.

With a screen the window opens on the first camera, or on the bundled demo clip where there is none. When nobody
watches (standard output is no terminal, the screen is ``xvfb-run``'s, or ``CI`` is set) it closes by itself.
Without a screen, or where Qt cannot open a window, the demo is classified into ``out/demo``.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from system_packages import missing_libraries, missing_packages

ROOT = Path(__file__).resolve().parent.parent
UNWATCHED_SECONDS = 20.0
# On top of those seconds: start, model load, and a slow machine.
UNWATCHED_GRACE_SECONDS = 100.0
# Kept from before OpenCV is imported here, which points Qt at its own plugins in the environment of all children.
ENVIRONMENT = dict(os.environ)


def has_screen(platform: str, environment: Mapping[str, str]) -> bool:
    """Whether a window can be shown: always on Windows and macOS, with X11 or Wayland elsewhere."""
    if platform in ("win32", "darwin"):
        return True
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def is_watched(environment: Mapping[str, str], *, terminal: bool) -> bool:
    """Whether a person can be expected to close the window."""
    # xvfb-run names nothing but the folder of its key after itself; its screen is in no room.
    invisible = "xvfb-run" in environment.get("XAUTHORITY", "")
    return terminal and not invisible and not environment.get("CI")


def window_words(*, camera: bool, watched: bool) -> list[str]:
    """The words after ``python -m app`` that open the window."""
    words = [] if camera else ["--demo"]
    return words if watched else [*words, "--seconds", f"{UNWATCHED_SECONDS:g}"]


def demo_words(demo: Path, out: Path) -> list[str]:
    """The words after ``python -m app`` that classify the demo."""
    return ["classify", str(demo), "--out", str(out), "--formats", "csv,jsonl,mp4", "--overwrite"]


def main() -> int:
    """Run the window or the demo; the exit code is theirs."""
    if not has_screen(sys.platform, os.environ):
        print("No screen here, so the demo is classified into files. With a screen this opens the window.", flush=True)
        return _classify_demo()
    lacking = missing_packages(missing_libraries(), manager="apt").get("window")
    if lacking:
        print(f"The window needs system packages: sudo apt install {' '.join(lacking)}", file=sys.stderr, flush=True)
        return _classify_demo()
    with ExitStack() as screen:  # held while the window is open: a bare X server resets when its last client leaves
        obstacle = _obstacle(screen)
        if obstacle:
            print(f"{obstacle}; the demo is classified into files instead.", file=sys.stderr, flush=True)
            return _classify_demo()
        watched = is_watched(ENVIRONMENT, terminal=sys.stdout.isatty())
        code = _app(window_words(camera=_has_camera(), watched=watched), watched=watched)
    if _died(code):
        print("The window could not open on this screen; the demo is classified into files instead.", flush=True)
        return _classify_demo()
    return code


def _classify_demo() -> int:
    return _app(demo_words(Path("assets") / "demo.mp4", Path("out") / "demo"), watched=True)


def _obstacle(screen: ExitStack) -> str | None:
    """Why no window can open here, or None; then the line to the screen is held by ``screen``."""
    from app.gui.screen import reached_screen
    from model.errors import AffectcamError

    try:
        screen.enter_context(reached_screen())
    except AffectcamError as error:
        return str(error).partition(";")[0]
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] != "PyQt5":
            raise
        return "PyQt5 is not installed"
    return None


def _has_camera() -> bool:
    # Imported late: they bring OpenCV, which the way without a screen need not wait for.
    from app.capture.cameras import list_cameras
    from model.errors import SourceError

    try:
        return bool(list_cameras())
    except SourceError:
        return False  # the system does not say: the demo runs anyhow


def _died(code: int) -> bool:
    """Whether Qt ended the program itself, as it does when it finds no platform or no display."""
    return code in (-signal.SIGABRT, -signal.SIGSEGV, 128 + signal.SIGABRT)


def _app(words: list[str], *, watched: bool) -> int:
    """Run ``python -m app`` with these words and return its exit code."""
    print(f"> python -m app {' '.join(words)}", flush=True)
    child = subprocess.Popen([sys.executable, "-m", "app", *words], cwd=ROOT, env=ENVIRONMENT)
    try:
        return child.wait(None if watched else UNWATCHED_SECONDS + UNWATCHED_GRACE_SECONDS)
    except KeyboardInterrupt:
        return child.wait()  # the terminal sent Ctrl-C to the child as well: let it close its files
    except subprocess.TimeoutExpired:
        child.terminate()
        child.wait()
        print("The window did not close by itself in time.", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
