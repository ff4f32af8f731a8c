"""The crew on a cluster, with something that behaves as Ray does: who is refused, who is replaced, who is missed."""

from __future__ import annotations

import sys
from collections import deque
from types import SimpleNamespace

import pytest

from app.archive.actor import Greeting, check
from app.archive.crew import Done, Failed, Lost
from app.archive.item import Item
from app.archive.on_ray import RayCrew
from app.archive.task import Asked, Task
from app.config import ReadingConfig
from model.cluster import fingerprint
from model.errors import AffectcamError, ConfigError, ModelError, SourceError

GREETING = Greeting(node="node7", process=5, fingerprint=fingerprint(), model_sha256="ab" * 32)


class Answer:
    """A remote call; it is made when it is asked for."""

    def __init__(self, call):
        self.call = call


class FakeRay:
    """Ray as far as the crew knows it; calls are answered in the order in which they were made."""

    def __init__(self, make, *, processors=1):
        self.make, self.ended, self.silent = make, [], False
        self.exceptions = SimpleNamespace(RayError=RayError, RayTaskError=RayTaskError)
        self._processors = processors

    def cluster_resources(self):
        return {"CPU": self._processors}

    def remote(self, **_words):
        return lambda _kind: SimpleNamespace(remote=lambda _asked: self._actor())

    def _actor(self):
        actor = self.make()
        methods = ("greet", "prepare", "do")
        return SimpleNamespace(**{name: _remote(getattr(actor, name)) for name in methods})

    def wait(self, answers, num_returns, timeout):
        return ([] if self.silent else answers[:num_returns]), []

    def get(self, answer):
        return answer.call()

    def kill(self, actor):
        self.ended.append(actor)


def _remote(method):
    return SimpleNamespace(remote=lambda *args: Answer(lambda: method(*args)))


class RayError(Exception):
    """As Ray's."""


class RayTaskError(RayError):
    """As Ray's."""


class Worker:
    """Does what it is told to."""

    def __init__(self, greeting=GREETING, does=lambda task: f"rows of {task.item.name}"):
        self.greeting, self.does = greeting, does

    def greet(self):
        return self.greeting

    def prepare(self):
        return None

    def do(self, task):
        return self.does(task)


def crew_of(monkeypatch, make, *, jobs=1, nobody_s=60.0):
    ray = FakeRay(make)
    monkeypatch.setitem(sys.modules, "ray", ray)
    return ray, RayCrew(Asked(config=ReadingConfig()), jobs, model_sha256="ab" * 32, nobody_s=nobody_s)


def tasks(*names):
    return deque(Task(item=Item(name=name, path=name)) for name in names)


def events_of(crew, waiting, rounds=12):
    found = []
    for _ in range(rounds):
        crew.hand_out(waiting)
        found += crew.listen()
    return found


def test_one_of_another_version_or_model_is_refused():
    check(GREETING, model="compact", model_sha256="ab" * 32)
    other = Greeting(node="node7", process=5, fingerprint="0+other", model_sha256="ab" * 32)
    with pytest.raises(ConfigError, match=r"^node node7: runs affectcam 0\+other, here it is .*; install"):
        check(other, model="compact", model_sha256="ab" * 32)
    with pytest.raises(ModelError, match=r"node node7: its file of the model compact is another one \(sha256 abab"):
        check(GREETING, model="compact", model_sha256="cd" * 32)


def test_workers_greet_and_then_do_tasks_in_order(monkeypatch):
    def does(task):
        return SourceError("no video") if task.item.name == "b" else "rows"

    ray, crew = crew_of(monkeypatch, lambda: Worker(does=does))
    found = events_of(crew, tasks("a", "b", "c"))
    assert [(type(event), event.task.item.name) for event in found] == [(Done, "a"), (Failed, "b"), (Done, "c")]
    assert not crew.busy
    crew.dismiss()
    assert len(ray.ended) == 1


def test_one_that_has_no_model_ends_the_run_with_its_reason(monkeypatch):
    _, crew = crew_of(monkeypatch, lambda: Worker(greeting=ModelError("worker on node7: no such model")))
    with pytest.raises(ModelError, match="worker on node7: no such model"):
        events_of(crew, tasks("a"))


def test_one_that_dies_is_told_of_and_replaced(monkeypatch):
    deaths = [1]

    def does(task):
        if deaths.pop() if deaths else 0:
            raise RayError("the actor died")
        return "rows"

    ray, crew = crew_of(monkeypatch, lambda: Worker(does=does))
    waiting = tasks("a", "b")
    found = events_of(crew, waiting)
    assert [(type(event), event.task.item.name) for event in found] == [(Lost, "a"), (Done, "b")]
    assert found[0].how == "died, or its node was lost"
    assert len(ray.ended) == 1


def test_ones_that_die_at_once_are_not_started_for_ever(monkeypatch):
    def dies():
        raise RayError("ModuleNotFoundError: No module named 'app'")

    worker = Worker()
    worker.greet = dies
    _, crew = crew_of(monkeypatch, lambda: worker)
    with pytest.raises(AffectcamError, match="no worker can be started: ModuleNotFoundError"):
        events_of(crew, tasks("a"))


def test_where_no_node_has_room_it_is_said_after_a_while(monkeypatch):
    ray, crew = crew_of(monkeypatch, Worker, nobody_s=0.0)
    ray.silent = True
    with pytest.raises(AffectcamError, match=r"no node of the cluster has had a free processor for 0 s; run"):
        events_of(crew, tasks("a"))


def test_a_bug_in_a_worker_is_not_taken_for_a_bad_file(monkeypatch):
    def does(_task):
        raise RayTaskError("Traceback\nZeroDivisionError: division by zero")

    _, crew = crew_of(monkeypatch, lambda: Worker(does=does))
    with pytest.raises(AffectcamError, match="a worker fails: ZeroDivisionError: division by zero"):
        events_of(crew, tasks("a"))
