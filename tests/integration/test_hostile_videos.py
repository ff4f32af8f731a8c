"""Mutants of real and made clips through ``affectcam classify``: read, read in part or refused, each in one line."""

from __future__ import annotations

from pathlib import Path

import pytest
from clip_bases import write_bases
from hostile import counts, outcomes, tell
from hostile_jobs import classify_file, classify_mutant

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 60
#: The most memory that a worker may hold, whatever a file claims of itself.
PEAK_MB = 2500
MEMORY_MB = 12_000


@pytest.fixture(scope="module")
def bases(tmp_path_factory):
    """Short clips of every usual kind; five of them are the beginnings of real ones, where those are there."""
    return write_bases(tmp_path_factory.mktemp("bases"), ROOT.parent / "shared" / "clips")


def try_videos(bases, seeds, workers=1):
    tasks = [(str(bases[seed % len(bases)]), seed) for seed in seeds]
    found = outcomes(classify_mutant, tasks, limit_s=LIMIT_S, memory_mb=MEMORY_MB, workers=workers)
    bad = [outcome for outcome in found if outcome.state not in ("read", "partly", "refused")]
    assert not bad, bad
    assert max(outcome.peak_mb for outcome in found) < PEAK_MB
    return counts(found)


def test_what_is_whole_is_read(bases):
    """Else nothing could be said of the mutants."""
    found = outcomes(classify_file, [str(base) for base in bases], limit_s=LIMIT_S, memory_mb=MEMORY_MB)
    assert not [outcome for outcome in found if outcome.state != "read"]


def test_some_mutants_of_clips_are_read_or_refused_in_one_line(bases):
    assert len(try_videos(bases, range(20))) >= 2


@pytest.mark.slow
def test_two_thousand_mutants_of_clips_are_read_or_refused_in_one_line(bases, capsys):
    found = try_videos(bases, range(1000, 3000), workers=2)
    tell(capsys, f"2,000 mutated clips: {dict(found)}")
    assert min(found["read"], found["partly"], found["refused"]) >= 100
