"""End to end by group: whose face is not found, and what is read where misses count as wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from .groups import FEWEST
from .intervals import MISSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What the whole chain does for one group."""

    pictures: int
    misses: int
    accuracy: float  # misses count as wrong

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        small = self.pictures < FEWEST
        return {**asdict(self), "miss_share": self.misses / self.pictures, "small": small}


def reach_by_group(groups: Sequence[str], labels: Sequence[int], predicted: Sequence[int]) -> dict[str, Reach]:
    """Misses and accuracy of each group, given every photograph's group ("" is not known), true and read class."""
    of, true, read = np.array(groups), np.array(labels), np.array(predicted)
    found = {}
    for name in sorted(set(groups) - {""}):
        here = of == name
        found[name] = Reach(
            pictures=int(here.sum()),
            misses=int((read[here] == MISSED).sum()),
            accuracy=float((read[here] == true[here]).mean()),
        )
    return found
