"""Valence and arousal that are derived from the scores are never passed off as learned ones."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
from video_makers import plain, write_video

pytest.importorskip("torch", reason="making a model needs PyTorch (extra train)")

from app import analyse
from app.cli import main
from app.doctor import software
from model.classifier import Classifier
from model.emotions import derive_valence_arousal
from model.export import rewrite_card

ORIGINS = {"learned": "learned by the network", "derived": "derived from the scores"}


@pytest.fixture(scope="module")
def models(tiny_models, tmp_path_factory):
    """A folder with two models, called as their cards say: learned.onnx and derived.onnx."""
    folder = tmp_path_factory.mktemp("models")
    for said in ORIGINS:
        path = shutil.copy(tiny_models[said], folder / f"{said}.onnx")
        rewrite_card(path, replace(Classifier.load(path).card, name=said))
    return folder


@pytest.fixture
def installed(models, monkeypatch):
    monkeypatch.setattr("model.classifier.models_folder", lambda: models)


@pytest.mark.usefixtures("installed")
def test_the_list_of_models_says_it(capsys):
    assert main(["models"]) == 0
    said = [line.split(maxsplit=2)[2].strip() for line in capsys.readouterr().out.splitlines() if "arousal" in line]
    assert said == [ORIGINS["derived"], ORIGINS["learned"]]


@pytest.mark.usefixtures("installed")
def test_the_doctor_says_it():
    found = {check.name: check.detail for check in software.look_at_models()}
    assert {name.split()[1]: detail.split("valence and arousal ")[1] for name, detail in found.items()} == ORIGINS


@pytest.mark.parametrize("said", ORIGINS)
def test_the_summary_of_classify_says_it(models, tmp_path, capsys, said):
    write_video(tmp_path / "grey.mp4", [plain((90, 90, 90))] * 3)
    words = ["classify", str(tmp_path / "grey.mp4"), "--out", str(tmp_path), "--model", str(models / f"{said}.onnx")]
    assert main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["valence_arousal"] == ORIGINS[said]


@pytest.mark.parametrize("said", ORIGINS)
def test_what_is_read_from_faces_is_what_the_model_says(models, said):
    model = str(models / f"{said}.onnx")
    readings = [read for frame in islice(analyse("demo", model=model, smoothing_s=0), 6) for read in frame.readings]
    assert readings
    shown = np.array([[read.valence, read.arousal] for read in readings])
    derived = derive_valence_arousal(np.stack([read.scores for read in readings]))
    assert (np.abs(shown - derived).max() < 1e-4) == (said == "derived")
