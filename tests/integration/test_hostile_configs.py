"""Mutants of configs and of the window's settings: refused in one line, partly taken or taken; nothing unexpected."""

from __future__ import annotations

from pathlib import Path

import pytest
from hostile import counts, outcomes, tell
from hostile_jobs import read_config_mutant, read_settings_mutant

CONFIGS = sorted((Path(__file__).parents[2] / "training" / "configs").glob("*.toml"))
LIMIT_S = 60  # the first one of a process imports PyTorch
PEAK_MB = 2000
MEMORY_MB = 12_000


def try_configs(seeds, workers=1):
    tasks = [(str(CONFIGS[seed % len(CONFIGS)]), seed) for seed in seeds]
    found = outcomes(read_config_mutant, tasks, limit_s=LIMIT_S, memory_mb=MEMORY_MB, workers=workers)
    bad = [outcome for outcome in found if outcome.state not in ("refused", "refused later", "accepted")]
    assert not bad, bad
    assert max(outcome.peak_mb for outcome in found) < PEAK_MB
    return counts(found)


def try_settings(seeds, workers=1):
    found = outcomes(read_settings_mutant, list(seeds), limit_s=LIMIT_S, memory_mb=MEMORY_MB, workers=workers)
    bad = [outcome for outcome in found if outcome.state not in ("partly", "accepted")]
    assert not bad, bad
    assert max(outcome.peak_mb for outcome in found) < PEAK_MB
    return counts(found)


def test_some_mutants_of_configs_are_refused_in_one_line_or_taken():
    pytest.importorskip("torch", reason="training needs its extra")
    found = try_configs(range(60))
    assert min(found["refused"], found["accepted"]) >= 5


def test_some_mutants_of_settings_are_taken_but_for_what_is_odd():
    found = try_settings(range(60))
    assert min(found["partly"], found["accepted"]) >= 5


@pytest.mark.slow
def test_two_thousand_mutants_of_configs_are_refused_in_one_line_or_taken(capsys):
    pytest.importorskip("torch", reason="training needs its extra")
    found = try_configs(range(1000, 3000), workers=2)
    tell(capsys, f"2,000 mutated configs: {dict(found)}")
    assert min(found["refused"], found["accepted"]) >= 200


@pytest.mark.slow
def test_two_thousand_mutants_of_settings_are_taken_but_for_what_is_odd(capsys):
    found = try_settings(range(1000, 3000), workers=2)
    tell(capsys, f"2,000 mutated settings: {dict(found)}")
    assert min(found["partly"], found["accepted"]) >= 200
