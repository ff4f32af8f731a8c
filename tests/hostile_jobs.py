"""What is done with a hostile file in a process of its own; see tests/hostile.py."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from mutants import json_mutant, model_mutant, mutant, toml_mutant

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


def classify_mutant(task: tuple[str, int]) -> tuple[str, str]:
    """Classify a mutant of a clip, ``(path, seed)``; its beginning and its end, where the index is, are hit more."""
    path, seed = task
    content = Path(path).read_bytes()
    ends = [(0, min(600, len(content))), (max(0, len(content) - 1500), len(content))]
    formats = "csv,jsonl,srt,png,mp4" if seed % 20 == 0 else "csv,mp4" if seed % 3 == 0 else "csv"
    return classify(mutant(content, seed, ends if seed % 2 else None), Path(path).suffix, formats)


def classify_file(path: str) -> tuple[str, str]:
    """Classify a file as it is."""
    return classify(Path(path).read_bytes(), Path(path).suffix)


def classify(content: bytes, suffix: str, formats: str = "csv,mp4") -> tuple[str, str]:
    """Run ``affectcam classify`` on a file of this content, and hold what it says and leaves to its promises."""
    from app.cli import main

    wanted = formats.split(",")
    with tempfile.TemporaryDirectory() as folder:
        clip, out = Path(folder) / f"clip{suffix}", Path(folder) / "out"
        clip.write_bytes(content)
        with _captured() as said:
            code = main(["classify", str(clip), "--out", str(out), "--formats", formats])
        left = sorted(file.name for file in out.iterdir()) if out.exists() else []
        whole = left == sorted(f"clip.{kind}" for kind in wanted)
        empty = [name for name in left if (out / name).stat().st_size == 0 and not name.endswith(("jsonl", "srt"))]
    out_lines, lines = ([line for line in text.splitlines() if line.strip()] for text in said)
    if any("Traceback" in line or "unexpected" in line for line in lines) or empty:
        state = "broken"
    elif code == 0:
        state = "read" if whole and not lines and len(out_lines) == 1 else "broken"
    elif code == 1 and len(lines) == 1 and lines[0].startswith("warning: "):
        state = "partly" if whole and len(out_lines) == 1 else "broken"
    elif code == 1 and len(lines) == 1 and lines[0].startswith("error: "):
        state = "refused" if not left and not out_lines else "broken"
    else:
        state = "broken"
    return state, f"exit code {code}, left {left}: {' | '.join([*out_lines, *lines])[-600:]}"


@contextlib.contextmanager
def _captured() -> Iterator[list[str]]:
    """What is written to standard output and error, by native code as well: a list of two texts, at the end."""
    said: list[str] = []
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        kept = [(number, os.dup(number)) for number in (1, 2)]
        sys.stdout.flush()
        sys.stderr.flush()
        try:
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            yield said
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for number, was in kept:
                os.dup2(was, number)
                os.close(was)
        for file in (out, err):
            file.seek(0)
            said.append(file.read().decode("utf-8", "replace"))
