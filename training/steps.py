"""The steps' records: what a step's result was made from, so that a step is done again only when that changed."""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from model.errors import DataError
from model.file_hash import file_hash
from model.whole_file import replacing, write_through

#: In a folder of work: what it was begun for.
NOTE = "made-from.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A finished step."""

    depends: dict[str, Any]
    outputs: dict[str, str] = field(default_factory=dict)  # path -> sha256
    command: str = ""
    finished: str = ""  # ISO time, UTC
    seconds: float = 0.0

    def matches(self, depends: Mapping[str, Any]) -> bool:
        """Whether it was made from ``depends``, and every output is as it was left."""
        return self.depends == _plain(depends) and all(
            Path(path).is_file() and sha256_of(Path(path)) == digest for path, digest in self.outputs.items()
        )

    def is_of(self, depends: Mapping[str, Any]) -> bool:
        """Whether it was made from ``depends``, whatever became of its outputs."""
        return bool(self.depends == _plain(depends))

    def changed(self, depends: Mapping[str, Any]) -> list[str]:
        """The dotted keys in which ``depends`` differs, and the outputs that are gone or altered."""
        ours, theirs = _flat(_plain(depends)), _flat(self.depends)
        keys = [key for key in sorted({*ours, *theirs}) if ours.get(key) != theirs.get(key)]
        return keys + [path for path, digest in self.outputs.items() if _sha256_or_none(Path(path)) != digest]


def read_record(folder: Path, step: str) -> Record | None:
    """The record of a run's step; None if there is none, or a crash left half of one."""
    try:
        raw = json.loads(_path(folder, step).read_text(encoding="utf-8"))
        known = {item.name for item in dataclasses.fields(Record)}
        return Record(**{key: value for key, value in raw.items() if key in known})
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return None


def write_record(
    folder: Path, step: str, depends: Mapping[str, Any], outputs: Iterable[Path], *, command: str, seconds: float
) -> None:
    """Note that a step is done.

    Raises:
        DataError: the disk refuses.
    """
    record = Record(
        depends=_plain(depends),
        outputs={str(path): sha256_of(path) for path in outputs},
        command=command,
        finished=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        seconds=round(seconds, 1),
    )
    write_json(_path(folder, step), dataclasses.asdict(record))


def write_json(path: Path, content: Any) -> None:
    """Write JSON, whole or not at all.

    Raises:
        DataError: the disk refuses.
    """
    try:
        with replacing(path) as part:
            write_through(part, json.dumps(content, indent=1, sort_keys=True).encode())
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror or error})") from None


def claim(folder: Path, depends: Mapping[str, Any]) -> Path | None:
    """Make ``folder`` the place of work for ``depends``; what other settings left there is set aside, not lost.

    The note ``made-from.json`` in the folder says for what it was begun. Settings that come back find their earlier
    work again.

    Returns:
        Where the earlier work went, or None.

    Raises:
        DataError: the disk refuses.
    """
    note, wanted = folder / NOTE, _plain(depends)
    try:
        moved = None
        if folder.is_dir() and any(folder.iterdir()):
            begun = _read_note(note)
            if begun == wanted:
                return None
            moved = set_aside(folder)
        back = folder.with_name(f"{folder.name}.earlier-{_digest(wanted)}")
        if back.is_dir() and _read_note(back / NOTE) == wanted:
            if folder.is_dir():
                folder.rmdir()
            back.rename(folder)
        write_json(note, wanted)
        return moved
    except OSError as error:
        raise DataError(f"{folder}: cannot be prepared for this run ({error.strerror or error})") from None


def set_aside(folder: Path, why: str = "earlier") -> Path:
    """Rename a folder of work so that other work can take its place; returns where it is now."""
    name = f"{folder.name}.{why}-{_digest(_read_note(folder / NOTE))}"
    moved = folder.with_name(name)
    for number in range(2, 1000):
        if not moved.exists():
            break
        moved = folder.with_name(f"{name}-{number}")
    return folder.rename(moved)


def sha256_of(path: Path) -> str:
    """The file's hash.

    Raises:
        DataError: it cannot be read.
    """
    try:
        return file_hash(path)
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error})") from None


def _sha256_or_none(path: Path) -> str | None:
    return sha256_of(path) if path.is_file() else None


def _path(folder: Path, step: str) -> Path:
    return folder / "steps" / f"{step}.json"


def _read_note(note: Path) -> Any:
    try:
        return json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:8]


def _plain(content: Mapping[str, Any]) -> Any:
    """As JSON gives it back: tuples are lists, keys are texts."""
    return json.loads(json.dumps(content, sort_keys=True))


def _flat(content: Any, prefix: str = "") -> dict[str, Any]:
    if not isinstance(content, dict):
        return {prefix: content}
    flat: dict[str, Any] = {}
    for key, value in content.items():
        flat |= _flat(value, f"{prefix}.{key}" if prefix else key)
    return flat
