"""What is fuzzed: every parser of affectcam's own, each as a function of bytes that holds it to its promises.

A parser refuses with one of affectcam's errors, or gives something that makes sense; whatever
else comes out of it is a finding.
"""

from __future__ import annotations

import io
import json
import math
import tempfile
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from hostile_data import LAYOUTS

from model.errors import AffectcamError
from model.printable import one_line

PROJECT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One parser: what it is given to begin with, and what is done with each input."""

    seeds: Callable[[], list[bytes]]
    look: Callable[[bytes], None]


@cache
def place() -> Path:
    """A folder of this process's own for what must lie in files."""
    folder = tempfile.TemporaryDirectory(prefix="affectcam-fuzz-")
    _kept.append(folder)
    return Path(folder.name)


_kept: list[tempfile.TemporaryDirectory[str]] = []


def refused(error: Exception) -> None:
    """Hold a refusal to its form: it says something, and not a whole file; how it is printed is another matter."""
    assert 0 < len(one_line(error)) < 5000, f"{len(str(error))} letters: {str(error)[:100]!r}"


def _model(content: bytes) -> None:
    from model.model_file import check

    try:
        check(content)
    except ValueError as error:
        refused(error)


def _card(content: bytes) -> None:
    from model.card import ModelCard

    try:
        card = ModelCard.from_json(content.decode("utf-8", "replace"), origin="model.onnx")
    except AffectcamError as error:
        refused(error)
        return
    assert ModelCard.from_json(card.to_json(), origin="again") == card


def _config(content: bytes) -> None:
    from training.load_config import load_config

    # What stands behind a line of "---" is overrides, as --set has them.
    head, _, tail = content.partition(b"\n---\n")
    path = place() / "config.toml"
    path.write_bytes(head)
    overrides = [line for line in tail.decode("utf-8", "replace").split("\n") if line][:4]
    try:
        config = load_config(path, overrides)
    except AffectcamError as error:
        refused(error)
        return
    assert config.train.epochs >= 1
    json.dumps(config.to_dict(), default=str)


def _settings(content: bytes) -> None:
    from hostile_jobs import read_settings

    state, detail = read_settings(content)
    assert state != "broken", detail


def _calibration(content: bytes) -> None:
    from app.settings.person_file import read_person

    path = place() / "person.json"
    path.write_bytes(content)
    try:
        name, calibration = read_person(path)
    except AffectcamError as error:
        refused(error)
        return
    assert isinstance(name, str)
    assert calibration.bias.shape == (8,)
    assert np.isfinite(calibration.bias).all()


def _span(content: bytes) -> None:
    from app.span import Span

    try:
        span = Span.parse(content.decode("utf-8", "replace"))
    except AffectcamError as error:
        refused(error)
        return
    assert 0 <= span.start_s < (math.inf if span.end_s is None else span.end_s)
    assert str(span) == "0:00-" or Span.parse(str(span)) == span


def _groups(content: bytes) -> None:
    from training.groups_file import match_groups, read_groups

    path = place() / "groups.csv"
    path.write_bytes(content)
    try:
        table = read_groups(path)
    except AffectcamError as error:
        refused(error)
        return
    matched = match_groups(table, ["a/1.png", "b/1.png", "2.png"])
    assert all(len(groups) == 3 for groups in matched.groups.values())


def _condensed_index(content: bytes) -> None:
    from training.data.condensed_index import INDEX, read_index

    folder = place() / "condensed"
    folder.mkdir(exist_ok=True)
    (folder / INDEX).write_bytes(content)
    try:
        index = read_index(folder)
    except AffectcamError as error:
        refused(error)
        return
    assert all(Path(name).name == name for name in index["files"])


def _scalar(content: bytes) -> None:
    from training.data.scalar import parse_scalar

    try:
        value = parse_scalar(content)
    except ValueError as error:
        refused(error)
        return
    assert isinstance(value, str | float | int)


