"""Parts of a training split kept aside by person, for data sets that come without a validation or test split."""

from __future__ import annotations

import hashlib
from collections import Counter

from model.errors import ConfigError, DataError

from .sample import Sample, Split

_TRAIN, _VALID, _TEST = "train", "valid", "test"


def hold_out(splits: dict[str, Split], *, valid: float, test: float) -> dict[str, Split]:
    """Cut a share of the groups of ``train`` off as ``valid`` and another as ``test``; 0 cuts none off.

    Where a group falls is decided by a hash of its name alone: no order and no other picture changes it, so pictures
    that are added later move none, and a larger share only adds to what was held out before. A share is one of groups;
    that of pictures differs by how many each group has.

    Raises:
        ConfigError: the shares are no shares, or leave nothing to train on.
        DataError: the data set has no ``train``, has such a split of its own, or has too few groups for these shares.
    """
    if not (valid >= 0 and test >= 0 and valid + test < 1):
        raise ConfigError(f"shares of {valid:g} to validate and {test:g} to test on: give two from 0 that sum below 1")
    asked = {name: share for name, share in ((_VALID, valid), (_TEST, test)) if share > 0}
    if not asked:
        return splits
    if _TRAIN not in splits:
        raise DataError(f"no split {_TRAIN!r} to hold pictures out of; it has: {', '.join(splits)}")
    for name in asked:
        if name in splits:
            raise DataError(f"the data set has a split {name!r} of its own; leave out --{name}-share")
    whole = splits[_TRAIN]
    parts: dict[str, list[Sample]] = {_TRAIN: [], **{name: [] for name in asked}}
    for sample in whole:
        parts[_side(_group(sample), valid, test)].append(sample)
    _refuse_none(whole, parts)
    train = Split(_TRAIN, parts.pop(_TRAIN), whole.dropped, whole.skipped)
    return {**splits, _TRAIN: train, **{name: Split(name, samples) for name, samples in parts.items()}}


def _side(group: str, valid: float, test: float) -> str:
    digest = hashlib.blake2b(group.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    place = int.from_bytes(digest, "big") / 2**64  # evenly spread over [0, 1)
    if place < valid:
        return _VALID
    # From the other end, so that the share to validate on does not change what is tested on.
    return _TEST if place >= 1 - test else _TRAIN


def _group(sample: Sample) -> str:
    return sample.group or sample.name


def _refuse_none(whole: Split, parts: dict[str, list[Sample]]) -> None:
    none = [name for name, samples in parts.items() if not samples]
    if not none:
        return
    sizes = Counter(map(_group, whole))
    largest = f"; the largest, {sizes.most_common(1)[0][0]!r}, has {max(sizes.values())} pictures" if sizes else ""
    raise DataError(
        f"no picture for {' and '.join(none)}: {len(whole)} pictures of {len(sizes)} persons or groups{largest}; "
        "ask for larger shares, or put the pictures into folders train/ and valid/ yourself"
    )
