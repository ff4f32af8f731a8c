"""DataSet: the folder that becomes one Parquet data set, a partition for each file, and what it was made from."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.sinks.arrow import require_arrow
from app.sinks.atomic import reported, write_text
from app.sinks.files import make_folder
from app.sinks.parquet import write_parquet
from app.stamp import Stamp
from model.card import INT8
from model.errors import SinkError
from model.paths import models_folder
from model.regular_file import read_regular

from .item import Item
from .names import partition_of

#: What Arrow leaves alone, since it begins with "_".
MADE_FROM, FAILED = "_archive.json", "_failed.csv"
_PART = "part-0.parquet"
_FORM = 1  # of the folder
_MOST_BYTES = 1_000_000  # of the description, which has 600
_MOST = 1e12  # frames, and seconds, of a video
_STATE, _FACTS = b"affectcam.source", b"affectcam.facts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a file's rows beside them."""

    frames: int  # that were read
    frames_with_face: int
    video_s: float  # how much of the video they are
    loss: str | None = None  # what could not be read, in one line


class DataSet:
    """``OUT/file=NAME/part-0.parquet`` for each file, each of them whole, and ``OUT/_archive.json``."""

    def __init__(self, folder: Path, *, root: str, stamp: Stamp, settings: dict[str, object]) -> None:
        """Begin one in ``folder``, or go on with it.

        Raises:
            SinkError: the folder holds something else, or an archive made otherwise, or cannot be written.
        """
        self.folder = folder
        self._metadata = {name.encode(): value.encode() for name, value in stamp.metadata().items()}
        made_from = {
            "form": _FORM,
            "root": root,
            "affectcam": stamp.affectcam,
            "model": stamp.model,
            "model_sha256": stamp.model_sha256,
            "settings": settings,
        }
        made_from = json.loads(json.dumps(made_from))  # as it is read again
        make_folder(folder)
        with reported(folder):
            there = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
        if MADE_FROM in there:
            _check(folder, made_from)
        elif there:
            raise SinkError(f"{folder} holds something else ({there[0]}); use an empty or new --out folder")
        else:
            write_text(folder / MADE_FROM, json.dumps(made_from, indent=1) + "\n")

    def path(self, item: Item) -> Path:
        """Where its rows are."""
        return self.folder / partition_of(item.name) / _PART

    def done(self, item: Item) -> Facts | None:
        """What is known of the rows of a file that was read and is unchanged since; None if it is to be read."""
        path = self.path(item)
        damaged = (OSError, ValueError, KeyError, TypeError, RecursionError, require_arrow().ArrowException)
        with contextlib.suppress(*damaged):
            if not path.is_file():
                return None
            held = require_arrow().parquet.read_metadata(str(path)).metadata
            if json.loads(held[_STATE]) == item.state:
                return _checked(Facts(**json.loads(held[_FACTS])))
        return None

    def keep(self, item: Item, table: Any, facts: Facts) -> None:
        """Let the rows of a file appear, in the place of older ones.

        Raises:
            SinkError: they cannot be written.
        """
        told = {name: getattr(facts, name) for name in Facts.__slots__}
        held = {
            **self._metadata,
            _STATE: json.dumps(item.state).encode(),
            _FACTS: json.dumps(told).encode(),
        }
        path = self.path(item)
        make_folder(path.parent)
        write_parquet(table.replace_schema_metadata(held), path, overwrite=True)

    def drop(self, item: Item) -> None:
        """Take away the rows of a file that was read once, has changed, and cannot be read any more."""
        path = self.path(item)
        with reported(path):
            path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            path.parent.rmdir()


_WORDS = {
    "form": "another release's form of data set",
    "root": "the results of another archive",
    "affectcam": "results of another affectcam",
    "model": "results of another model",
    "model_sha256": "results of another file of the model",
    "settings": "results with other settings",
}


def _checked(facts: Facts) -> Facts:
    """The facts that a file tells.

    Raises:
        ValueError: they cannot be.
    """
    numbers = (facts.frames, facts.frames_with_face, facts.video_s)
    if not all(type(number) in kinds for number, kinds in zip(numbers, ((int,), (int,), (int, float)), strict=True)):
        raise ValueError("no numbers")
    if not all(0 <= number <= _MOST for number in numbers) or not isinstance(facts.loss, str | None):
        raise ValueError("no facts of a video")
    return facts


def _check(folder: Path, made_from: dict[str, Any]) -> None:
    try:
        there = json.loads(read_regular(folder / MADE_FROM, _MOST_BYTES))
        differing = next((name for name in made_from if there[name] != made_from[name]), None)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise SinkError(f"{folder / MADE_FROM} is damaged; use another --out folder") from None
    if differing is None:
        return
    one, other = there[differing], made_from[differing]
    if differing == "settings" and isinstance(one, dict):
        names = [name for name in other if one.get(name) != other[name]]
        one, other = ({name: each.get(name) for name in names} for each in (one, other))
    way_out = "use another --out folder"
    if differing == "model" and str(one).removesuffix(INT8) == str(other).removesuffix(INT8):
        # One network: which of its files is run depends on what the runtime offers.
        name = one if str(one).endswith(INT8) else models_folder() / f"{one}.onnx"
        way_out = f"go on with --model {name}, or {way_out}"
    raise SinkError(f"{folder} holds {_WORDS[differing]} ({_short(one)}, now {_short(other)}); {way_out}")


def _short(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_short(each)}" for name, each in value.items())
    try:
        return str(value)[:120]
    except RecursionError:  # lists in lists
        return "…"
