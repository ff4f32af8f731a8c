"""Parts of a training split that are kept aside, by person: for data sets that come without a validation or test split."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from model.errors import DataError

from .sample import Sample, Split


def hold_out(splits: Mapping[str, Split], *, valid: float = 0.0, test: float = 0.0) -> dict[str, Split]:
    """Cut shares of the split ``train`` off as ``valid`` and ``test``; with 0 a split stays as it is.

    Samples of one group (a person) stay together. A group's side follows from a hash of its name alone, so that added
    pictures move nobody: the shares hold for the names on average, not to the picture.

    Raises:
        DataError: there is no split ``train``, the split to be made exists already, or the shares leave nothing.
    """
    made = dict(splits)
    for name, share in (("valid", valid), ("test", test)):
        if share and name in splits:
            raise DataError(f"the data set has a split {name} already; leave --{name}-share out")
    if not valid and not test:
        return made
    if "train" not in splits:
        raise DataError(f"the data set has no split train to cut from, only {', '.join(splits) or 'none'}")
    if valid < 0 or test < 0 or valid + test >= 1:
        raise DataError(f"the shares {valid:g} and {test:g} leave nothing to train on")
    whole = splits["train"]
    sides: dict[str, list[Sample]] = {"train": [], "valid": [], "test": []}
    for sample in whole:
        place = place_of(sample.group or sample.name)
        sides["valid" if place < valid else "test" if place < valid + test else "train"].append(sample)
    made["train"] = replace(whole, samples=sides["train"])
    for name, share in (("valid", valid), ("test", test)):
        if share:
            made[name] = Split(name, sides[name])
    return made


def place_of(group: str) -> float:
    """Where a group's name lies in [0, 1)."""
    return int.from_bytes(hashlib.sha256(group.encode("utf-8", "surrogatepass")).digest()[:8], "big") / 2**64
