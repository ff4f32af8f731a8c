"""The learning rate as a pure function of the step."""

from __future__ import annotations

import math


def rate_at(step: int, *, total: int, warmup: int, peak: float, final_share: float, schedule: str = "cosine") -> float:
    """Linear warm-up to ``peak``, then ``schedule``: down to ``peak * final_share`` at step ``total``, or constant.

    ``cosine`` follows half a cosine, ``linear`` a line; ``constant`` stays at the peak.
    """
    if step < warmup:
        return peak * (step + 1) / warmup
    progress = min(1.0, (step - warmup) / max(1, total - warmup))
    if schedule == "constant":
        return peak
    left = 1 - progress if schedule == "linear" else 0.5 * (1 + math.cos(math.pi * progress))
    return peak * (final_share + (1 - final_share) * left)
