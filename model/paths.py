"""Where the files that ship with affectcam lie, in a clone and in an installed wheel."""

from __future__ import annotations

from pathlib import Path

#: The model used where none is named.
DEFAULT_MODEL = "compact"


def assets_folder() -> Path:
    """The folder with models, detector files and the demo clip."""
    packed = Path(__file__).parent / "_assets"  # where the wheel puts them
    return packed if packed.is_dir() else Path(__file__).parent.parent / "assets"


def models_folder() -> Path:
    """The folder with the models that ship with affectcam."""
    return assets_folder() / "models"
