"""Fuzz one parser for a while, guided by coverage: python tests/fuzz/run.py NAME [--seconds S] [--findings FOLDER].

atheris (libFuzzer for Python) changes inputs and keeps those that reach code which none had reached. Where it is not
installed, inputs are changed at random (tests/mutants.py). Exit code 0: nothing was found.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
import tempfile
import time
import traceback
from pathlib import Path

PROJECT = Path(__file__).parents[2]
sys.path[:0] = [str(PROJECT), str(PROJECT / "tests")]

_MOST_S = 20  # for one input
_MOST_MB = 2500
_MOST_BYTES = 64_000


def main() -> int:
    """Fuzz what the command line names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("name")
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--findings", type=Path, help="where an input that breaks a promise is kept")
    asked = parser.parse_args()
    findings = asked.findings or Path(tempfile.mkdtemp(prefix="affectcam-findings-"))
    findings.mkdir(parents=True, exist_ok=True)
    guided = importlib.util.find_spec("atheris") is not None
    return (_guided if guided else _at_random)(asked.name, asked.seconds, findings)


def _guided(name: str, seconds: int, findings: Path) -> int:
    import atheris

    with atheris.instrument_imports(include=["app", "model", "training", "json", "csv", "tomllib"]):
        from fuzz.targets import TARGETS

        target = TARGETS[name]
        seeds = target.seeds()
        for seed in seeds:
            target.look(seed)  # imports the parser, and what is whole must pass
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(seeds):
            (Path(corpus) / f"seed-{number}").write_bytes(seed)
        options = [
            f"-max_total_time={seconds}",
            f"-timeout={_MOST_S}",
            f"-rss_limit_mb={_MOST_MB}",
            f"-max_len={_MOST_BYTES}",
            f"-artifact_prefix={findings}/{name}-",
            "-print_final_stats=1",
            "-verbosity=1",
        ]
        atheris.Setup([sys.argv[0], *options, corpus], target.look)
        atheris.Fuzz()  # ends the process
    return 0


def _at_random(name: str, seconds: int, findings: Path) -> int:
    from mutants import mutant

    from fuzz.targets import TARGETS

    target = TARGETS[name]
    seeds = target.seeds()
    until, number = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        content = mutant(seeds[number % len(seeds)], number)[:_MOST_BYTES]
        try:
            target.look(content)
        except Exception:
            kept = findings / f"{name}-crash-{number}"
            kept.write_bytes(content)
            traceback.print_exc()
            print(f"kept as {kept}", file=sys.stderr)  # noqa: T201
            return 1
        number += 1
    print(f"stat::number_of_executed_units: {number}", file=sys.stderr)  # noqa: T201
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)
