"""The files of weights that ship with affectcam, and whether they are still what was shipped."""

from __future__ import annotations

from pathlib import Path

from .file_hash import file_hash
from .paths import assets_folder

#: In the assets' folder, as ``sha256sum`` writes and checks it; made by ``python scripts/list_hashes.py``.
LIST = "SHA256SUMS"


def shipped_hashes() -> dict[str, str]:
    """The sha256 of each shipped file by its path below the assets' folder; empty where the list is missing."""
    try:
        lines = (assets_folder() / LIST).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return {}
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


def shipped_hash(path: Path) -> str | None:
    """The sha256 that the file at ``path`` must have; None if it is none of the shipped ones."""
    try:
        name = path.resolve().relative_to(assets_folder().resolve()).as_posix()
    except (OSError, ValueError):
        return None
    return shipped_hashes().get(name)


def altered_files() -> list[str]:
    """The shipped files that are missing or no longer what was shipped, by their paths below the assets' folder."""
    return [name for name, digest in shipped_hashes().items() if _hash(assets_folder() / name) != digest]


def _hash(path: Path) -> str | None:
    try:
        return file_hash(path)
    except OSError:
        return None
