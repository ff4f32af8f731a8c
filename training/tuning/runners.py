"""Who carries trials out: this process one after the other, or several processes at once."""

from __future__ import annotations

import contextlib
import functools
import logging
import multiprocessing
import os
import signal
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from model.cores import cores
from model.portable import portable

from ..config import Config
from ..interrupted import Interrupted
from ..load_config import with_settings
from .job import Job, Outcome, Search, State, TrialFailed, TrialFunction, lock_of

logger = logging.getLogger(__name__)

_LEAVE_S = 60.0  # until a process that was told to leave is ended: it saves first
DEATHS = 2  # of a trial's process before the trial counts as failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What all trials of a search share."""

    config: Config
    folder: Path  # each trial has a folder in it, named as its job
    trial: TrialFunction
    init: Path | None = None


def run_here(task: Task, search: Search, *, stop: Callable[[], bool]) -> None:
    """Carry out every trial of ``search``, one after the other.

    Raises:
        Interrupted: ``stop`` said so.
        AffectcamError: something that the settings of a trial are not to blame for.
    """
    while not stop():
        job = search.next()
        if job is None:
            return
        started = time.monotonic()
        try:
            outcome = attempt(task, job, functools.partial(search.validated, job), stop)
        except BaseException:
            search.interrupted(job, time.monotonic() - started)
            raise
        search.ended(job, outcome)
    raise Interrupted


def run_in_processes(task: Task, search: Search, *, jobs: int, stop: Callable[[], bool]) -> None:
    """Carry out every trial of ``search``, ``jobs`` at once, each in a process with its share of the machine.

    Only this process speaks with the search. The others end when it does, however it does.

    Raises:
        Interrupted: ``stop`` said so; every trial has saved its state.
        AffectcamError: something that the settings of a trial are not to blame for; the others have saved theirs.
    """
    crew = _Crew(task, search, jobs)
    try:
        while True:
            asked = stop()
            if asked:
                crew.ask_to_stop()
            else:
                crew.hand_out()
            if not crew.busy:
                break
            crew.listen(timeout_s=0.2)
    finally:
        crew.dismiss()
    if asked:
        raise Interrupted


class _Crew:
    """The processes, what each works on, and how often a trial's process died."""

    def __init__(self, task: Task, search: Search, jobs: int) -> None:
        threads = task.config.train.threads or max(1, cores() // jobs)
        config = with_settings(task.config, {"train.threads": threads}, "tune.jobs")
        self._task = Task(config=config, folder=task.folder, trial=task.trial, init=task.init)
        self._search, self._jobs = search, jobs
        self._devices = _visible_devices(config)
        self._workers: list[_Worker | None] = [None] * jobs
        self._again: list[Job] = []  # whose process died
        self._deaths: dict[str, int] = {}
        self._asked = False

    @property
    def busy(self) -> list[_Worker]:
        return [worker for worker in self._workers if worker is not None and worker.job is not None]

    def hand_out(self) -> None:
        """Give every idle place a trial, as long as there are some."""
        for place, worker in enumerate(self._workers):
            if worker is not None and worker.job is not None:
                continue
            job = self._again.pop() if self._again else self._search.next()
            if job is None:
                return
            if worker is None:
                device = self._devices[place % len(self._devices)] if self._devices else None
                worker = self._workers[place] = _Worker(self._task, device)
            worker.begin(job)

    def ask_to_stop(self) -> None:
        """Let every trial save and leave."""
        if not self._asked:
            self._asked = True
            for worker in self.busy:
                worker.say("stop")
            for job in self._again:
                self._search.interrupted(job, 0.0)

    def listen(self, *, timeout_s: float) -> None:
        """Take what the processes say, waiting for it no longer than that."""
        for pipe in wait([worker.pipe for worker in self.busy], timeout_s):
            worker = next(each for each in self.busy if each.pipe is pipe)
            try:
                kind, content = worker.pipe.recv()
            except (EOFError, OSError):
                self._died(worker)
                continue
            job = worker.job
            assert job is not None
            if kind == "validated":
                worker.say(self._search.validated(job, *content))
                continue
            worker.job = None
            if kind == "ended":
                self._search.ended(job, content)
            else:
                self._search.interrupted(job, time.monotonic() - worker.since)
                if kind == "broken":
                    raise content

    def dismiss(self) -> None:
        """Send everybody home; who is at work saves first."""
        present = [worker for worker in self._workers if worker is not None]
        for worker in present:
            worker.pipe.close()  # they take that for a request to stop
        latest = time.monotonic() + _LEAVE_S
        for worker in present:
            worker.process.join(max(0.0, latest - time.monotonic()))
            if worker.process.is_alive():
                logger.warning("a trial's process does not leave and is ended; the trial goes on from its last save")
                worker.process.kill()
                worker.process.join()

    def _died(self, worker: _Worker) -> None:
        job = worker.job
        assert job is not None
        worker.process.join()
        code = worker.process.exitcode
        worker.pipe.close()
        self._workers[self._workers.index(worker)] = None
        self._deaths[job.name] = self._deaths.get(job.name, 0) + 1
        if self._asked:
            self._search.interrupted(job, time.monotonic() - worker.since)
        elif self._deaths[job.name] < DEATHS:
            logger.warning("%s: its process ended with code %s; the trial goes on in another", job.title, code)
            self._again.append(job)
        else:
            reason = f"its process ended with code {code}, {DEATHS} times; too little memory?"
            self._search.ended(job, Outcome(state=State.FAILED, reason=reason))


class _Worker:
    """A process that carries out one trial after the other, and the pipe to it."""

    def __init__(self, task: Task, device: str | None) -> None:
        context = multiprocessing.get_context("spawn")  # a forked process cannot use CUDA
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, task, device), name="affectcam-trial")
        self.process.start()
        theirs.close()  # so that its end is seen here
        self.job: Job | None = None
        self.since = 0.0

    def begin(self, job: Job) -> None:
        self.job, self.since = job, time.monotonic()
        self.say(job)

    def say(self, word: Any) -> None:
        with contextlib.suppress(OSError):  # it died; listening tells
            self.pipe.send(word)


