"""How long to wait before a program that crashed is begun again, and when to give up."""

from __future__ import annotations

FIRST_S, MOST_S = 1.0, 16.0
#: A run of at least so many seconds was a good one: what came before it is forgotten.
GOOD_RUN_S = 60.0
#: Short runs in a row after which nobody waits any more.
ENOUGH = 6


class Backoff:
    """Waits twice as long after each short run."""

    def __init__(self) -> None:
        self._short_runs = 0

    def after(self, ran_s: float) -> float | None:
        """Seconds to wait after a run of ``ran_s`` seconds; None: it is hopeless."""
        self._short_runs = 1 if ran_s >= GOOD_RUN_S else self._short_runs + 1
        if self._short_runs >= ENOUGH:
            return None
        return min(MOST_S, FIRST_S * 2.0 ** (self._short_runs - 1))
