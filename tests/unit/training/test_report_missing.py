"""A report of what a run left behind, whatever is missing, damaged or odd in it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("torch", reason="training needs its extra")
pytest.importorskip("jinja2", reason="training needs its extra")

from report_helpers import HOSTILE, Page, figures, without_data, write

from model.errors import DataError
from training.report import write_report


def test_what_was_not_run_is_said(tmp_path):
    write(tmp_path, "train/log.jsonl", '{"epoch": 1, "loss": 2.0, "accuracy": 0.25, "mean_recall": 0.2}\n')
    text = Page(write_report(without_data(), tmp_path).read_text(encoding="utf-8")).text
    for expected in (
        "The model was not evaluated",
        "The tune step was not run.",
        "No pre-training.",
        "No other runs were named",
        "No readings were kept during training.",
        "no such checkpoint",
        "There are no weights yet.",
    ):
        assert expected in text
    assert text.count("not run") >= 5


def test_a_run_that_left_nothing_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"nothing to report on yet; run the train step first"):
        write_report(without_data(), tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_disk_that_refuses_leaves_the_earlier_report(tmp_path):
    write(tmp_path, "train/log.jsonl", '{"epoch": 1, "loss": 2.0}\n')
    config = without_data()
    config.report.path = str(tmp_path / "place")
    (tmp_path / "place").mkdir()
    (tmp_path / "place" / "kept").touch()
    with pytest.raises(DataError, match=r"place: cannot write the report"):
        write_report(config, tmp_path)
    assert (tmp_path / "place" / "kept").exists()
    assert not list(tmp_path.glob(".*.part"))


@pytest.mark.parametrize("damage", ["", "{", "[]", "null", '"text"', "[1, 2]", '{"a": NaN}', "\x00"])
def test_damaged_files_are_missing_ones(tmp_path, damage):
    write(tmp_path, "train/log.jsonl", '{"epoch": 1, "loss": 2.0}\nhalf a li')
    for name in ("config.json", "evaluate.json", "export.json", "tune/results.json", "steps/train.json"):
        write(tmp_path, name, damage)
    write(tmp_path, "train/readings.jsonl", damage)
    assert (
        "not evaluated" in write_report(without_data(), tmp_path).read_text(encoding="utf-8") or damage == '{"a": NaN}'
    )


_KEYS = ["accuracy", "columns", "groups", "gaps", "interval", "found"]
_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**20) | st.floats() | st.sampled_from(["", "text", HOSTILE]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(_KEYS), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(key=st.sampled_from(sorted([*figures(), "interval", "groups", "end_to_end", "valence_arousal", "int8", "split",
                                   "provider", "temperature", "calibration_error_before_temperature",
                                   "data_fingerprint"])), value=_ANYTHING)  # fmt: skip
@settings(max_examples=15, deadline=None, derandomize=True)
def test_whatever_an_evaluation_holds_the_report_is_written(tmp_path_factory, key, value):
    folder = tmp_path_factory.mktemp("odd")
    write(folder, "evaluate.json", json.dumps({**figures(), key: value}))
    content = write_report(without_data(), folder).read_text(encoding="utf-8")
    assert "<script" not in content
    assert "Confusion and classes" in content


_FILES = {
    "tune/results.json": ["conditions", "factors", "joint", "rows", "setting", "state", "value", "importance"],
    "export.json": ["files", "path", "bytes", "figures", "parity"],
    "config.json": ["name", "network", "train", "data", "pretrain", "architecture", "input_size", "options"],
    "steps/train.json": ["command", "seconds", "finished"],
}


@given(name=st.sampled_from(sorted(_FILES)), drawn=st.data())
@settings(max_examples=15, deadline=None, derandomize=True)
def test_whatever_the_other_files_hold_the_report_is_written(tmp_path_factory, name, drawn):
    folder = tmp_path_factory.mktemp("odd")
    keys = st.sampled_from(_FILES[name])
    leaf = st.sampled_from([None, True, -1, 2.5, float("inf"), "complete", "compact", HOSTILE, 10**400])
    inner = st.recursive(leaf, lambda each: st.lists(each, max_size=3) | st.dictionaries(keys, each), max_leaves=12)
    write(folder, name, json.dumps(drawn.draw(st.dictionaries(keys, inner))))
    row = st.dictionaries(st.sampled_from(["epoch", "accuracy", "loss", "place", "label", "true", "scores"]), inner)
    write(folder, "train/log.jsonl", json.dumps({"epoch": 1, "loss": 2.0}) + "\n" + json.dumps(drawn.draw(row)))
    write(folder, "train/readings.jsonl", json.dumps({"label": "fear", "true": "fear", **drawn.draw(row)}))
    config = without_data()
    config.report.compare = [str(folder)]
    assert "<script" not in write_report(config, folder).read_text(encoding="utf-8")
