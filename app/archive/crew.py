"""What a crew of workers is to the loop that feeds it, wherever the workers are."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Protocol

from model.errors import AffectcamError

from .task import Outcome, Task


@dataclass(frozen=True, slots=True)
class Done:
    """A task was done."""

    task: Task
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Failed:
    """A task cannot be done, and it is the file's fault."""

    task: Task
    error: AffectcamError


@dataclass(frozen=True, slots=True)
class Lost:
    """A worker died while it was at a task."""

    task: Task
    how: str  # in words that go on from "its worker"


Event = Done | Failed | Lost


class Crew(Protocol):
    """Workers; each is at one task at a time."""

    @property
    def busy(self) -> bool:
        """Whether a worker is at a task."""

    def hand_out(self, waiting: deque[Task]) -> None:
        """Give tasks to idle workers, the first one first, and start workers that are missing."""

    def listen(self) -> list[Event]:
        """Wait a moment for what happens.

        Raises:
            AffectcamError: nothing more will be done: the model cannot be used, or no worker is left.
        """

    def dismiss(self) -> None:
        """End all workers, whatever they are at."""
