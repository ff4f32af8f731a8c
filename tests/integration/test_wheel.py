"""The wheel: built, installed into an empty environment and run from another folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("build", reason="the package build is not installed: pip install -e '.[dev]'")
pytest.importorskip("hatchling", reason="hatchling is not installed: pip install -e '.[dev]'")

WHERE = "import app, model, json, sys; from model.paths import models_folder; from pathlib import Path; "
WHERE += "print(json.dumps({'app': app.__file__, 'model': model.__file__, 'models': str(models_folder())}))"


def run(*command: str | Path, folder: Path, code: int = 0) -> str:
    """Run a command away from the clone, with nothing of this test run's paths, and return what it printed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [str(word) for word in command], cwd=folder, env=environment, capture_output=True, text=True, timeout=100
    )
    assert done.returncode == code, f"{command} ended with {done.returncode}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the clone by the tools that are already installed here."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", folder, project_root, folder=folder)
    (built,) = folder.glob("affectcam-*.whl")
    return built


class Environment:
    """A virtual environment that holds the wheel alone; its dependencies are read from this one."""

    def __init__(self, folder: Path, wheel: Path) -> None:
        venv.create(folder, with_pip=False)
        self.scripts = folder / ("Scripts" if os.name == "nt" else "bin")
        self.python = self.scripts / ("python.exe" if os.name == "nt" else "python")
        self.command = self.scripts / ("affectcam.exe" if os.name == "nt" else "affectcam")
        ours = Path(run(self.python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", folder=folder))
        self.packages = Path(str(ours).strip())
        # A path in a .pth file is searched, but .pth files found there are not run: the clone, which an editable
        # install adds by such a file, stays out of reach.
        here = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
        (self.packages / "dependencies.pth").write_text("\n".join(sorted(here)) + "\n")
        install = ("-m", "pip", "--python", self.python, "install", "--no-deps", "--no-index", "--quiet", wheel)
        run(sys.executable, *install, folder=folder)


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return Environment(tmp_path_factory.mktemp("environment"), wheel)


def test_the_wheel_carries_its_assets_and_licences(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {
        "model/_assets/face_detection_full_range_sparse.tflite",
        "model/_assets/face_detection_short_range.tflite",
        "model/_assets/models/compact.onnx",
        "model/_assets/demo.mp4",
        "model/_assets/LICENCES.md",
        "model/_assets/LICENSE-APACHE-2.0.txt",
    } <= names
    assert any(name.endswith("/licenses/LICENSE") for name in names)


def test_the_wheel_carries_code_alone_beside_them(wheel: Path) -> None:
    top = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {name for name in top if not name.endswith(".dist-info")} == {"app", "model", "training"}


def test_the_installed_wheel_finds_its_own_assets(environment: Environment, tmp_path: Path) -> None:
    found = json.loads(run(environment.python, "-c", WHERE, folder=tmp_path))
    for path in found.values():
        assert Path(path).resolve().is_relative_to(environment.packages.resolve()), found
    assert Path(found["models"]).is_dir()


def test_the_installed_command_helps_from_any_folder(environment: Environment, tmp_path: Path) -> None:
    text = run(environment.command, "--help", folder=tmp_path)
    assert all(command in text for command in ("classify", "overlay", "doctor", "models"))


def test_the_installed_command_lists_the_default_model(environment: Environment, tmp_path: Path) -> None:
    assert "compact" in run(environment.command, "models", folder=tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_wheel_brings_all_that_it_needs(wheel: Path, tmp_path: Path) -> None:
    """Into a truly empty environment, with every dependency from the index."""
    folder = tmp_path / "environment"
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    install = subprocess.run([python, "-m", "pip", "install", "--quiet", wheel], capture_output=True, text=True)
    if "Could not find a version" in install.stderr:  # also what pip says when no index answers
        pytest.skip(f"the dependencies cannot be fetched here: {install.stderr.strip().splitlines()[-1]}")
    assert install.returncode == 0, install.stderr
    assert "compact" in run(python, "-m", "app", "models", folder=tmp_path)
    assert "MediaPipe" in run(python, "-m", "app", "doctor", "--json", folder=tmp_path)
