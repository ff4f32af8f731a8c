"""The calibrations of people, one small file of numbers each, in the settings' folder; no picture is ever kept."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from pathlib import Path

from app.pipeline.calibrate import Calibration
from model.errors import ConfigError

from .person_file import read_person, write_person
from .place import settings_folder

_MOST_NAME = 200  # characters


class People:
    """Keeps a calibration under any name that someone types, readable by this user alone."""

    def __init__(self, folder: Path | None = None) -> None:
        """Keep them in ``folder``; among this user's settings if None. It need not exist yet."""
        self.folder = folder or settings_folder() / "people"

    def names(self) -> list[str]:
        """Who is kept, in alphabetical order; damaged files are left out, see :meth:`damaged`."""
        return sorted(self._look()[0], key=str.casefold)

    def damaged(self) -> list[str]:
        """For each file that cannot be used one line that says so."""
        return self._look()[1]

    def save(self, name: str, calibration: Calibration) -> None:
        """Keep a person's calibration; a failure leaves the earlier one as it was.

        Raises:
            ConfigError: an empty or far too long name, or it cannot be written.
        """
        write_person(self._path(name), _tidy(name), calibration)

    def load(self, name: str, model: str) -> Calibration:
        """A person's calibration for a model, by the name in its card.

        Raises:
            ConfigError: there is none by that name, it was made with another model, or its file is damaged.
        """
        try:
            _, calibration = read_person(self._path(name))
        except FileNotFoundError:
            raise ConfigError(f"calibration: nothing is kept for {_tidy(name)!r}; calibrate once") from None
        if not calibration.fits(model):
            raise ConfigError(
                f"calibration of {_tidy(name)!r}: made with the model {calibration.model}, so it says nothing about "
                f"{model}; calibrate again"
            )
        return calibration

    def forget(self, name: str) -> None:
        """Delete what is kept under a name; nothing happens if there is nothing.

        Raises:
            ConfigError: it cannot be deleted.
        """
        path = self._path(name)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise ConfigError(f"cannot delete {path}: {error.strerror}; delete it by hand") from error

    def _look(self) -> tuple[list[str], list[str]]:
        """The names, and what is damaged."""
        names, damaged = [], []
        for path in sorted(self.folder.glob("*.json")):
            try:
                name = read_person(path)[0]
                if self._path(name) != path:  # it could not be loaded or forgotten by its name
                    raise ConfigError(f"{path} is a copy of the calibration of {name!r}; delete it")
                names.append(name)
            except FileNotFoundError:
                continue  # forgotten in the meantime
            except ConfigError as error:
                damaged.append(str(error))
        return names, damaged

    def _path(self, name: str) -> Path:
        """A file name that is safe for any name: what can be read of it, and a hash that keeps different ones apart."""
        tidy = _tidy(name)
        readable = re.sub(r"[^a-z0-9]+", "-", tidy.casefold()).strip("-")[:40]
        digest = hashlib.sha256(tidy.encode()).hexdigest()[:12]
        return self.folder / f"{readable or 'person'}-{digest}.json"


def _tidy(name: str) -> str:
    """The name in one spelling, without control characters and doubled spaces.

    Raises:
        ConfigError: nothing is left, or too much.
    """
    letters = "".join(letter if letter.isprintable() else " " for letter in unicodedata.normalize("NFC", name))
    tidy = " ".join(letters.split())
    if not tidy:
        raise ConfigError("calibration: a name is needed to keep it under")
    if len(tidy) > _MOST_NAME:
        raise ConfigError(f"calibration: the name has {len(tidy)} characters, at most {_MOST_NAME} fit")
    return tidy
