"""AffectNet's release with 8 labels: a picture, and a .npy file for each of its labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.resources.abc import Traversable

from model.emotions import Emotion
from model.errors import DataError

from .affectnet_labels import join_affect, read_affect, read_expression
from .layouts import LAYOUTS, half_there
from .listing import names_in, path_in, refuse_half
from .sample import Sample, Split, one_hot, read_bytes, read_picture
from .scalar import MOST_SCALAR_BYTES, parse_scalar

FOLDERS = {"train": "train_set", "valid": "val_set"}
_PICTURE, _EXPRESSION = ".jpg", "_exp.npy"
_READERS = 8  # threads that wait for the disk
_BATCH = 256  # pictures a thread takes at a time


def has_layout(folder: Traversable) -> bool:
    """Whether ``folder`` holds one of this release's sets, whole or not."""
    return any((folder / name).is_dir() for name in FOLDERS.values())


def read_release(root: Traversable) -> dict[str, Split]:
    """Both splits; labels are read at once, pictures when asked for. Landmarks are not read.

    Raises:
        DataError: a folder is missing, or most pictures have no labels.
    """
    parts = [f"{name}/{part}" for name in FOLDERS.values() for part in ("images", "annotations")]
    missing = [part for part in parts if not (root / part).is_dir()]
    if missing:
        raise half_there("affectnet", root, missing)
    return {split: _read_set(split, root / name) for split, name in FOLDERS.items()}


def _read_set(name: str, folder: Traversable) -> Split:
    split = Split(name, [])
    images, annotations = folder / "images", folder / "annotations"
    files = names_in(images)
    pictures = {file.removesuffix(_PICTURE) for file in files if file.endswith(_PICTURE)}
    labelled = {file.removesuffix(_EXPRESSION) for file in names_in(annotations) if file.endswith(_EXPRESSION)}
    refuse_half(folder, LAYOUTS["affectnet"].title, len(pictures ^ labelled), len(pictures | labelled))
    for file in sorted(file for file in files if not file.endswith(_PICTURE)):
        split.skip(f"{path_in(images, file)}: not a {_PICTURE}")
    for number in _in_order(pictures - labelled):
        split.skip(f"{path_in(images, number)}{_PICTURE}: no labels ({number}{_EXPRESSION})")
    for number in _in_order(labelled - pictures):
        split.skip(f"{path_in(annotations, number)}{_EXPRESSION}: no picture ({number}{_PICTURE})")
    _add_labelled(split, folder, _in_order(pictures & labelled))
    return split


def _in_order(numbers: Iterable[str]) -> list[str]:
    return sorted(numbers, key=lambda number: (len(number), number))


def _add_labelled(split: Split, folder: Traversable, numbers: list[str]) -> None:
    dropped: Counter[str] = Counter()
    images = folder / "images"
    for number, labels in _read_all(folder / "annotations", numbers):
        if isinstance(labels, DataError):
            split.skip(str(labels))
            continue
        emotion, both = labels
        if isinstance(emotion, str):
            dropped[emotion] += 1
            continue
        split.samples.append(
            Sample(
                name=path_in(images, f"{number}{_PICTURE}"),
                label=emotion,
                target=one_hot(emotion),
                read=partial(read_picture, images, f"{number}{_PICTURE}"),
                valence_arousal=both,
                group=number,
            )
        )
    split.dropped = dict(dropped)


_Labels = tuple[Emotion | str, tuple[float, float] | None]  # as affectnet_labels reads them


def _read_all(annotations: Traversable, numbers: list[str]) -> Iterator[tuple[str, _Labels | DataError]]:
    batches = [numbers[start : start + _BATCH] for start in range(0, len(numbers), _BATCH)]
    with ThreadPoolExecutor(_READERS) as pool:
        for batch, read in zip(batches, pool.map(partial(_read_batch, annotations), batches), strict=True):
            yield from zip(batch, read, strict=True)


def _read_batch(annotations: Traversable, numbers: list[str]) -> list[_Labels | DataError]:
    return [_read_labels(annotations, number) for number in numbers]


def _read_labels(annotations: Traversable, number: str) -> _Labels | DataError:
    """The labels of one picture; an error is handed back, not raised, because its picture is a listed skip."""
    where = number + _EXPRESSION
    try:
        emotion = read_expression(_read_scalar(annotations, where))
        where = f"{number}_val.npy"
        valence = read_affect("valence", _read_scalar(annotations, where))
        where = f"{number}_aro.npy"
        return emotion, join_affect(valence, read_affect("arousal", _read_scalar(annotations, where)))
    except DataError as error:
        return error
    except ValueError as error:
        return DataError(f"{path_in(annotations, where)}: {error}")


def _read_scalar(annotations: Traversable, name: str) -> str | float:
    return parse_scalar(read_bytes(annotations / name, MOST_SCALAR_BYTES))
