"""Where the teachers of a run lie."""

from __future__ import annotations

from pathlib import Path

from model.errors import ConfigError

from .config import DistilConfig


def teacher_files(settings: DistilConfig) -> list[Path]:
    """The teachers' checkpoints: each is one, or the best of a run's folder.

    Raises:
        ConfigError: one is not there.
    """
    files = []
    for name in settings.teachers:
        file = Path(name) if name.endswith(".pt") else Path(name) / "train" / "best.pt"
        if not file.is_file():
            raise ConfigError(
                f"distil.teachers names {name}, and there is no {file}; train that run first, or learn from the labels "
                "alone with --set distil.teachers=[]"
            )
        files.append(file)
    return files
