"""The loop over an archive: tasks to workers, rows to the data set, bad files to their table."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from model.printable import shortened

from .crew import Crew, Event, Failed, Lost
from .dataset import DataSet, Facts
from .failures import Failures
from .found import Found
from .item import Item
from .task import Cut, Rows, Task

#: A task whose worker died is done again so often; a file that kills workers would end all of them.
MOST_AGAIN = 2
_MOST_REASON = 600  # signs; a name that is too long for the system has any number


class Watcher(Protocol):
    """Who is told what happens."""

    def read(self, item: Item, rows: int, facts: Facts) -> None:
        """A file is done and its rows are kept."""

    def failed(self, item: Item, reason: str) -> None:
        """Nothing of a file could be read."""

    def advanced(self, item: Item, share: float) -> None:
        """So much of a file is done, 0 to 1, that was not before."""


@dataclass(slots=True)
class _Split:
    """A file that is read in parts."""

    count: int
    found: dict[int, Found] = field(default_factory=dict)


class Run:
    """One run over the files of an archive that are not done."""

    def __init__(self, crew: Crew, data_set: DataSet, failures: Failures, watcher: Watcher) -> None:
        """Workers, where rows and failures go, and who is told."""
        self._crew, self._data_set, self._failures, self._watcher = crew, data_set, failures, watcher
        self._waiting: deque[Task] = deque()
        self._splits: dict[str, _Split] = {}
        self._deaths: Counter[str] = Counter()
        self._settled: set[str] = set()

    def over(self, items: Sequence[Item]) -> None:
        """Read the files; what is done stays if it is interrupted.

        Raises:
            AffectcamError: nothing more can be done; or rows cannot be written.
        """
        for item in items:
            if item.trouble is not None:
                self._fail(item, f"{item.name}: {item.trouble}")
        self._waiting.extend(Task(item=item) for item in items if item.trouble is None)
        while self._waiting or self._crew.busy:
            self._crew.hand_out(self._waiting)
            for event in self._crew.listen():
                if event.task.item.name not in self._settled:
                    self._take(event)

    def _take(self, event: Event) -> None:
        task = event.task
        if isinstance(event, Lost):
            self._again(task, event.how)
        elif isinstance(event, Failed):
            if task.part is None:
                self._fail(task.item, str(event.error))
            else:
                self._uncut(task.item)
        elif isinstance(event.outcome, Rows):
            self._keep(task.item, event.outcome)
        elif isinstance(event.outcome, Cut):
            parts = event.outcome.parts
            self._splits[task.item.name] = _Split(len(parts))
            tasks = [Task(item=task.item, part=part, number=number) for number, part in enumerate(parts)]
            self._waiting.extendleft(reversed(tasks))
        else:
            self._add(task, event.outcome)

    def _add(self, task: Task, found: Found) -> None:
        """A part was read; the last one is followed by the joining."""
        split = self._splits.get(task.item.name)
        if split is None:  # the file is read anew in one piece
            return
        first = split.found.get(0, found)
        if found.loss is not None or found.size != first.size:
            self._uncut(task.item)
            return
        split.found[task.number] = found
        self._watcher.advanced(task.item, 1 / split.count)
        if len(split.found) == split.count:
            del self._splits[task.item.name]
            in_order = tuple(split.found[number] for number in range(split.count))
            self._waiting.appendleft(Task(item=task.item, found=in_order))

    def _uncut(self, item: Item) -> None:
        """Read a file in one piece: frames behind damage are counted rightly only from the beginning."""
        if self._splits.pop(item.name, None) is not None:
            self._forget(item)
            self._waiting.appendleft(Task(item=item, whole=True))

    def _again(self, task: Task, how: str) -> None:
        if task.part is not None and task.item.name not in self._splits:
            return
        key = f"{task.item.name}\0{task.number if task.part is not None else ''}"
        self._deaths[key] += 1
        if self._deaths[key] <= MOST_AGAIN:
            self._waiting.appendleft(task)
            return
        times = MOST_AGAIN + 1
        self._fail(
            task.item,
            f"{task.item.name}: its worker {how}, {times} times in a row; if memory is short, use fewer --jobs",
        )

    def _keep(self, item: Item, rows: Rows) -> None:
        self._data_set.keep(item, rows.table, rows.facts)
        self._settle(item)
        if rows.facts.loss is not None:
            self._failures.note(item.name, rows.facts.loss, partly=True)
        self._watcher.read(item, rows.table.num_rows, rows.facts)

    def _fail(self, item: Item, reason: str) -> None:
        self._settle(item)
        self._data_set.drop(item)
        reason = shortened(reason, _MOST_REASON)
        self._failures.note(item.name, reason)
        self._watcher.failed(item, reason)

    def _settle(self, item: Item) -> None:
        self._settled.add(item.name)
        if self._splits.pop(item.name, None) is not None:
            self._forget(item)

    def _forget(self, item: Item) -> None:
        """Let none of its tasks that wait be done."""
        kept = [task for task in self._waiting if task.item.name != item.name]
        if len(kept) != len(self._waiting):
            self._waiting.clear()
            self._waiting.extend(kept)
