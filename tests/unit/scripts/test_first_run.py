from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def first_run(monkeypatch: pytest.MonkeyPatch, project_root: Path) -> ModuleType:
    """The script as a module, with the programs it would start written down in ``started`` instead."""
    monkeypatch.syspath_prepend(str(project_root / "scripts"))
    import first_run as module

    module.started = []  # type: ignore[attr-defined]
    module.codes = []  # type: ignore[attr-defined]

    def app(words: list[str], *, watched: bool) -> int:
        module.started.append(words)  # type: ignore[attr-defined]
        return module.codes.pop(0) if module.codes else 0  # type: ignore[attr-defined]

    monkeypatch.setattr(module, "_app", app)
    monkeypatch.setattr(module, "missing_libraries", list)
    monkeypatch.setattr(module, "has_screen", lambda platform, environment: True)
    monkeypatch.setattr(module, "_has_camera", lambda: False)
    module.really_asked = module._obstacle  # type: ignore[attr-defined]
    monkeypatch.setattr(module, "_obstacle", lambda screen: None)
    monkeypatch.setattr(module, "is_watched", lambda environment, terminal: True)
    return module


def test_without_a_screen_the_demo_is_classified(first_run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_run, "has_screen", lambda platform, environment: False)
    assert first_run.main() == 0
    (words,) = first_run.started
    assert words[0] == "classify"
    assert Path(words[1]).name == "demo.mp4"
    assert words[2:] == ["--out", str(Path("out") / "demo"), "--formats", "csv,jsonl,mp4", "--overwrite"]


@pytest.mark.parametrize(("camera", "words"), [(True, []), (False, ["--demo"])])
def test_with_a_screen_the_window_opens_on_the_camera_or_the_demo(
    first_run: ModuleType, monkeypatch: pytest.MonkeyPatch, camera: bool, words: list[str]
) -> None:
    monkeypatch.setattr(first_run, "_has_camera", lambda: camera)
    assert first_run.main() == 0
    assert first_run.started == [words]


def test_a_window_that_nobody_watches_closes_by_itself(first_run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_run, "is_watched", lambda environment, terminal: False)
    first_run.main()
    assert first_run.started == [["--demo", "--seconds", "20"]]


def test_where_the_screen_cannot_be_reached_the_demo_is_classified(
    first_run: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(first_run, "_obstacle", lambda screen: "no screen: DISPLAY=:77 cannot be reached")
    assert first_run.main() == 0
    assert [words[0] for words in first_run.started] == ["classify"]
    assert "DISPLAY=:77" in capsys.readouterr().err


@pytest.mark.parametrize(("display", "expected"), [(None, "no screen: DISPLAY is not set"), (":7654", "DISPLAY=:7654")])
@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="these always have a screen")
def test_the_screen_is_really_asked(
    first_run: ModuleType, monkeypatch: pytest.MonkeyPatch, display: str | None, expected: str
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    with ExitStack() as screen:
        monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
        assert first_run.really_asked(screen) is None
        monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
        if display is not None:
            monkeypatch.setenv("DISPLAY", display)
        assert expected in first_run.really_asked(screen)


def test_where_qt_dies_the_demo_is_classified(first_run: ModuleType) -> None:
    first_run.codes.append(-signal.SIGABRT)
    assert first_run.main() == 0
    assert [words[0] for words in first_run.started] == ["--demo", "classify"]


def test_a_failed_window_is_no_success(first_run: ModuleType) -> None:
    first_run.codes.append(1)
    assert first_run.main() == 1
    assert len(first_run.started) == 1


def test_where_the_windows_libraries_are_missing_their_packages_are_named(
    first_run: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import system_packages

    library = system_packages.Library("libxcb-icccm.so.4", "window", "libxcb-icccm4", "xcb-util-wm")
    monkeypatch.setattr(first_run, "missing_libraries", lambda: [library])
    assert first_run.main() == 0
    assert [words[0] for words in first_run.started] == ["classify"]
    assert "libxcb-icccm4" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("platform", "environment", "expected"),
    [("linux", {}, False), ("linux", {"DISPLAY": ":1"}, True), ("darwin", {}, True), ("win32", {}, True)],
)
def test_a_screen_is_known_by_its_variables(
    project_root: Path,
    monkeypatch: pytest.MonkeyPatch,
    platform: str,
    environment: dict[str, str],
    expected: bool,
) -> None:
    monkeypatch.syspath_prepend(str(project_root / "scripts"))
    import first_run

    assert first_run.has_screen(platform, environment) is expected


@pytest.mark.parametrize(
    ("environment", "terminal", "expected"),
    [
        ({"DISPLAY": ":0"}, True, True),
        ({"DISPLAY": ":0"}, False, False),
        ({"DISPLAY": ":99", "XAUTHORITY": "/tmp/xvfb-run.Ab12/Xauthority"}, True, False),
        ({"DISPLAY": ":0", "CI": "true"}, True, False),
    ],
)
def test_a_person_watches_at_a_terminal_with_a_real_screen(
    project_root: Path, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], terminal: bool, expected: bool
) -> None:
    monkeypatch.syspath_prepend(str(project_root / "scripts"))
    import first_run

    assert first_run.is_watched(environment, terminal=terminal) is expected


def test_the_ci_command_names_only_what_is_missing(project_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(project_root / "scripts"))
    import system_packages

    monkeypatch.setattr(system_packages.sys, "platform", "linux")
    monkeypatch.setattr(system_packages.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(system_packages, "_loads", lambda file: not file.startswith("libglib"))
    assert system_packages.missing_packages(system_packages.missing_libraries(), manager="apt") == {
        "app": ["libglib2.0-0"]
    }


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_names_no_unknown_target(project_root: Path) -> None:
    done = subprocess.run(
        ["make", "--dry-run", "run", "test", "test-slow", "test-system", "check", "format", "clean", "setup"],
        cwd=project_root,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
