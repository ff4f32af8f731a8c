"""Makes the pictures of the documents from the bundled demo: ``python scripts/make_pictures.py [--out PATH]``.

Writes ``docs/pictures/overlay.png``: moments of the demo as the overlay shows them, side by side, with the bars of all
eight scores. Only the demo is used, whose picture may be passed on (assets/LICENCES.md).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np

from app import analyse
from app.pipeline.draw import Drawer, DrawStyle
from app.types import FrameResult
from model.paths import assets_folder

OUT = Path(__file__).resolve().parent.parent / "docs" / "pictures" / "overlay.png"
MOMENTS = 3
WIDTH = 1440  # pixels of the whole strip
GAP = 8  # pixels of white between two moments


def pick_moments(results: Iterable[FrameResult], count: int) -> list[FrameResult]:
    """``count`` results in order of time: the surest of each emotion, then those farthest in time from the chosen.

    Only the surest result of each emotion in each second is held, so a clip's frames do not fill the memory.
    """
    held: dict[tuple[int, int], FrameResult] = {}
    for result in results:
        if result.readings:
            key = (int(result.readings[0].emotion), int(result.frame.time_s))
            held[key] = max(held.get(key, result), result, key=_sureness)
    surest: dict[int, FrameResult] = {}
    for (emotion, _), result in held.items():
        surest[emotion] = max(surest.get(emotion, result), result, key=_sureness)
    chosen = sorted(surest.values(), key=_sureness, reverse=True)[:count]
    while len(chosen) < min(count, len(held)):
        chosen.append(max(held.values(), key=lambda result: _distance_s(result, chosen)))
    return sorted(chosen, key=lambda result: result.frame.time_s)


def _sureness(result: FrameResult) -> float:
    return result.readings[0].confidence


def _distance_s(result: FrameResult, others: list[FrameResult]) -> float:
    return min(abs(result.frame.time_s - other.frame.time_s) for other in others)


def main() -> None:
    """Read the demo, pick moments, draw them, write the picture."""
    parser = argparse.ArgumentParser(description="Make the pictures of the documents from the demo.")
    parser.add_argument("--out", type=Path, default=OUT, help="the PNG to write")
    out: Path = parser.parse_args().out
    moments = pick_moments(analyse(assets_folder() / "demo.mp4"), MOMENTS)
    drawer = Drawer(DrawStyle(kind="bars"))
    panels = [drawer.draw(moment.frame.pixels, moment.readings) for moment in moments]
    gap = np.full((panels[0].shape[0], GAP, 3), 255, np.uint8)
    row = [part for panel in panels for part in (gap, panel)][1:]
    out.parent.mkdir(parents=True, exist_ok=True)
    strip = np.hstack(row)
    height = round(strip.shape[0] * WIDTH / strip.shape[1])
    cv2.imwrite(str(out), cv2.resize(strip, (WIDTH, height), interpolation=cv2.INTER_AREA))
    for moment in moments:
        reading = moment.readings[0]
        print(f"{moment.frame.time_s:6.2f} s  {reading.emotion.label:10} {reading.confidence:.0%}")
    print(out)


if __name__ == "__main__":
    main()