def _records(content: bytes) -> None:
    from training.log import read_log
    from training.report.run_folder import read_run
    from training.steps import read_record
    from training.tuning.results import RESULTS, read_results

    folder = place() / "run"
    for name in (
        "train/log.jsonl",
        "steps/train.json",
        f"tune/{RESULTS}",
        "export.json",
        "evaluate.json",
        "config.json",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    assert all(isinstance(row, dict) for row in read_log(folder / "train" / "log.jsonl"))
    read_record(folder, "train")
    read_run(folder)
    try:
        read_results(folder / "tune")
    except AffectcamError as error:
        refused(error)


def _quickest(content: bytes) -> None:
    from model.quickest import _as_way, _read

    path = place() / "quickest.json"
    path.write_bytes(content)
    for value in _read(path).values():
        way = _as_way(value)
        assert way is None or 1 <= way.threads <= 1024


def _table(layout: str, table: str) -> Target:
    """A data set in a published layout, whose ``table`` is what the fuzzer says."""

    @cache
    def made() -> Path:
        root = place() / layout
        LAYOUTS[layout](root)
        return root

    def look(content: bytes) -> None:
        from training.readers import read_data_set

        (made() / table).write_bytes(content)
        with redirect_stderr(io.StringIO()), redirect_stdout(io.StringIO()):
            try:
                splits = read_data_set(layout.partition("-")[0], made())
            except AffectcamError as error:
                refused(error)
                return
        for split in splits.values():
            for sample in split.samples:
                assert abs(float(sample.target.sum()) - 1) < 1e-5
                assert ".." not in Path(sample.group).parts

    return Target(seeds=lambda: [(made() / table).read_bytes()], look=look)


def _models() -> list[bytes]:
    from brightness_model import write_brightness_model

    return [write_brightness_model(place() / "seed.onnx", learned=learned).read_bytes() for learned in (False, True)]


def _cards() -> list[bytes]:
    from model.classifier import Classifier

    return [
        Classifier.load(name, backend="onnx", threads=1).card.to_json().encode() for name in ("compact", "new-base")
    ]


def _configs() -> list[bytes]:
    texts = [path.read_bytes() for path in sorted((PROJECT / "training" / "configs").glob("*.toml"))]
    return [*texts, texts[0] + b"\n---\ntrain.epochs=3\nnetwork.options={width=2}\nname=x\n"]


def _all_settings() -> list[bytes]:
    from app.settings.table import Settings

    return [json.dumps(Settings().to_dict()).encode()]


def _calibrations() -> list[bytes]:
    from app.pipeline.calibrate import Calibration
    from app.settings.person_file import write_person

    path = place() / "seed.json"
    write_person(path, "Ada", Calibration(model="compact", bias=np.linspace(-1, 1, 8, dtype=np.float32), samples=90))
    return [path.read_bytes()]


def _indexes() -> list[bytes]:
    from model.emotions import LABELS

    files = dict.fromkeys(("pixels-00000.npy", "labels.npy", "targets.npy", "names.json"), "0" * 64)
    index = {"format": 2, "labels": list(LABELS), "files": files, "size": 16, "channels": 1, "source": "ferplus x"}
    return [json.dumps(index).encode()]


def _scalars() -> list[bytes]:
    found = []
    for value in ("7", 0.5, 3, b"4"):
        file = io.BytesIO()
        np.save(file, np.array(value), allow_pickle=False)
        found.append(file.getvalue())
    return found


def _all_records() -> list[bytes]:
    from training.tuning.results import Factor, Joint, Results, Row

    row = {"epoch": 1, "loss": 1.5, "accuracy": 0.5}
    record = {"depends": {"seed": 1}, "outputs": {"a": "b"}, "command": "train", "finished": "", "seconds": 1.5}
    tried = Row(trial="a", settings={"seed": 1}, state="complete", accuracy=0.5, mean_recall=0.25, epochs=[row])
    factors = [Factor(setting="seed", rows=[tried])]
    joint = Joint(space={"seed": {"low": 1, "high": 2}}, rows=[tried], importance={"seed": 1.0})
    results = Results(conditions={"epochs": 1}, factors=factors, joint=joint, seconds={"a": 1.0}).to_dict()
    return [json.dumps(value).encode() for value in (row, record, results)]


#: By name; each is run by ``tests/fuzz/run.py NAME``.
TARGETS = {
    "model": Target(seeds=_models, look=_model),
    "card": Target(seeds=_cards, look=_card),
    "config": Target(seeds=_configs, look=_config),
    "settings": Target(seeds=_all_settings, look=_settings),
    "calibration": Target(seeds=_calibrations, look=_calibration),
    "span": Target(seeds=lambda: [b"12.5-30", b"1:00-", b"-0:30", b"00:01:02.500-00:02:00"], look=_span),
    "groups": Target(seeds=lambda: [b'name,group\na/1.png,x\n2.png,"y z"\n'], look=_groups),
    "condensed-index": Target(seeds=_indexes, look=_condensed_index),
    "scalar": Target(seeds=_scalars, look=_scalar),
    "records": Target(seeds=_all_records, look=_records),
    "quickest": Target(
        seeds=lambda: [b'{"a|1": {"provider": "CPUExecutionProvider", "threads": 1, "face_s": 0.01}}'], look=_quickest
    ),
    "ferplus": _table("ferplus", "FER2013Train/label.csv"),
    "ferplus-pair": _table("ferplus-pair", "fer2013new.csv"),
    "fer2013": _table("fer2013", "fer2013.csv"),
    "affectnet-manual": _table("affectnet-manual", "training.csv"),
    "rafdb": _table("rafdb", "EmoLabel/list_patition_label.txt"),
}
