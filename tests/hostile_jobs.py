"""What is done with a hostile file in a process of its own; see tests/hostile.py."""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
from pathlib import Path

import numpy as np
from mutants import json_mutant, model_mutant, toml_mutant

from model.classifier import Classifier
from model.errors import ModelError
from model.paths import models_folder

_CROPS = list(np.random.default_rng(0).integers(0, 255, (2, 60, 60, 3), dtype=np.uint8))


def load_mutant(task: tuple[str, int]) -> tuple[str, str]:
    """Load a mutant of a shipped model, ``(name, seed)``, and read two faces with it."""
    name, seed = task
    return load_bytes(model_mutant((models_folder() / f"{name}.onnx").read_bytes(), seed))


def load_bytes(content: bytes) -> tuple[str, str]:
    """Load a model file of this content and read two faces with it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mutant.onnx"
        path.write_bytes(content)
        try:
            classifier = Classifier.load(path, backend="onnx", threads=1)
            read = classifier.read(_CROPS, attention=classifier.gives_attention)
        except ModelError as error:
            text = str(error)
            whole = "\n" not in text and ("mutant.onnx" in text or text.startswith("model "))
            return ("refused" if whole else "broken", text)
    fine = read.scores.shape == (2, 8) and np.allclose(read.scores.sum(axis=1), 1, atol=0.011)
    fine = fine and np.isfinite(read.valence_arousal).all() and (np.abs(read.valence_arousal) <= 1).all()
    return ("accepted" if fine else "broken", f"scores {read.scores}")


def read_config_mutant(task: tuple[str, int]) -> tuple[str, str]:
    """Give a mutant of a config, ``(path, seed)``, to ``python -m training.run``, one step of it after the other.

    The data that it names is not there, so one that is accepted ends with that; then what it asks to be tried and built
    is laid out without memory, as a search does first.
    """
    path, seed = task
    text = Path(path).read_text(encoding="utf-8").replace('"generated"', '"ferplus"')
    return read_config(toml_mutant(text, seed), STEPS[seed % len(STEPS)])


STEPS = ("train", "pretrain", "tune", "export", "evaluate", "report")


def read_config(content: bytes, step: str) -> tuple[str, str]:
    """Give a config of this content to one step of ``python -m training.run``, in an empty folder."""
    from training import run

    here = Path.cwd()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stderr(io.StringIO()) as said:
        os.chdir(folder)
        try:
            Path("c.toml").write_bytes(content)
            code = run.run([step, "--config", "c.toml", "--runs", "runs"])
            left = {file.name for file in Path(folder).rglob("*") if file.is_file()} - {"c.toml", "training.lock"}
            accepted = _would_be_built() if code == 1 else ""
        finally:
            os.chdir(here)
    text = said.getvalue()
    lines = [line for line in text.splitlines() if line.strip()]
    whole = bool(lines) and lines[0].startswith("error: ") and "Traceback" not in text and "unexpected" not in text
    whole = whole and all(sign.isprintable() or sign == "\n" for sign in text)
    if not whole or code not in (1, 2) or (code == 2 and len(lines) != 1) or left:
        return "broken", f"exit code {code}, left {sorted(left)}: {text[-1000:]}"
    return ("refused" if code == 2 else accepted or "accepted"), lines[0][:200]


def _would_be_built() -> str:
    """Lay out what an accepted config would try and build; "refused later" if that is told in one error."""
    from model.errors import ConfigError
    from training.load_config import load_config
    from training.tuning.check import check_plan
    from training.tuning.plan import factors_of, space_of

    config = load_config(Path("c.toml"))
    try:
        check_plan(config, factors_of(config), space_of(config), data=(), init=None)
    except ConfigError:
        return "refused later"
    return ""


def read_settings_mutant(seed: int) -> tuple[str, str]:
    """Load a mutant of the window's settings, import it as a profile, and use what came of it."""
    from app.settings.table import Settings

    return read_settings(json_mutant(Settings().to_dict(), seed))


def read_settings(content: bytes) -> tuple[str, str]:
    """Load settings of this content as the window does: the good ones are taken, the others set aside and named."""
    from app.settings.store import Store
    from app.settings.table import Settings
    from model.errors import ConfigError

    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        store.path.write_bytes(content)
        profile = Path(folder) / "profile.json"
        profile.write_bytes(content)
        settings, messages = store.load()
        for name, value in settings.to_dict().items():
            if (problem := Settings.row(name).problem(value)) is not None:
                return "broken", f"{name} is {value!r}: {problem}"
        if any("\n" in message for message in messages):
            return "broken", repr(messages)
        assert settings.captured[0] > 0
        assert settings.reading.model == settings.model
        store.save(settings)
        if store.load() != (settings, []):
            return "broken", f"saved and loaded again: {store.load()}"
        try:
            store.import_profile(profile, Settings())
        except ConfigError as error:
            if "\n" in str(error):
                return "broken", str(error)
    return ("partly" if messages else "accepted"), " ".join(messages)[:200]
