"""The quickest way to run a model: measured, remembered, measured again when something has changed."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from app.config import ReadingConfig
from app.pipeline.load import MEMORY, load_classifier
from model import quickest as module
from model.classifier import BACKENDS, Classifier
from model.errors import ModelError
from model.paths import models_folder
from model.providers import CPU, PROVIDERS
from model.quickest import SLOW_S, Way, quickest

COMPACT = models_folder() / "compact.onnx"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Each way that is measured; a provider's time is looked up, since this machine may have one only."""
    asked: list[tuple[str, int]] = []
    times = {CPU: 0.1, PROVIDERS["cuda"]: 0.01, PROVIDERS["coreml"]: 0.05}

    def seconds(_path: Path, provider: str, threads: int) -> float:
        asked.append((provider, threads))
        if provider == PROVIDERS["openvino"]:
            raise ModelError("no such hardware")
        return times[provider] / threads

    monkeypatch.setattr(module, "_seconds", seconds)
    return asked


def _offer(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    monkeypatch.setattr(module, "available_providers", lambda: [PROVIDERS[name] for name in names])


def test_really_measured_a_small_network_has_one_thread(tmp_path: Path) -> None:
    way = quickest(COMPACT, memory=tmp_path / "quickest.json", threads=2)
    assert way.provider == CPU
    assert 0 < way.face_s < 5
    assert way.threads == (1 if way.face_s <= SLOW_S else 2)


def test_it_is_measured_once_and_anew_when_the_file_has_changed(tmp_path: Path, asked: list[tuple[str, int]]) -> None:
    memory, path = tmp_path / "deep" / "quickest.json", tmp_path / "m.onnx"
    shutil.copy(COMPACT, path)
    first = quickest(path, memory=memory, threads=2)
    count = len(asked)
    assert quickest(path, memory=memory, threads=2) == first
    assert len(asked) == count
    os.utime(path, ns=(1, 1))
    quickest(path, memory=memory, threads=2)
    assert len(asked) == 2 * count
    assert str(tmp_path) not in memory.read_text()


@pytest.mark.parametrize("content", ["", "[]", "{", '{"x": 1}', "[" * 100_000])
def test_a_damaged_memory_is_measured_again(tmp_path: Path, content: str, asked: list[tuple[str, int]]) -> None:
    memory = tmp_path / "quickest.json"
    memory.write_text(content)
    quickest(COMPACT, memory=memory, threads=1)
    assert asked == [(CPU, 1)]
    assert isinstance(json.loads(memory.read_text()), dict)


def test_nonsense_that_is_remembered_does_not_count(tmp_path: Path, asked: list[tuple[str, int]]) -> None:
    memory = tmp_path / "quickest.json"
    quickest(COMPACT, memory=memory, threads=1)
    (key,) = json.loads(memory.read_text())
    for value in ({"provider": "Abacus", "threads": 1, "face_s": 1}, {"provider": CPU, "threads": -1, "face_s": 1}, 7):
        memory.write_text(json.dumps({key: value}))
        assert quickest(COMPACT, memory=memory, threads=1).threads == 1
    assert len(asked) == 4


@pytest.mark.parametrize(
    ("offered", "way"),
    [
        (["onnx"], Way(provider=CPU, threads=4, face_s=0.025)),  # slow on one core: it may have them all
        (["onnx", "cuda"], Way(provider=PROVIDERS["cuda"], threads=1, face_s=0.01)),
        (["onnx", "coreml", "openvino"], Way(provider=CPU, threads=4, face_s=0.025)),  # slower, and one that fails
        (["tensorrt", "cuda", "onnx"], Way(provider=PROVIDERS["cuda"], threads=1, face_s=0.01)),
    ],
)
def test_the_quickest_is_taken(
    offered: list[str], way: Way, monkeypatch: pytest.MonkeyPatch, asked: list[tuple[str, int]]
) -> None:
    _offer(monkeypatch, *offered)
    assert quickest(COMPACT, memory=None, threads=4) == way
    assert PROVIDERS["tensorrt"] not in {provider for provider, _ in asked}  # it builds for minutes


def test_the_app_remembers_in_its_own_folder_and_says_what_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AFFECTCAM_HOME", str(tmp_path))
    assert load_classifier(ReadingConfig()).provider == CPU
    assert "compact-int8.onnx" in (tmp_path / MEMORY).read_text()


@pytest.mark.parametrize("backend", sorted({*BACKENDS} - {"auto", "onnx", "cuda"}))
def test_what_is_not_there_is_said_with_what_to_install(backend: str) -> None:
    with pytest.raises(ModelError, match=rf"no {PROVIDERS[backend]} in the installed .*; install onnxruntime"):
        Classifier.load("compact", backend=backend)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="folders have no mode here")
def test_what_is_remembered_is_for_this_user_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "affectcam"
    monkeypatch.setenv("AFFECTCAM_HOME", str(folder))
    load_classifier(ReadingConfig())
    assert folder.stat().st_mode & 0o777 == 0o700
