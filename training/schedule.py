"""The learning rate as a pure function of the step."""

from __future__ import annotations

import math


def rate_at(step: int, *, total: int, warmup: int, peak: float, final_share: float) -> float:
    """Linear warm-up to ``peak``, then a half cosine down to ``peak * final_share`` at step ``total``."""
    if step < warmup:
        return peak * (step + 1) / warmup
    progress = min(1.0, (step - warmup) / max(1, total - warmup))
    return peak * (final_share + (1 - final_share) * 0.5 * (1 + math.cos(math.pi * progress)))
