"""A run begun from a model file: its checkpoint has the file's weights, and a network of other weights is refused."""

from __future__ import annotations

import subprocess
import sys

import pytest

torch = pytest.importorskip("torch", reason="training needs its extra")


@pytest.fixture
def begun(project_root, tmp_path):
    """A function that begins a run from the shipped network, with a line of network options."""

    def begin(options):
        config = tmp_path / "again.toml"
        text = (project_root / "training" / "configs" / "ferplus-compact.toml").read_text()
        before = next(line for line in text.splitlines() if line.startswith("options"))
        config.write_text(text.replace(before, options))
        words = ["scripts/begin_run.py", "compact", str(config), "--runs", str(tmp_path / "runs")]
        return subprocess.run(
            [sys.executable, *words],
            cwd=project_root,
            env={"PYTHONPATH": str(project_root), "PATH": ""},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return begin


def test_the_checkpoint_has_the_files_weights(begun, project_root, tmp_path):
    from model.exported_weights import read_exported

    done = begun("options = { least_contrast = 0.5 }")
    assert done.returncode == 0, done.stderr
    kept = torch.load(tmp_path / "runs" / "ferplus-compact" / "train" / "best.pt", weights_only=True)["averaged"]
    _, weights, _ = read_exported(project_root / "assets" / "models" / "compact.onnx")
    assert all(torch.equal(kept[name], value) for name, value in weights.items())


def test_another_network_is_refused(begun, tmp_path):
    done = begun("options = { depths = [1, 2, 2, 2] }")
    assert done.returncode != 0
    assert "network.options" in done.stderr
    assert not (tmp_path / "runs").exists()
