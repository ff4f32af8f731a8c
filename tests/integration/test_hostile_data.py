"""Mutants of data sets, condensed sets and calibrations: refused in one line, read in part or whole; never a crash."""

from __future__ import annotations

import pytest
from hostile import counts, outcomes, tell
from hostile_data import LAYOUTS, open_mutant, prepare_mutant, read_person_mutant

pytest.importorskip("torch", reason="training needs its extra")

LIMIT_S, PEAK_MB, MEMORY_MB = 60, 2000, 12_000


def tried(job, tasks, states, workers):
    found = outcomes(job, tasks, limit_s=LIMIT_S, memory_mb=MEMORY_MB, workers=workers)
    bad = [outcome for outcome in found if outcome.state not in states]
    assert not bad, bad[:5]
    assert max(outcome.peak_mb for outcome in found) < PEAK_MB
    return counts(found)


def try_data_sets(seeds, workers=1):
    kinds = sorted(LAYOUTS)
    tasks = [(kinds[seed % len(kinds)], seed) for seed in seeds]
    return tried(prepare_mutant, tasks, ("refused", "partly", "accepted"), workers)


def try_condensed(seeds, workers=1):
    return tried(open_mutant, list(seeds), ("refused", "accepted"), workers)


def try_people(seeds, workers=1):
    return tried(read_person_mutant, list(seeds), ("refused", "accepted"), workers)


def test_some_mutants_of_each_kind():
    assert {"refused", "partly"} <= set(try_data_sets(range(42)))
    assert try_condensed(range(30))["refused"]
    assert try_people(range(30))["refused"]


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_two_thousand_mutants_of_data_sets_are_refused_or_read(capsys):
    tell(capsys, f"data sets: {dict(try_data_sets(range(2000), workers=2))}")


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_two_thousand_mutants_of_condensed_sets_are_refused_or_read(capsys):
    tell(capsys, f"condensed sets: {dict(try_condensed(range(2000), workers=2))}")


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_two_thousand_mutants_of_calibrations_are_refused_or_read(capsys):
    tell(capsys, f"calibrations: {dict(try_people(range(2000), workers=2))}")
