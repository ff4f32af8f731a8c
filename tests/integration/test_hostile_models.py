"""Mutants of the shipped models: each is refused in one line or gives scores; none crashes, hangs or swells."""

from __future__ import annotations

import os
import time

import pytest
from hostile import counts, outcomes, tell
from hostile_jobs import load_mutant

NAMES = ("compact-int8", "new-base-int8", "compact", "new-base")
LIMIT_S = 30
#: The most memory that a worker may hold: its libraries, one model and its mutant are 250 MB.
PEAK_MB = 700
#: Address space, of which native libraries reserve much more than they use.
MEMORY_MB = 6000


def try_mutants(seeds, workers=1):
    tasks = [(NAMES[seed % len(NAMES)], seed) for seed in seeds]
    found = outcomes(load_mutant, tasks, limit_s=LIMIT_S, memory_mb=MEMORY_MB, workers=workers)
    bad = [outcome for outcome in found if outcome.state not in ("refused", "accepted")]
    assert not bad, bad
    assert max(outcome.peak_mb for outcome in found) < PEAK_MB
    assert all("Traceback" not in outcome.detail for outcome in found)
    return counts(found)


def test_some_mutants_are_refused_or_read_faces():
    found = try_mutants(range(40))
    assert min(found["refused"], found["accepted"]) >= 5


@pytest.mark.slow
def test_two_thousand_mutants_are_refused_or_read_faces(capsys):
    found = try_mutants(range(1000, 3000), workers=2)
    tell(capsys, f"2,000 mutated models: {dict(found)}")
    assert min(found["refused"], found["accepted"]) >= 200


# That the workers would have seen it.


def misbehave(task):
    """A job that does what its task says."""
    if task == "crash":
        os.abort()
    if task == "hang":
        time.sleep(60)
    if task == "swell":
        bytearray(4 * 2**30)
    return "fine", ""


def test_a_crash_a_hang_and_hunger_are_seen_and_the_rest_goes_on():
    tasks = ["fine", "crash", "fine", "hang", "swell", "fine"]
    found = outcomes(misbehave, tasks, limit_s=2, memory_mb=3000)
    assert [outcome.task for outcome in found] == tasks
    states = [outcome.state for outcome in found]
    assert states[:4] == ["fine", "crashed", "fine", "hung"]
    assert states[5] == "fine"
    if os.uname().sysname == "Linux":
        assert (states[4], found[4].detail) == ("broken", "MemoryError: ")
