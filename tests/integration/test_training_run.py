"""``training.prepare`` and ``training.run`` as a user types them: pictures in, a scored model file out."""

from __future__ import annotations

import json
import shutil

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

pytest.importorskip("torch", reason="training needs its extra")

from model.classifier import Classifier
from model.export import rewrite_card
from training.prepare import app as prepare_app
from training.run import app as run_app

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*:UserWarning:lightning"),
]

CONFIG = """
name = "tiny"
[data]
root = "{root}"
[network]
input_size = 16
options = {{ stem = 4, widths = [8, 8], depths = [1, 1] }}
[train]
epochs = 4
batch_size = 8
learning_rate = 0.05
ema_decay = 0.5
accelerator = "cpu"
threads = 1
"""


@pytest.fixture(scope="module")
def faces(tmp_path_factory):
    """A folder per emotion: bright is happy, dark is sad."""
    root = tmp_path_factory.mktemp("faces")
    rng = np.random.default_rng(0)
    for split, count in (("train", 24), ("valid", 8)):
        for name, level in (("happy", 190), ("sad", 60)):
            folder = root / split / name
            folder.mkdir(parents=True)
            for place in range(count):
                cv2.imwrite(str(folder / f"{place}.png"), rng.normal(level, 15, (20, 20)).clip(0, 255).astype(np.uint8))
    return root


def test_from_pictures_to_a_scored_model_file(faces, tmp_path, monkeypatch):
    run = CliRunner().invoke
    prepared = run(prepare_app, ["folder", str(faces), str(tmp_path / "condensed"), "--size", "16"])
    assert prepared.exit_code == 0, prepared.output
    assert "train: 48 pictures" in prepared.output
    config = tmp_path / "tiny.toml"
    config.write_text(CONFIG.format(root=tmp_path / "condensed"))
    words = ["--config", str(config), "--runs", str(tmp_path / "runs")]

    trained = run(run_app, words)
    assert trained.exit_code == 0, trained.output
    file = tmp_path / "runs" / "tiny" / "tiny.onnx"
    classifier = Classifier.load(file)
    bright = np.full((30, 30, 3), 190, np.uint8)
    assert classifier.card.labels[int(classifier.predict([bright]).argmax())] == "happiness"

    scored = run(run_app, ["evaluate", *words, "--set", f"evaluate.model={file}", "--json"])
    assert scored.exit_code == 0, scored.output
    figures = json.loads(scored.stdout)
    assert figures["count"] == 16
    assert figures["accuracy"] >= 0.9
    assert classifier.card.figures["valid accuracy"] == pytest.approx(figures["accuracy"], abs=1e-4)

    # The first export was whole; of the same weights PyTorch's exporter, which takes seconds, would make the same file.
    made = shutil.copy(file, tmp_path / "made.onnx")

    def copied(_network, card, path, **_):
        shutil.copy(made, path)
        rewrite_card(path, card)
        return 0.0

    monkeypatch.setattr("training.export.export", copied)

    # An export that fails half-way, here while it is being scored, leaves the earlier model as it was.
    before = file.read_bytes()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("training.export.score", lambda *_: (_ for _ in ()).throw(MemoryError("no room")))
        failed = run(run_app, ["export", *words])
    assert failed.exit_code == 1
    assert " ".join(failed.stderr.split()) == "error: no room"
    assert file.read_bytes() == before
    assert not list(file.parent.glob(".*"))

    # Nothing changed: nothing is redone. One key changed: only what depends on it.
    again = run(run_app, words)
    assert again.exit_code == 0, again.output
    said = " ".join(again.stderr.split())
    assert [f"{step}: done already" in said for step in ("train", "export", "evaluate", "report")] == [True] * 4
    named = run(run_app, [*words, "--set", "export.notes=for the test"])
    assert named.exit_code == 0, named.output
    said = " ".join(named.stderr.split())
    assert "train: done already" in said
    assert "export: done again (export.notes changed)" in said
    assert "evaluate: done again (model changed)" in said
    before = file.read_bytes()

    # A checkpoint goes into a card that says how it was trained, or into none.
    other = run(run_app, ["export", *words, "--set", "network.mean=0.4"])
    assert other.exit_code == 2
    assert "made with another network (network.mean differ)" in " ".join(other.stderr.split())
    assert file.read_bytes() == before

    (tmp_path / "taken").write_text("")
    refused = run(run_app, ["train", "--config", str(config), "--runs", str(tmp_path / "taken")])
    assert refused.exit_code == 1
    assert "taken" in refused.stderr
    assert "Traceback" not in refused.output


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["train", "--config", "gone.toml"], "gone.toml: no such config"),
        (["evaluate", "--set", "evaluate.split=test"], "no condensed set here"),
        (["evaluate"], "run the export step"),
        (["export"], "run the train step first"),
        (["--set", "train.epoch=1"], "unknown key train.epoch"),
    ],
)
def test_a_mistake_is_one_line(tmp_path, words, expected):
    config = tmp_path / "tiny.toml"
    config.write_text(CONFIG.format(root=tmp_path / "condensed"))
    if "--config" not in words:
        words = [*words, "--config", str(config)]
    if expected == "no condensed set here":
        words += ["--set", "evaluate.model=compact"]
    result = CliRunner().invoke(run_app, [*words, "--runs", str(tmp_path / "runs")])
    assert result.exit_code in (1, 2)
    assert expected in " ".join(result.stderr.split())
    assert "Traceback" not in result.output


def test_a_data_set_that_is_not_there_is_one_line(tmp_path):
    for kind, expected in (
        ("ferplus", "expected folders FER2013Train"),
        ("folder", "no folder named after an emotion"),
    ):
        result = CliRunner().invoke(prepare_app, [kind, str(tmp_path), str(tmp_path / "out")])
        assert result.exit_code == 1
        assert expected in result.output
    result = CliRunner().invoke(prepare_app, ["folder", str(tmp_path / "gone"), str(tmp_path / "out")])
    assert "no such folder or .zip" in result.output
    assert not (tmp_path / "out").exists()
