"""The program where PyQt5 is not installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

WITHOUT_QT = """
import sys
class NoQt:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "PyQt5":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, NoQt())
import app, app.cli
code = app.cli.main(sys.argv[1:])
assert not [name for name in sys.modules if name.startswith("PyQt5")]
sys.exit(code)
"""


def affectcam(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", WITHOUT_QT, *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=90)


def test_the_commands_explain_themselves(project_root: Path) -> None:
    for command in ("classify", "overlay"):
        done = affectcam(command, "--help", folder=project_root)
        assert done.returncode == 0, done.stderr
        assert "Examples" in done.stdout


def test_the_window_is_refused_in_one_line_that_says_what_to_install(project_root: Path) -> None:
    done = affectcam("--demo", "--seconds", "1", folder=project_root)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: the window needs PyQt5")
    assert "pip install PyQt5" in line
