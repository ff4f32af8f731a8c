"""The loop over an archive, with a crew that is told what happens: in order, again after a death, and no further."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from app.archive.crew import Done, Event, Failed, Lost
from app.archive.cuts import Part
from app.archive.dataset import Facts
from app.archive.failures import Failures
from app.archive.found import Found
from app.archive.item import Item
from app.archive.run import MOST_AGAIN, Run
from app.archive.task import Cut, Rows, Task
from model.errors import SourceError

A, B, C = (Item(name=name, path=name) for name in ("a.mp4", "b.mp4", "c.mp4"))
PARTS = tuple(Part(origin_s=0.0, first=first, behind=first + 1) for first in (0, 1, 2))
ROWS = Rows(table=SimpleNamespace(num_rows=4), facts=Facts(frames=9, frames_with_face=4, video_s=0.3))


def found(number: int, *, loss: str | None = None, size: tuple[int, int] = (4, 4)) -> Found:
    empty = np.zeros(0)
    return Found(
        size=size, loss=loss, frames=np.array([number]), times_s=empty, counts=empty, boxes=empty, detection=empty,
        scores=empty, valence_arousal=empty,
    )  # fmt: skip


class Crew:
    """Does a task at a time, as a function says."""

    def __init__(self, does: Callable[[Task], object]) -> None:
        self.does, self.tasks = does, []
        self._at: Task | None = None

    @property
    def busy(self) -> bool:
        return self._at is not None

    def hand_out(self, waiting: deque[Task]) -> None:
        if self._at is None and waiting:
            self._at = waiting.popleft()
            self.tasks.append(self._at)

    def listen(self) -> list[Event]:
        task, self._at = self._at, None
        assert task is not None
        outcome = self.does(task)
        if isinstance(outcome, str):
            return [Lost(task, outcome)]
        return [Failed(task, outcome) if isinstance(outcome, SourceError) else Done(task, outcome)]

    def dismiss(self) -> None:
        """Nobody is there."""


class Kept:
    """In place of a data set and of who watches: what each was told."""

    def __init__(self) -> None:
        self.kept, self.dropped, self.failures, self.shares = [], [], {}, {}

    def keep(self, item, table, facts) -> None:
        self.kept.append(item.name)

    def drop(self, item) -> None:
        self.dropped.append(item.name)

    def read(self, item, rows, facts) -> None:
        assert rows == 4

    def failed(self, item, reason) -> None:
        self.failures[item.name] = reason

    def advanced(self, item, share) -> None:
        self.shares[item.name] = self.shares.get(item.name, 0) + share


def over(tmp_path: Path, does: Callable[[Task], object], *items: Item) -> tuple[Crew, Kept, Failures]:
    crew, kept, failures = Crew(does), Kept(), Failures(tmp_path / "_failed.csv")
    Run(crew, kept, failures, kept).over(items)  # type: ignore[arg-type]
    return crew, kept, failures


def test_files_are_read_in_order_and_a_bad_one_does_not_stop_the_rest(tmp_path: Path) -> None:
    closed = Item(name="closed", path="closed", trouble="the folder cannot be read: Permission denied")
    does = lambda task: SourceError("b.mp4 is no video") if task.item is B else ROWS  # noqa: E731
    crew, kept, failures = over(tmp_path, does, A, B, closed, C)
    assert [task.item for task in crew.tasks] == [A, B, C]
    assert kept.kept == ["a.mp4", "c.mp4"]
    assert sorted(kept.dropped) == ["b.mp4", "closed"]
    assert [line[:2] for line in failures.lines()] == [("b.mp4", "none"), ("closed", "none")]
    assert kept.failures["closed"] == "closed: the folder cannot be read: Permission denied"


def test_what_was_lost_of_a_file_is_listed_and_its_rows_are_kept(tmp_path: Path) -> None:
    lossy = Rows(table=ROWS.table, facts=Facts(frames=1, frames_with_face=1, video_s=1.0, loss="half is gone"))
    _, kept, failures = over(tmp_path, lambda _: lossy, A)
    assert kept.kept == ["a.mp4"]
    assert failures.lines() == [("a.mp4", "partly", "half is gone")]


@pytest.mark.parametrize("deaths", [1, MOST_AGAIN, MOST_AGAIN + 1])
def test_a_task_whose_worker_died_is_done_again_and_then_no_more(tmp_path: Path, deaths: int) -> None:
    left = [deaths]

    def does(task: Task) -> object:
        if task.item is A and left[0]:
            left[0] -= 1
            return "was ended by SIGKILL"
        return ROWS

    crew, kept, failures = over(tmp_path, does, A, B)
    assert [task.item for task in crew.tasks] == [A] * min(deaths + 1, MOST_AGAIN + 1) + [B]
    assert kept.kept == (["b.mp4"] if deaths > MOST_AGAIN else ["a.mp4", "b.mp4"])
    told = [line[2] for line in failures.lines()]
    assert told == (["a.mp4: its worker was ended by SIGKILL, 3 times in a row; if memory is short, use fewer --jobs"]
                    if deaths > MOST_AGAIN else [])  # fmt: skip


def split(task: Task, part: Callable[[Task], object]) -> object:
    """A is long: three parts; everything else, and A in one piece, gives rows."""
    if task.part is not None:
        return part(task)
    return Cut(parts=PARTS) if task.item is A and not task.whole and not task.found else ROWS


def test_parts_are_read_next_and_joined_in_order(tmp_path: Path) -> None:
    crew, kept, _ = over(tmp_path, lambda task: split(task, lambda task: found(task.number)), A, B)
    assert [task.number for task in crew.tasks if task.part is not None] == [0, 1, 2]
    join = crew.tasks[4]
    assert [part.frames.tolist() for part in join.found] == [[0], [1], [2]]
    assert [task.item for task in crew.tasks] == [A] * 5 + [B]
    assert kept.kept == ["a.mp4", "b.mp4"]
    assert kept.shares["a.mp4"] == pytest.approx(1)


@pytest.mark.parametrize(
    "bad",
    [SourceError("nothing can be read"), found(1, loss="1 damaged frame"), found(1, size=(8, 8))],
    ids=["unreadable", "damaged", "of another size"],
)
def test_a_file_of_which_a_part_is_damaged_is_read_in_one_piece(tmp_path: Path, bad: object) -> None:
    crew, kept, failures = over(
        tmp_path, lambda task: split(task, lambda task: bad if task.number == 1 else found(task.number)), A, B
    )
    assert [(task.item.name, task.whole) for task in crew.tasks][-2:] == [("a.mp4", True), ("b.mp4", False)]
    assert len(crew.tasks) == 5  # the third part is not read any more
    assert kept.kept == ["a.mp4", "b.mp4"]
    assert not failures


def test_a_part_whose_worker_dies_is_read_again(tmp_path: Path) -> None:
    deaths = {1: 1, 2: MOST_AGAIN + 1}

    def part(task: Task) -> object:
        if deaths.get(task.number, 0):
            deaths[task.number] -= 1
            return "died"
        return found(task.number)

    crew, kept, failures = over(tmp_path, lambda task: split(task, part), A, B)
    assert [task.number for task in crew.tasks if task.part is not None] == [0, 1, 1, 2, 2, 2]
    assert kept.kept == ["b.mp4"]
    assert [line[0] for line in failures.lines()] == ["a.mp4"]
