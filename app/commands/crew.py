"""Several files at once, each by a process of its own; results in the order of the files."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from app.pipeline.load import load_classifier
from app.processes.pool import GONE, Pool
from app.processes.process import Process
from app.processes.serve import Tick
from app.sinks.atomic import part_of
from model.classifier import Classifier
from model.errors import AffectcamError

from .one_file import Row, Wanted, classify_one
from .progress import FilesProgress


def classify_together(
    paths: Sequence[Path], wanted: Wanted, *, jobs: int, progress: FilesProgress
) -> Generator[Row | AffectcamError, None, None]:
    """Classify ``paths`` with ``jobs`` processes; for each, in their order, its summary or why there is none.

    A process that dies costs the file that it was at, and no other. Closing the iterator, or Ctrl-C, ends all of them;
    what they had begun to write is removed.

    Raises:
        ModelError: the model cannot be used.
        AffectcamError: no process can be started.
    """
    crew = _Crew(wanted, jobs)
    waiting = deque(enumerate(paths))
    done: dict[int, Row | AffectcamError] = {}
    try:
        for place in range(len(paths)):
            while place not in done:
                crew.hand_out(waiting)
                done.update(crew.listen(progress))
            yield done.pop(place)
    finally:
        crew.dismiss()


@dataclass(frozen=True, slots=True)
class _Work:
    """What its processes do."""

    wanted: Wanted

    def prepare(self) -> Callable[[Path, Tick], Row]:
        return partial(_classify, wanted=self.wanted, classifier=load_classifier(self.wanted.config))


def _classify(path: Path, tick: Tick, *, wanted: Wanted, classifier: Classifier) -> Row:
    return classify_one(path, wanted, classifier, tick)


class _Crew:
    def __init__(self, wanted: Wanted, jobs: int) -> None:
        self._wanted = wanted
        self._pool = Pool(_Work(wanted), jobs)

    def hand_out(self, waiting: deque[tuple[int, Path]]) -> None:
        """Give every idle process a file, and start those that are missing."""
        while waiting and (member := self._pool.idle()) is not None:
            place, path = waiting.popleft()
            member.begin((place, path), path)

    def listen(self, progress: FilesProgress) -> dict[int, Row | AffectcamError]:
        """Wait for what the processes say; the files that are done.

        Raises:
            Exception: what ended a process and is no file's fault.
        """
        done: dict[int, Row | AffectcamError] = {}
        for member, kind, content in self._pool.hear():
            if kind == GONE:
                done.update(self._buried(member))
            elif kind == "tick":
                progress.tick(member.task[0], *content)
            else:
                done[member.task[0]] = content
                member.task = None
        for place in done:
            progress.ended(place)
        return done

    def dismiss(self) -> None:
        """End every process, and remove what it had begun to write."""
        for member in self._pool.dismiss():
            self._clean_up(member)

    def _buried(self, member: Process) -> dict[int, AffectcamError]:
        self._clean_up(member)
        if member.task is None:
            return {}
        place, path = member.task
        how = member.how_it_ended()
        return {place: AffectcamError(f"{path}: its process {how}; if memory is short, use fewer --jobs")}

    def _clean_up(self, member: Process) -> None:
        if member.task is not None and member.process.exitcode != 0:
            for output in self._wanted.outputs(member.task[1]):
                with contextlib.suppress(OSError):
                    part_of(output).unlink(missing_ok=True)
