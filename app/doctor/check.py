"""Check: one thing that the doctor looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from model.errors import AffectcamError

State = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at, as a row for people and for ``--json``."""

    name: str
    state: State  # warn: something is missing that not everybody needs; fail: affectcam does not work
    detail: str  # one line: what was found
    cure: str = ""  # one line: what to do, empty where there is nothing to do


def examine(name: str, look: Callable[[], Iterable[Check]]) -> list[Check]:
    """The checks of one look; whatever breaks in it, a native library that does not load too, is a failed check."""
    try:
        return list(look())
    except AffectcamError as error:  # it says what and what to do, in one line
        return [Check(name=name, state="fail", detail=str(error), cure="install affectcam again")]
    except Exception as error:  # the doctor's work is to say what is broken, whatever it is
        reason = " ".join(str(error).split()) or "no reason given"
        cure = "pip install --force-reinstall affectcam; if it stays, report this line"
        return [Check(name=name, state="fail", detail=f"{type(error).__name__}: {reason}", cure=cure)]
