"""What all tests share."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import settings

# PyTorch's exporter loads Triton, which has an LLVM inside. Loaded late, in a process full of native libraries (Mesa's
# OpenGL, with an LLVM of its own, most likely is the one), it ended in a segmentation fault: seen with the order
# tests/unit/app, tests/gui. Loaded first they get along. The app itself never exports.
with suppress(ImportError):
    import triton  # noqa: F401

ROOT = Path(__file__).resolve().parent.parent

# The same examples each time, and no example fails for how long it took: machines are shared.
settings.load_profile("ci")

# Windows in tests are drawn off screen unless a test asks for a real platform in a process of its own.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Beside another process of tests, and with networks so small, a second thread waits more than it helps.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")
# A test's cameras are those it makes: the desktop's PipeWire is out of reach.
os.environ["PIPEWIRE_RUNTIME_DIR"] = os.devnull


@pytest.fixture(scope="session")
def project_root() -> Path:
    """The clone's root."""
    return ROOT


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """The folder ``shared`` beside the clone, with real clips and pictures; skips the test where there is none."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("no folder ../shared beside the clone: its clips and pictures are needed")
    return folder


@pytest.fixture(autouse=True)
def own_settings(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of settings for this test alone: none reads or changes those of whoever runs the tests."""
    folder = tmp_path_factory.mktemp("settings")
    monkeypatch.setenv("AFFECTCAM_HOME", str(folder))
    return folder


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The files of two tiny models, by what their cards say of valence and arousal: derived, learned."""
    pytest.importorskip("torch", reason="exporting needs PyTorch (extra train)")
    from tiny_models import export_both

    return export_both(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def new_base_224(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report's network at 224x224 with random weights, exported once for all; skips without PyTorch.

    It is there for what it costs, not for what it says: that is not compared with PyTorch, which takes as long again.
    """
    pytest.importorskip("torch", reason="New-Base is built with PyTorch (extra train)")
    from model.card import SCORES
    from scripts.measure_speed import export_yardstick

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("model.export._parity", lambda *_: {SCORES: 0.0})
        return export_yardstick(tmp_path_factory.mktemp("new-base"))
