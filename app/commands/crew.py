"""Several files at once, each by a process of its own; results in the order of the files."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import wait
from pathlib import Path

from app.pipeline.load import load_classifier
from app.processes.process import Process, dismiss
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
        self._wanted, self._jobs = wanted, jobs
        self._members: list[Process] = []

    def hand_out(self, waiting: deque[tuple[int, Path]]) -> None:
        """Give every idle process a file, and start those that are missing."""
        while waiting:
            member = next((each for each in self._members if each.task is None), None)
            if member is None:
                if len(self._members) == self._jobs:
                    return
                member = self._start()
                if member is None:
                    return
            place, path = waiting.popleft()
            member.begin((place, path), path)

    def listen(self, progress: FilesProgress) -> dict[int, Row | AffectcamError]:
        """Wait for what the processes say; the files that are done.

        Raises:
            Exception: what ended a process and is no file's fault.
        """
        done: dict[int, Row | AffectcamError] = {}
        for pipe in wait([member.pipe for member in self._members]):
            member = next(each for each in self._members if each.pipe is pipe)
            try:
                kind, content = member.pipe.recv()
            except (EOFError, OSError):
                self._members.remove(member)
                done.update(self._buried(member))
                continue
            if kind == "unfit":
                raise content
            if member.task is None:  # cannot be: only who has a file speaks
                continue
            place, _ = member.task
            if kind == "tick":
                progress.tick(place, *content)
            else:
                done[place] = content
                member.task = None
        for place in done:
            progress.ended(place)
        return done

    def dismiss(self) -> None:
        """End every process, and remove what it had begun to write."""
        dismiss(self._members)
        for member in self._members:
            self._clean_up(member)
        self._members.clear()

    def _start(self) -> Process | None:
        try:
            member = Process(_Work(self._wanted))
        except OSError as error:
            if not self._members:
                raise AffectcamError(f"cannot start another process: {error.strerror or error}; use --jobs 1") from None
            self._jobs = len(self._members)  # too many for this machine: those that run do it alone
            return None
        self._members.append(member)
        return member

    def _buried(self, member: Process) -> dict[int, AffectcamError]:
        member.pipe.close()
        member.process.join()
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
