"""Hold the speeds of this machine against the committed ones: ``make bench``.

    python tests/benchmarks/guard.py [--runs N] [--update]

Speeds are ratios to the yardstick (`affectcam bench`), so that machines compare; but not across instruction sets, which
speed up one network more than another. There are ratios for each kind of processor that somebody measured. Each time is
the best of some runs, since what else a machine does only makes it worse. Exit code 1 if one is more than 25 % worse.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

RATIOS = Path(__file__).with_name("ratios.json")
WORSE = 1.25
YARDSTICK = "yardstick"
_ROOT = Path(__file__).resolve().parents[2]
#: What tells kinds of processors apart, most capable first.
_SETS = ("amx_int8", "avx512_vnni", "avx_vnni", "avx512f", "avx2", "asimddp")


def kind_of_processor(flags: str | None = None) -> str:
    """The most capable instruction set that it has."""
    if flags is None:
        info = Path("/proc/cpuinfo")
        flags = info.read_text() if info.is_file() else ""
    words = set(flags.split())
    return next((name for name in _SETS if name in words), platform.machine() or "unknown")


def times_of(bench: Mapping[str, Any]) -> dict[str, float]:
    """What is guarded, and the yardstick, from the output of ``affectcam bench --json``: milliseconds."""
    stages = {f"stage {name}": float(each["mean"]["ms"]) for name, each in bench["stages"].items()}
    del stages["stage track"], stages["stage convert"]  # a few hundredths of a millisecond, all noise
    return {
        YARDSTICK: float(bench["yardstick_ms"]),
        **stages,
        "frame to readings, every": float(bench["frame_to_readings"]["every"]["ms"]),
        "frame to readings, follow": float(bench["frame_to_readings"]["follow"]["ms"]),
        "classify csv": float(bench["classify_csv"]["per_frame"]["ms"]),
        "classify csv, mp4": float(bench["classify_csv_mp4"]["per_frame"]["ms"]),
        "live latency": float(bench["live"]["latency"]["median"]["ms"]),
    }


def best_ratios(runs: list[dict[str, float]]) -> dict[str, float]:
    """The best time of each, in best yardsticks: a yardstick that was disturbed must not make the rest look quick."""
    least = {name: min(run[name] for run in runs) for name in runs[0]}
    return {name: time / least[YARDSTICK] for name, time in least.items() if name != YARDSTICK}


def worse(now: Mapping[str, float], committed: Mapping[str, float]) -> list[str]:
    """A line for each ratio that is more than 25 % worse than the committed one, or is missing."""
    lines = []
    for name, before in committed.items():
        if name not in now:
            lines.append(f"{name}: no longer measured")
        elif now[name] > before * WORSE:
            lines.append(
                f"{name}: 1/{1 / now[name]:.1f} of the yardstick, {now[name] / before:.2f} times 1/{1 / before:.1f}"
            )
    return lines


def _bench() -> dict[str, float]:
    words = [sys.executable, "-m", "app", "bench", "--json"]
    done = subprocess.run(words, cwd=_ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return times_of(json.loads(done.stdout))


def main() -> int:
    """Measure, compare, tell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3, help="the best of so many")
    parser.add_argument("--update", action="store_true", help="write what is measured as this kind's ratios")
    chosen = parser.parse_args()
    committed = json.loads(RATIOS.read_text()) if RATIOS.is_file() else {}
    kind = kind_of_processor()
    now = best_ratios([_bench() for _ in range(max(1, chosen.runs))])
    before = committed.get(kind, {})
    for name, ratio in now.items():
        was = f"  (committed: 1/{1 / before[name]:.1f})" if name in before else ""
        print(f"{name:26} 1/{1 / ratio:.1f}{was}")
    if chosen.update:
        committed[kind] = {name: round(ratio, 5) for name, ratio in now.items()}
        RATIOS.write_text(json.dumps(committed, indent=1, sort_keys=True) + "\n")
        print(f"written as the ratios of {kind}: {RATIOS}")
        return 0
    if not before:
        print(f"no ratios are committed for {kind}; --update writes these")
        return 0
    slower = worse(now, before)
    for line in slower:
        print(f"slower: {line}", file=sys.stderr)
    return 1 if slower else 0


if __name__ == "__main__":
    sys.exit(main())
