"""Where everything came from: commands, versions, data, weights, times."""

from __future__ import annotations

import functools
import importlib.metadata
import json
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from model.errors import AffectcamError, DataError

from ..config import Config
from ..data.condense import open_condensed
from ..steps import sha256_of
from .run_folder import RunFolder
from .words import real, rows, table, text

STEPS = ("pretrain", "tune", "train", "export", "evaluate")
_PACKAGES = (
    *("affectcam", "torch", "torchvision", "lightning", "torchmetrics", "optuna", "onnx", "onnxruntime"),
    *("numpy", "opencv-contrib-python", "mediapipe"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """A step, done or not."""

    name: str
    command: str
    finished: str
    seconds: float | None
    done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DataRow:
    """A condensed split."""

    use: str
    folder: str
    source: str
    pictures: int
    stored: str
    left_out: int
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """A file of weights."""

    path: str
    size: int
    sha256: str
    parity: float | None  # largest difference of a probability to PyTorch
    precision: str
    accuracy: float | None


def step_rows(run: RunFolder) -> list[StepRow]:
    """Every step before the report."""
    return [
        StepRow(
            name=name,
            command=text(table(run.steps.get(name)).get("command")),
            finished=text(table(run.steps.get(name)).get("finished")).replace("T", " ")[:16],
            seconds=real(table(run.steps.get(name)).get("seconds")),
            done=name in run.steps,
        )
        for name in STEPS
    ]


@functools.cache
def versions() -> list[tuple[str, str]]:
    """Of what made this report, on which machine; the steps may have run elsewhere."""
    found = [("Python", platform.python_version())]
    for name in _PACKAGES:
        try:
            found.append((name, importlib.metadata.version(name)))
        except importlib.metadata.PackageNotFoundError:
            continue
    found.append(("system", platform.platform()))
    found.append(("processor", _processor()))
    if torch.cuda.is_available():
        found.append(("GPU", torch.cuda.get_device_name()))
    return found


def data_rows(config: Config) -> list[DataRow]:
    """The condensed splits that the run used and that are still there."""
    root = Path(config.data.root)
    wanted = [("training", root / config.data.train), ("validation", root / config.data.valid)]
    if config.evaluate.split not in (config.data.train, config.data.valid):
        wanted.append(("evaluation", root / config.evaluate.split))
    if config.pretrain.root:
        before = Path(config.pretrain.root)
        wanted += [("pre-training", before / config.pretrain.train), ("its validation", before / config.pretrain.valid)]
    found = []
    for use, folder in wanted:
        try:
            data = open_condensed(folder, verify=False)
        except AffectcamError:
            continue
        index = data.index
        dropped = sum(int(real(value) or 0) for value in table(index.get("dropped")).values())
        skipped = index.get("skipped")
        colour = "grey" if index.get("channels") == 1 else "colour"
        found.append(
            DataRow(
                use=use,
                folder=str(folder),
                source=text(index.get("source")),
                pictures=len(data),
                stored=f"{text(index.get('size'))} px {colour}",
                left_out=dropped + (len(skipped) if isinstance(skipped, list) else 0),
                fingerprint=data.fingerprint,
            )
        )
    return found


def file_rows(run: RunFolder, config: Config) -> list[FileRow]:
    """The exported files, and the checkpoint that they came from."""
    found = [
        FileRow(
            path=text(item.get("path")),
            size=int(real(item.get("bytes")) or 0),
            sha256=text(item.get("sha256")),
            parity=real(item.get("parity")),
            precision=text(item.get("precision")) or ("int8" if "int8" in text(item.get("path")) else "fp32"),
            accuracy=real(table(item.get("figures")).get("accuracy")),
        )
        for item in rows(run.export.get("files"))
    ]
    model = model_file(run, config)
    known = [model] if model is not None and not found else []
    for path in [*known, run.folder / "train" / "best.pt"]:
        if path.is_file():
            try:
                digest = sha256_of(path)
            except DataError:
                continue
            found.append(
                FileRow(
                    path=str(path), size=path.stat().st_size, sha256=digest, parity=None, precision="", accuracy=None
                )
            )
    return found


def model_file(run: RunFolder, config: Config) -> Path | None:
    """The run's exported model, if it is there."""
    path = Path(config.export.path) if config.export.path else run.folder / f"{config.name}.onnx"
    return path if path.is_file() else None


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{len(names)} × {names[0]}" if names else platform.machine()


def as_toml(config: Config) -> str:
    """Every setting, as a config file would have it."""
    content = config.to_dict()
    lines = [f"{key} = {_toml(value)}" for key, value in content.items() if not isinstance(value, dict)]
    for section, values in content.items():
        if isinstance(values, dict):
            lines += ["", f"[{section}]", *(f"{key} = {_toml(value)}" for key, value in values.items())]
    return "\n".join(lines)


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        inside = ", ".join(f"{json.dumps(key) if '.' in key else key} = {_toml(each)}" for key, each in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False)
