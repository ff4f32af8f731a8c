"""A run begun from a model file: its checkpoint has the file's weights, and a network of other weights is refused."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from model.errors import ConfigError

torch = pytest.importorskip("torch", reason="training needs its extra")

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))


@pytest.fixture
def begin(project_root, tmp_path):
    """A function that begins a run from the shipped network, with a line of network options."""
    from scripts.begin_run import begin_run

    def begin(options):
        config = tmp_path / "again.toml"
        text = (project_root / "training" / "configs" / "ferplus-compact.toml").read_text()
        before = next(line for line in text.splitlines() if line.startswith("options"))
        config.write_text(text.replace(before, options))
        return begin_run("compact", config, tmp_path / "runs")

    return begin


def test_the_checkpoint_has_the_files_weights(begin, project_root, tmp_path):
    from model.exported_weights import read_exported

    path = begin("options = { least_contrast = 0.5 }")
    assert path == tmp_path / "runs" / "ferplus-compact" / "train" / "best.pt"
    kept = torch.load(path, weights_only=True)["averaged"]
    _, weights, _ = read_exported(project_root / "assets" / "models" / "compact.onnx")
    assert all(torch.equal(kept[name], value) for name, value in weights.items())
    with pytest.raises(ConfigError, match="a checkpoint already"):
        begin("options = { least_contrast = 0.5 }")


def test_another_network_is_refused(begin, tmp_path):
    with pytest.raises(ConfigError, match=r"network\.options"):
        begin("options = { depths = [1, 2, 2, 2] }")
    assert not (tmp_path / "runs").exists()


def test_it_says_where_it_is(begin, tmp_path, monkeypatch, capsys):
    from scripts import begin_run

    monkeypatch.setattr(begin_run, "begin_run", lambda *given: given)
    monkeypatch.setattr(sys, "argv", ["begin_run.py", "compact", "a.toml", "--runs", str(tmp_path)])
    begin_run.main()
    assert "a.toml" in capsys.readouterr().out
