"""The kinds of data sets that can be read, each imported when it is asked for."""

from __future__ import annotations

from importlib import import_module
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .data.sample import Split

KINDS = ("affectnet", "rafdb", "ferplus", "fer2013", "folder")


def read_data_set(kind: str, root: Traversable) -> dict[str, Split]:
    """The splits of the data set of ``kind`` under ``root``.

    Raises:
        DataError: it is not there or is damaged.
    """
    assert kind in KINDS
    splits: dict[str, Split] = import_module(f".data.{kind}", __package__).read_splits(root)
    return splits
