"""A worker on a node of a Ray cluster: says who it is, then does tasks with one model and one detector."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass

from app.stamp import sha256_of
from model.classifier import find_model
from model.cluster import fingerprint, refuse_other
from model.errors import AffectcamError, ModelError
from model.portable import portable

from .hand import Hand
from .task import Asked, Outcome, Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeting:
    """What a worker says of itself."""

    node: str  # the machine's name
    process: int
    fingerprint: str  # of the affectcam that runs there
    model_sha256: str


def check(greeting: Greeting, *, model: str, model_sha256: str) -> None:
    """Refuse a worker whose rows would not be those of this machine.

    Args:
        greeting: what it says of itself.
        model: the name or path of the model that is asked for.
        model_sha256: of the model's file here.

    Raises:
        ConfigError: another affectcam runs there.
        ModelError: the model's file is another one there.
    """
    refuse_other(greeting.fingerprint, fingerprint(), greeting.node)
    if greeting.model_sha256 != model_sha256:
        raise ModelError(
            f"node {greeting.node}: its file of the model {model} is another one "
            f"(sha256 {greeting.model_sha256[:12]}…, here {model_sha256[:12]}…); copy the one from here to there"
        )


class Actor:
    """What Ray makes a remote object of; errors of affectcam's are given back as values."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._hand: Hand | None = None

    def greet(self) -> Greeting | Exception:
        """Who this is; why it is of no use, otherwise."""
        node = socket.gethostname()
        try:
            sha256 = sha256_of(find_model(self._asked.config.model))
        except AffectcamError as error:
            return type(error)(f"worker on {node}: {error}")
        return Greeting(node=node, process=os.getpid(), fingerprint=fingerprint(), model_sha256=sha256)

    def prepare(self) -> Exception | None:
        """Load the model and the detector, once; why they cannot be used, otherwise."""
        try:
            self._hand = Hand(self._asked)
        except AffectcamError as error:
            return portable(error)
        return None

    def do(self, task: Task) -> Outcome | Exception:
        """Do a task; why it cannot be done, otherwise."""
        assert self._hand is not None  # it was told to prepare
        try:
            return self._hand.do(task)
        except AffectcamError as error:
            return portable(error)
