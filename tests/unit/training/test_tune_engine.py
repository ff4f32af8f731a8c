"""The settings of the tune step's engine: what they change, and what is refused before Ray is begun."""

from __future__ import annotations

import importlib.util
import socket
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="training needs its extra")

from tune_fakes import calls_of, tiny_config, tiny_sets, toy_config, toy_trial

from model.errors import ConfigError
from training.depends import tune_depends
from training.load_config import with_settings
from training.tune import tune
from training.tuning.plan import halves_on_ray, least_epochs

ROOT = Path(__file__).resolve().parents[3]


def changed(**settings):
    return with_settings(toy_config(), {f"tune.{key}": value for key, value in settings.items()}, "test")


@pytest.mark.parametrize(
    "settings",
    [
        {"engine": "ray"},
        {"engine": "ray", "address": "10.0.0.1:6379"},
        {"jobs": 8},
        {"gpus_per_trial": 0.25},
    ],
)
def test_who_carries_trials_out_does_not_make_it_another_search(settings):
    assert tune_depends(changed(**settings)) == tune_depends(toy_config())


def test_what_leaves_trials_off_does_once_it_is_chosen():
    kept = tune_depends(toy_config())
    assert "pruner" not in kept  # as it was recorded before there was a choice
    assert tune_depends(changed(pruner="asha")) == {**kept, "pruner": "asha"}


@pytest.mark.parametrize(
    ("settings", "halves"),
    [
        ({"engine": "ray"}, True),
        ({"engine": "ray", "pruner": "asha"}, True),
        ({"engine": "ray", "pruner": "median"}, False),
        ({"pruner": "asha"}, False),
    ],
)
def test_ray_halves_where_it_is_the_engine_and_nothing_else_was_chosen(settings, halves):
    assert halves_on_ray(changed(**settings)) is halves


def test_asha_lets_every_trial_have_a_third_of_its_epochs():
    assert [least_epochs(epochs) for epochs in (1, 2, 3, 4, 10, 30)] == [1, 1, 1, 1, 3, 10]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            {"address": "10.0.0.1:6379"},
            r"tune\.address is .10\.0\.0\.1:6379. and tune\.engine 'embedded': .*add --engine ray",
        ),
        ({"engine": "slurm"}, r"tune\.engine is 'slurm'"),
        ({"gpus_per_trial": 0}, r"tune\.gpus_per_trial"),
        ({"gpus_per_trial": 2}, r"tune\.gpus_per_trial"),
        ({"pruner": "never"}, r"tune\.pruner is 'never'"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(settings, said):
    with pytest.raises(ConfigError, match=said):
        changed(**settings)


def test_without_ray_the_command_that_installs_it_is_named_and_nothing_is_run(tmp_path, monkeypatch):
    tiny_sets(tmp_path / "condensed")
    config = tiny_config(tmp_path / "condensed", factors={"augment.flip": [0.1]}, engine="ray")
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *more: None if name == "ray" else found(name, *more))
    with pytest.raises(ConfigError, match=r"^Ray is not installed; pip install 'affectcam\[cluster\]'"):
        tune(config, tmp_path / "tune", trial=toy_trial)
    assert calls_of(tmp_path / "tune") == []


@pytest.mark.slow
def test_an_address_where_nobody_answers_is_one_line(tmp_path):
    pytest.importorskip("ray", reason="needs the extra cluster")
    tiny_sets(tmp_path / "condensed")
    file = tmp_path / "toy.toml"
    file.write_text(f"""
name = "toy"
data.root = "{tmp_path / "condensed"}"
network = {{ input_size = 16, options = {{ stem = 4, widths = [8, 8], depths = [1, 1] }} }}
tune.factors."augment.flip" = [0.1]
""")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    words = ["tune", "--config", str(file), "--runs", str(tmp_path / "runs"), "--engine", "ray", "--address", address]
    done = subprocess.run(
        [sys.executable, "-m", "training.run", *words],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=100,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"error: {address}: no Ray cluster answers there (Connection refused); ray start --head on its first machine "
        "prints the address\n"
    )
