"""AffectNet (Mollahosseini et al. 2017) in both of its releases: photographs from the web, by hand labelled.

With 8 labels: ``train_set`` and ``val_set`` of faces cut out, 224x224, and .npy files. Manually annotated:
``Manually_Annotated_Images`` with whole photographs, ``training.csv`` and ``validation.csv``.
Source: http://mohammadmahoor.com/affectnet/
"""

from __future__ import annotations

from importlib.resources.abc import Traversable

from . import affectnet_csv, affectnet_npy
from .layouts import not_here, refuse_empty
from .listing import find_folder
from .sample import UNREADABLE, Split


def read_splits(root: Traversable) -> dict[str, Split]:
    """Splits ``train`` and ``valid`` of the release found under ``root``, with valence and arousal.

    Raises:
        DataError: neither release is there, one is half unpacked, or a folder or table cannot be read.
    """
    try:
        for release in (affectnet_npy, affectnet_csv):
            holder = find_folder(root, release.has_layout)
            if holder is not None:
                splits: dict[str, Split] = release.read_release(holder)
                refuse_empty("affectnet", root, splits)
                return splits
    except UNREADABLE as error:
        raise not_here("affectnet", root, f"cannot be read ({error})") from None
    raise not_here("affectnet", root)
