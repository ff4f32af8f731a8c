"""Checkpoints: written whole or not at all, read without pickles."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch

from model.errors import DataError
from model.whole_file import replacing


def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Write ``state`` (tensors, numbers, texts, dicts, lists) so that ``path`` always holds a whole checkpoint.

    Raises:
        DataError: the disk refuses; an earlier checkpoint stays as it was.
    """
    try:
        with replacing(path) as part, part.open("wb") as file:
            torch.save(state, file)
            file.flush()
            os.fsync(file.fileno())
    except (OSError, RuntimeError) as error:
        raise DataError(f"{path}: cannot save the checkpoint ({error}); the earlier one is kept") from None


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Read a checkpoint; only tensors and plain values are accepted (``weights_only``).

    Raises:
        DataError: the file is missing, damaged or holds anything else.
    """
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise DataError(f"{path}: no such checkpoint; run the train step first") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error})") from None
    except Exception as error:  # torch raises many kinds for a damaged file
        raise DataError(
            f"{path}: not a whole checkpoint ({type(error).__name__}); delete it to start this run again"
        ) from None
    if not isinstance(state, dict):
        raise DataError(f"{path}: not a checkpoint; delete it to start this run again")
    return state
