"""Stamp: what made some rows, to be kept with them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.version import version
from model.errors import ModelError
from model.file_hash import file_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """The model and the affectcam that rows come from."""

    model: str  # the name on its card
    model_sha256: str  # of its file, in hexadecimal
    affectcam: str = ""  # the version

    @classmethod
    def of(cls, name: str, path: Path) -> Stamp:
        """For the model called ``name`` in the file ``path``.

        Raises:
            ModelError: it cannot be read.
        """
        return cls(model=name, model_sha256=sha256_of(path), affectcam=version())

    def metadata(self) -> dict[str, str]:
        """As the metadata of a Parquet file."""
        return {
            "affectcam.version": self.affectcam,
            "affectcam.model": self.model,
            "affectcam.model_sha256": self.model_sha256,
        }


def sha256_of(path: Path) -> str:
    """The hash of a model's file, in hexadecimal.

    Raises:
        ModelError: it cannot be read.
    """
    try:
        return file_hash(path)
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror or error}); check the path") from None
