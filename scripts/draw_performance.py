"""Draw where the time of a frame goes, from what `affectcam bench` measured.

python -m app bench --json > bench.json
python scripts/draw_performance.py bench.json docs/pictures/performance.png
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("agg")
from matplotlib import pyplot as plt

COLOURS = {"decode": "#4477aa", "detect": "#ee6677", "follow": "#ee6677", "classify": "#228833", "draw": "#ccbb44"}
COLOURS |= {"convert": "#66ccee", "encode": "#aa3377"}


def draw(bench: dict[str, Any], path: Path) -> None:
    """Write the picture: for each way, its stages one after the other, and what the whole really took."""
    stages = {name: each["mean"]["ms"] for name, each in bench["stages"].items()}
    ways = {
        "table,\ndetecting every frame": (["decode", "detect", "classify"], None),
        "table": (["decode", "follow", "classify"], bench["classify_csv"]["per_frame"]["ms"]),
        "table and\nannotated video": (
            ["decode", "follow", "classify", "draw", "encode"],
            bench["classify_csv_mp4"]["per_frame"]["ms"],
        ),
    }
    figure, axes = plt.subplots(figsize=(9, 3.2), layout="constrained")
    for row, (names, whole) in enumerate(ways.values()):
        left = 0.0
        for name in names:
            axes.barh(row, stages[name], left=left, color=COLOURS[name], edgecolor="white")
            if stages[name] > 1:
                axes.text(left + stages[name] / 2, row, f"{name}\n{stages[name]:.1f}", ha="center", va="center", size=8)
            left += stages[name]
        if whole is not None:
            axes.plot([whole] * 2, [row - 0.45, row + 0.45], color="black", linewidth=2)
            axes.text(whole, row - 0.47, f"{whole:.1f} a frame", ha="center", va="bottom", size=8)
    axes.set_yticks(range(len(ways)), ways)
    axes.invert_yaxis()
    axes.set_xlabel(
        f"ms of a {bench['size'][0]}×{bench['size'][1]} frame, stage after stage; line: as they overlap on "
        f"{bench['cores']} cores; yardstick {bench['yardstick_ms']:.0f} ms"
    )
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    draw(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), Path(sys.argv[2]))
