"""The calibrations of people: any name, numbers only, for this user alone, another model's refused, damage told."""

from __future__ import annotations

import json
import os
import stat
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.pipeline.calibrate import Calibration
from app.settings.people import People
from model.emotions import LABELS
from model.errors import ConfigError

BIAS = np.float32([0, 0, 1.25, 0, 0, 0, 0.5, 0])


def made(model="compact", bias=BIAS):
    return Calibration(bias=bias, model=model, samples=90)


@pytest.fixture
def people(tmp_path):
    return People(tmp_path / "people")


def test_what_is_saved_is_loaded(people):
    people.save("Ada", made())
    loaded = people.load("Ada", "compact")
    assert loaded.bias == pytest.approx(BIAS, abs=1e-6)
    assert loaded.bias.dtype == np.float32
    assert (loaded.model, loaded.samples) == ("compact", 90)


def test_nobody_is_kept_at_first_and_a_folder_need_not_exist(people):
    assert people.names() == []
    assert people.damaged() == []
    assert not people.folder.exists()


def test_names_come_in_alphabetical_order(people):
    for name in ("zoë", "Ada", "Özgür", "bob"):
        people.save(name, made())
    assert people.names() == ["Ada", "bob", "zoë", "Özgür"]


@pytest.mark.parametrize(
    "name",
    [
        "Jürgen Groß",
        "../../etc/passwd",
        "a/b\\c",
        "CON",
        ".",
        "..",
        "王小明",
        "x" * 200,
        "a:b*c?",
        "👩‍🚀 Eileen",
        "-rf",
    ],
)
def test_any_name_that_is_typed_is_safe(people, name):
    people.save(name, made())
    assert people.load(name, "compact").samples == 90
    (file,) = people.folder.iterdir()
    assert file.parent == people.folder
    assert file.name.isascii()
    assert len(file.name) < 80
    assert len(people.names()) == 1
    people.forget(people.names()[0])
    assert list(people.folder.iterdir()) == []


@settings(max_examples=40, deadline=None)  # it writes files
@given(st.lists(st.text(min_size=1, max_size=30), min_size=2, max_size=5))
def test_different_names_never_share_a_file(names):
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        people, kept = People(Path(folder)), set()
        for name in names:
            try:
                people.save(name, made())
            except ConfigError:
                continue
            kept.add(people._path(name))
        assert len(people.names()) == len(kept)
        assert len(set(people.names())) == len(kept)
        assert people.damaged() == []


def test_one_spelling_of_a_name_is_as_good_as_another(people):
    people.save("Zoë", made())
    assert people.load("  Zoe\u0308 ", "compact").samples == 90


@pytest.mark.parametrize(
    ("name", "said"), [("", "a name is needed"), (" \t\n", "a name is needed"), ("x" * 201, "201")]
)
def test_names_that_cannot_be_kept_are_refused(people, name, said):
    with pytest.raises(ConfigError, match=said):
        people.save(name, made())


def test_another_models_calibration_is_refused_in_words(people):
    people.save("Ada", made("new-base"))
    with pytest.raises(ConfigError, match=r"'Ada': made with the model new-base.*compact; calibrate again"):
        people.load("Ada", "compact")


@pytest.mark.parametrize(("made_with", "used_with"), [("compact", "compact-int8"), ("compact-int8", "compact")])
def test_the_same_networks_other_precision_takes_it(people, made_with, used_with):
    people.save("Ada", made(model=made_with))
    assert people.load("Ada", used_with).model == made_with


def test_who_is_not_kept_is_said(people):
    with pytest.raises(ConfigError, match="nothing is kept for 'Bob'"):
        people.load("Bob", "compact")


def test_saving_again_replaces_and_forgetting_twice_is_quiet(people):
    people.save("Ada", made("old"))
    people.save("Ada", made("new"))
    assert people.load("Ada", "new").model == "new"
    assert people.names() == ["Ada"]
    people.forget("Ada")
    people.forget("Ada")
    assert people.names() == []


def test_only_numbers_are_kept(people):
    people.save("Ada", made())
    (file,) = people.folder.iterdir()
    values = json.loads(file.read_text())
    assert set(values) == {"format", "name", "model", "samples", "bias"}
    assert set(values["bias"]) == set(LABELS)
    assert len(file.read_bytes()) < 1000


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no such modes")
def test_nobody_else_can_read_it(people):
    people.save("Ada", made())
    (file,) = people.folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(people.folder.stat().st_mode) == 0o700


def damages():
    whole = {"format": 1, "name": "Ada", "model": "compact", "samples": 9, "bias": dict.fromkeys(LABELS, 0.5)}
    yield b""
    yield b"\xff\xfe\x00"
    yield b"[1, 2]"
    yield b"{" * 50_000
    yield b" " * 200_000
    yield json.dumps(whole | {"format": 2}).encode()
    yield json.dumps(whole | {"bias": [0.0] * 8}).encode()
    yield json.dumps(whole | {"bias": whole["bias"] | {"anger": float("nan")}}).encode()
    yield json.dumps(whole | {"bias": whole["bias"] | {"anger": 1e9}}).encode()
    yield json.dumps(whole | {"bias": whole["bias"] | {"anger": -1}}).encode()
    yield json.dumps(whole | {"bias": whole["bias"] | {"anger": True}}).encode()
    yield json.dumps(whole | {"model": None}).encode()
    yield json.dumps({key: whole[key] for key in ("format", "name", "model", "bias")}).encode()


@pytest.mark.parametrize("content", list(damages()))
def test_a_damaged_file_is_told_and_hurts_nobody_else(people, content):
    people.save("Ada", made())
    people.save("Bob", made())
    file = people._path("Ada")
    file.write_bytes(content)
    with pytest.raises(ConfigError, match=r"damaged or holds no calibration; calibrate again"):
        people.load("Ada", "compact")
    assert people.names() == ["Bob"]
    (line,) = people.damaged()
    assert str(file) in line
    people.save("Ada", made())
    assert people.names() == ["Ada", "Bob"]


def test_a_copy_under_another_file_name_is_told(people):
    people.save("Ada", made())
    (file,) = people.folder.iterdir()
    (people.folder / "copy.json").write_bytes(file.read_bytes())
    assert people.names() == ["Ada"]
    assert "copy.json is a copy" in people.damaged()[0]


def test_a_failed_save_leaves_the_earlier_one_and_no_rest(people, monkeypatch):
    people.save("Ada", made(bias=BIAS))

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError, match="No space left on device; the earlier one is as it was"):
        people.save("Ada", made(bias=BIAS * 0))
    assert people.load("Ada", "compact").bias == pytest.approx(BIAS, abs=1e-6)
    assert len(list(people.folder.iterdir())) == 1


def test_a_file_where_the_folder_should_be_is_one_line(tmp_path):
    (tmp_path / "people").write_text("")
    people = People(tmp_path / "people")
    assert people.names() == []
    with pytest.raises(ConfigError, match=r"cannot write .*people"):
        people.save("Ada", made())


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names there")
def test_a_pipe_among_the_people_holds_nobody_up(people):
    people.save("Ada", made())
    os.mkfifo(people.folder / "pipe.json")
    assert people.names() == ["Ada"]
    (line,) = people.damaged()
    assert "pipe.json: it is no regular file" in line
