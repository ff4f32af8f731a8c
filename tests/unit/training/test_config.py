"""Configs: every shipped one loads; a typo, a wrong type and a broken file are named."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from model.errors import ConfigError
from training.config import Config
from training.load_config import load_config

SHIPPED = sorted((Path(__file__).parents[3] / "training" / "configs").glob("*.toml"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_configs_load(path):
    assert load_config(path).name == path.stem


def test_every_field_has_a_line_of_help():
    for section in dataclasses.fields(Config):
        if dataclasses.is_dataclass(section.default_factory):
            assert all(field.metadata.get("help") for field in dataclasses.fields(section.default_factory))


def test_overrides_are_typed_values(tmp_path):
    file = tmp_path / "c.toml"
    file.write_text('name = "x"\n[train]\nepochs = 5\n')
    config = load_config(
        file, ["train.epochs=7", "train.learning_rate=1", "data.root=some/where", "network.options={dropout=0.1}"]
    )
    assert (config.train.epochs, config.train.learning_rate, config.data.root) == (7, 1.0, "some/where")
    assert config.network.options == {"dropout": 0.1}
    assert config.train.batch_size == 128  # a default


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("train.epoch=3", "unknown key train.epoch; known here: .*epochs"),
        ("trian.epochs=3", "unknown key trian"),
        ("train.epochs=many", "train.epochs is 'many' .str., expected int"),
        ("train.epochs=1.5", "train.epochs is 1.5 .float., expected int"),
        ("train.epochs=true", "train.epochs is True"),
        ("train=3", r"expected a section \[train\]"),
        ("train.epochs", "expected key=value"),
        ("name.x=1", "name is a value, not a section"),
        ("train.epochs=0", "train.epochs is 0, expected at least 1"),
        ("train.batch_size=0", "train.batch_size is 0"),
        ("train.evaluate_every=0", "train.evaluate_every is 0"),
        ("evaluate.batch_size=-1", "evaluate.batch_size is -1"),
        ("train.learning_rate=nan", "train.learning_rate is nan, expected a finite number"),
        ("network.std=0", "network.std is 0.0, expected at least"),
        ("network.colour=grey", "network.colour is 'grey', expected gray, bgr or rgb"),
        ("train.precision=64", "train.precision is 64"),
        ("train.precision=half", "train.precision is 'half', expected 32-true, bf16-mixed or 16-mixed"),
        ("seed=-1", "seed is -1"),
        ("train.epochs=", "train.epochs is '' .str., expected int"),
        ("=3", "unknown key"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path, override, expected):
    file = tmp_path / "c.toml"
    file.write_text('name = "x"\n[train]\nepochs = 5\n')
    with pytest.raises(ConfigError, match=expected):
        load_config(file, [override])


def test_missing_and_broken_files_are_named(tmp_path):
    with pytest.raises(ConfigError, match=r"gone\.toml: no such config"):
        load_config(tmp_path / "gone.toml")
    broken = tmp_path / "broken.toml"
    broken.write_text("name = ")
    with pytest.raises(ConfigError, match=r"broken\.toml: not readable as TOML"):
        load_config(broken)


# What mutants of configs came upon, or would have (tests/integration/test_hostile_configs.py).


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r'name = "a\u0000b"', r"name holds 'a\\x00b', expected a text without control characters"),
        (r'name = "\u001b[2J"', "name holds"),
        (r'name = "a\nb"', "name holds"),
        ('name = "../../elsewhere"', r"name is '\.\./\.\./elsewhere', expected the name of a folder in runs/"),
        ('name = "/elsewhere"', "expected the name of a folder in runs/"),
        ('name = ".."', "expected the name of a folder in runs/"),
        ('name = ""', "expected the name of a folder in runs/"),
        (f'name = "{"l" * 300}"', "at most 100 letters"),
        ('[data]\ntrain = "../elsewhere"', "data.train is .*expected the name of a split within its root"),
        ('[evaluate]\nsplit = "/elsewhere"', "evaluate.split is"),
        ('[data]\nroot = "a\\u0000b"', "data.root holds"),
        ('[report]\ncompare = ["a", "\\u001b[2J"]', "report.compare holds"),
        ('[network.options]\n"a\\u001b" = 1', "network.options holds"),
        ('[export]\npath = "/home/me/.profile"', "export.path is .*expected a file that ends in .onnx"),
        ('[report]\npath = "/home/me/.profile"', "report.path is .*expected a file that ends in .html"),
        ("[network]\noptions = { input_size = 9 }", "network.options names input_size"),
        ("[train]\nepochs = 99999999999999999999", "train.epochs is .*expected at most"),
        (f"seed = 0x{'f' * 5000}", r"seed holds 0xf{18}…, a number of 20,000 bits$"),
        (f"name = 0x{'f' * 5000}", "name holds 0xf{18}…"),
        (f"train = 0x{'f' * 5000}", "train holds 0xf{18}…"),
        (f"[distil]\nteachers = [0x{'f' * 5000}]", "distil.teachers holds 0xf{18}…"),
        (f"[pretrain]\nsettings = {{learning_rate = -0x{'f' * 5000}}}", "not readable as TOML"),
        (f"[pretrain]\nsettings = {{learning_rate = 0x{'f' * 5000}}}", "pretrain.settings holds 0xf{18}…"),
        (f"[tune.factors]\na = [[0x{'f' * 5000}]]", "tune.factors holds 0xf{18}…"),
        (f"[augment]\nnoise = 0x{'f' * 300}", r"augment.noise holds 0xf{18}…, a number of 1,200 bits$"),
        (f"[train]\nepochs = 0x{'f' * 60}", "train.epochs is .*expected at most"),
        (f"seed = {'9' * 5000}", "not readable as TOML"),
        ("[augment]\nzoom = 1e308", "augment.zoom is .*expected at most"),
        ("[tune.factors]\n" + "a." * 20 + "a = 1", "tune.factors holds lists or tables 10 deep"),
        ("a." * 5000 + "a = 1", "a line with more than 300 dots"),
        ("#" * 300_000, "larger than 200 kB"),
        ("[train]\nepochs = '" + "long" * 10_000 + "'", "train.epochs is 'longlong.{180,200}… .str., expected int"),
    ],
)
def test_a_crafted_config_is_refused_in_a_short_line(tmp_path, text, expected):
    (tmp_path / "c.toml").write_text(text)
    with pytest.raises(ConfigError, match=expected) as caught:
        load_config(tmp_path / "c.toml")
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize("number", ["0x" + "f" * 5000, "9" * 5000])
def test_a_vast_number_among_the_overrides_is_refused_in_a_short_line(tmp_path, number):
    (tmp_path / "c.toml").write_text("")
    with pytest.raises(ConfigError, match=r"seed (holds 0xf{18}…|is '9{180,200}… .str., expected int)") as caught:
        load_config(tmp_path / "c.toml", [f"seed={number}"])
    assert len(str(caught.value)) < 600


def test_notes_may_have_lines(tmp_path):
    (tmp_path / "c.toml").write_text('[export]\nnotes = """two\nlines"""')
    assert load_config(tmp_path / "c.toml").export.notes == "two\nlines"


@pytest.mark.parametrize("options", ["depths = [1000000, 1, 1, 1]", "widths = [0, 1, 1, 1]", "stem = 10000000"])
def test_a_network_of_an_absurd_size_is_refused_before_it_is_built(tmp_path, options):
    pytest.importorskip("torch", reason="training needs its extra")
    from training.network import build_network

    (tmp_path / "c.toml").write_text(f"[network]\noptions = {{ {options} }}")
    with pytest.raises(ConfigError, match=r"architecture compact: stem .* must be 1 and more, with at most 16384"):
        build_network(load_config(tmp_path / "c.toml"))
