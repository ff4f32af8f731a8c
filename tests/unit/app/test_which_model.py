"""Which file of a model is run: int8 on a processor, the exact one on anything else, and what was named by its path."""

from __future__ import annotations

import json

import pytest

import app.pipeline.which_model as which_model
from app.config import ReadingConfig
from app.pipeline.load import load_classifier
from app.pipeline.which_model import model_file, settled
from model.card import INT8
from model.classifier import Classifier, installed_models
from model.errors import ModelError

PAIRS = [name for name in installed_models() if f"{name}{INT8}" in installed_models()]


def offering(monkeypatch, *others):
    """A runtime with these providers beside those of every build."""
    names = [f"{name}ExecutionProvider" for name in (*others, "Azure", "CPU")]
    monkeypatch.setattr(which_model, "available_providers", lambda: names)


def test_both_shipped_networks_have_an_int8_file():
    assert PAIRS == ["compact", "new-base"]


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("backend", ["auto", "onnx"])
def test_on_a_processor_it_is_the_int8_file(name, backend, monkeypatch):
    offering(monkeypatch)
    assert model_file(ReadingConfig(model=name, backend=backend)).stem == f"{name}{INT8}"


@pytest.mark.parametrize("provider", ["CUDA", "CoreML", "Dml", "OpenVINO"])
def test_where_something_else_may_run_it_it_is_the_exact_file(provider, monkeypatch):
    offering(monkeypatch, provider)
    assert model_file(ReadingConfig()).stem == "compact"
    assert model_file(ReadingConfig(backend="cuda")).stem == "compact"
    assert model_file(ReadingConfig(backend="onnx")).stem == "compact-int8"  # the processor was asked for


def test_what_is_named_exactly_is_taken_as_it_is(tmp_path, monkeypatch):
    offering(monkeypatch)
    path = installed_models()["compact"]
    for name in (str(path), "compact-int8", str(tmp_path / "mine.onnx")):
        config = ReadingConfig(model=name)
        assert settled(config) is config
    assert load_classifier(ReadingConfig(model=str(path))).card.name == "compact"


def test_a_model_that_is_not_there_is_told_as_ever():
    with pytest.raises(ModelError, match="nowhere: no such model"):
        model_file(ReadingConfig(model="nowhere"))


@pytest.mark.parametrize("name", PAIRS)
def test_an_int8_file_is_shipped_only_if_it_reads_as_well(name):
    """By the cards, which tests/integration/test_shipped_model.py holds to what is measured."""
    exact, smaller = (Classifier.load(each).card for each in (name, f"{name}{INT8}"))
    assert smaller.figures["valid accuracy"] >= exact.figures["valid accuracy"]
    assert smaller.figures["valid points of accuracy lost to int8"] <= 0
    assert smaller.figures["valid mean_recall"] >= exact.figures["valid mean_recall"] - 0.005


def test_what_is_loaded_is_what_is_run(monkeypatch):
    offering(monkeypatch)
    for backend in ("auto", "onnx"):
        assert load_classifier(ReadingConfig(backend=backend)).card.name == "compact-int8"


def test_what_a_cluster_settled_on_is_not_settled_again_by_its_workers(monkeypatch):
    """The first process may have a graphics card where a worker has none: all read with one file."""
    pytest.importorskip("pyarrow", reason="archives need it (extra parquet)")
    from app.archive.hand import Hand
    from app.archive.task import Asked

    offering(monkeypatch)
    hand = Hand(Asked(config=ReadingConfig(model="compact")))
    try:
        assert hand._classifier.card.name == "compact"
    finally:
        hand._detector.close()


def test_the_list_of_models_says_which_file_is_run(monkeypatch, capsys):
    from app.commands.models import show_models

    offering(monkeypatch)
    show_models(as_json=True)
    told = {entry["card"]["name"]: entry for entry in json.loads(capsys.readouterr().out)}
    assert {name: entry["runs"] for name, entry in told.items()} == {
        name: f"{name.removesuffix(INT8)}{INT8}" for name in told
    }
    assert [name for name, entry in told.items() if entry["default"]] == ["compact"]
    show_models(as_json=False)
    assert "compact-int8 is run" in " ".join(capsys.readouterr().out.split())