def _serve(pipe: Connection, task: Task, device: str | None) -> None:
    """The life of a trial's process: jobs come in, results go out, and when the other end is gone it leaves."""
    for number in (signal.SIGINT, signal.SIGTERM):  # Ctrl-C reaches every process; the first one says what to do
        signal.signal(number, signal.SIG_IGN)
    if device is not None:
        os.environ["CUDA_VISIBLE_DEVICES"] = device
    logging.getLogger("lightning").setLevel(logging.WARNING)
    warnings.simplefilter("ignore")
    line = _Line(pipe)
    while isinstance(job := line.hear(), Job):
        try:
            answer: tuple[str, Any] = ("ended", attempt(task, job, line.validated, line.stop))
        except Interrupted:
            answer = ("stopped", None)
        except Exception as error:
            answer = ("broken", portable(error))
        if not line.say(answer):
            return


class _Line:
    """A trial's end of the pipe."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._stop = False

    def hear(self) -> Any:
        """The next word; None when the other end is gone."""
        try:
            return self._pipe.recv()
        except (EOFError, OSError):
            return None

    def say(self, word: Any) -> bool:
        try:
            self._pipe.send(word)
        except OSError:
            return False
        return True

    def validated(self, epoch: int, score: float) -> bool:
        """Tell a score, and hear whether to leave off."""
        word: Any = "stop"
        if self.say(("validated", (epoch, score))):
            while (word := self.hear()) == "stop":  # asked in between
                self._stop = True
        if word is None or word == "stop":
            self._stop = True
            return False
        return bool(word)

    def stop(self) -> bool:
        """Whether somebody asked, or nobody is there any more."""
        try:
            while not self._stop and self._pipe.poll():
                self._stop = self.hear() in ("stop", None)
        except OSError:
            self._stop = True
        return self._stop


def attempt(task: Task, job: Job, on_validation: Callable[[int, float], bool], stop: Callable[[], bool]) -> Outcome:
    """Carry out one trial, alone in its folder.

    Raises:
        Interrupted: ``stop`` said so.
        AffectcamError: something that the settings of a trial are not to blame for.
    """
    started = time.monotonic()
    folder = task.folder / job.name
    try:
        with _alone(lock_of(folder), stop):
            found = task.trial(
                task.config, job.settings, folder, init=task.init, on_validation=on_validation, stop=stop
            )
    except TrialFailed as error:
        return Outcome(state=State.FAILED, reason=str(error), seconds=time.monotonic() - started)
    return Outcome(**{**found, "state": State(found["state"])})


@contextlib.contextmanager
def _alone(path: Path, stop: Callable[[], bool]) -> Iterator[None]:
    """Wait until no other process works on the trial: after a kill -9 of the search they may still be saving."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)  # the system's: it ends with the process that holds it
    while True:
        try:
            lock.acquire(timeout=0.2)
            break
        except Timeout:
            if stop():
                raise Interrupted from None
    try:
        yield
    finally:
        lock.release()


def _visible_devices(config: Config) -> list[str]:
    """The names of the GPUs for CUDA_VISIBLE_DEVICES; none where training runs on the processor."""
    if config.train.accelerator in ("cpu", "mps"):
        return []
    import torch

    count = torch.cuda.device_count()
    named = [name.strip() for name in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if name.strip()]
    return named[:count] if named else [str(number) for number in range(count)]
