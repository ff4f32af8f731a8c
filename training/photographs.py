"""Which whole pictures are scored end to end: ``KIND:PATH`` or ``KIND:PATH:SPLIT``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model.errors import ConfigError, DataError

from .data.hold_out import hold_out
from .data.sample import Split
from .data.source import open_root
from .readers import KINDS, read_data_set

SPLITS = ("train", "valid", "test")
#: What is held out of a data set without such a split, as by: training.prepare --valid-share 0.1 --test-share 0.1.
SHARE = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Photographs:
    """What ``evaluate.photographs`` names."""

    kind: str
    path: Path
    split: str  # "" is all of it

    def to_dict(self) -> dict[str, Any]:
        """Plain values; of the path only its name, which is what others can know it by."""
        return {"kind": self.kind, "source": self.path.name, "split": self.split or "all"}


def parse_photographs(text: str) -> Photographs:
    """Read ``folder:lfw.zip`` or ``folder:lfw.zip:test``.

    Raises:
        ConfigError: it is none of these.
    """
    kind, _, rest = text.partition(":")
    path, _, split = rest.rpartition(":")
    if split not in SPLITS:  # a colon of the path's own, as in C:\faces
        path, split = rest, ""
    if kind not in KINDS or not path:
        raise ConfigError(
            f"evaluate.photographs is {text!r}, expected KIND:PATH or KIND:PATH:SPLIT, where KIND is one of "
            f"{', '.join(KINDS)} and SPLIT one of {', '.join(SPLITS)}; e.g. folder:lfw.zip:test"
        )
    return Photographs(kind=kind, path=Path(path), split=split)


def open_photographs(asked: Photographs) -> Split:
    """The photographs that are asked for, as samples.

    A split that the data set does not have is held out of it by person, the same again each time, as
    ``training.prepare`` does it.

    Raises:
        DataError: the data set is missing or damaged, or has no such split.
    """
    splits = read_data_set(asked.kind, open_root(asked.path))
    if not asked.split:
        joined = Split("all", [sample for split in splits.values() for sample in split])
        joined.skipped = [line for split in splits.values() for line in split.skipped]
        return joined
    if asked.split not in splits:
        splits = hold_out(splits, **{"valid": 0.0, "test": 0.0, asked.split: SHARE})
    if asked.split not in splits or not len(splits[asked.split]):
        raise DataError(f"{asked.path}: no pictures in split {asked.split!r}; it has {', '.join(splits)}")
    return splits[asked.split]
