"""The file of the settings: read, written whole or not at all, set aside when it is damaged."""

from __future__ import annotations

import logging
from pathlib import Path

from model.errors import ConfigError

from .json_file import read_bounded, write_private
from .place import settings_folder
from .table import Settings

logger = logging.getLogger(__name__)

_MOST_BYTES = 1_000_000  # far more than any settings; a file that grows beyond is none of ours


class Store:
    """Loads and saves the settings of this user."""

    def __init__(self, folder: Path | None = None) -> None:
        """Keep them in ``folder``; in the platform's place if None."""
        self.folder = folder or settings_folder()
        self.path = self.folder / "settings.json"

    def load(self) -> tuple[Settings, list[str]]:
        """The settings, and messages for the user about what was set aside; never raises."""
        try:
            values = _read(self.path)
        except FileNotFoundError:
            return Settings(), []
        except ConfigError as error:
            return Settings(), [f"{error}; {self._set_aside()}, and the defaults are used"]
        settings, aside = Settings.checked(values)
        if not aside:
            return settings, []
        kept = self._set_aside()
        return settings, [f"settings set aside in {self.path.name}: {'; '.join(aside)}; {kept}"]

    def save(self, settings: Settings) -> None:
        """Write them; a failure leaves the earlier file as it was.

        Raises:
            ConfigError: they cannot be written.
        """
        _write(self.path, settings)

    def reset(self) -> str:
        """Go back to the defaults; what was there is kept beside. Returns what was done, in words."""
        if not self.path.exists():
            return "settings: the defaults are in use already"
        return f"settings: back to the defaults; {self._set_aside()}"

    def export(self, settings: Settings, path: Path) -> None:
        """Write a profile: the settings without what belongs to this machine and this person.

        Raises:
            ConfigError: it cannot be written.
        """
        _write(
            path, Settings.checked({k: v for k, v in settings.to_dict().items() if k not in _OWN})[0], leave_out=_OWN
        )

    def import_profile(self, path: Path, settings: Settings) -> tuple[Settings, list[str]]:
        """``settings`` with those of a profile, and what of it was set aside; this machine's own stay.

        Raises:
            ConfigError: the file cannot be read, or is no profile.
        """
        try:
            values = _read(path)
        except FileNotFoundError:
            raise ConfigError(f"no such file: {path}; check the path") from None
        own = {name: value for name, value in settings.to_dict().items() if name in _OWN}
        return Settings.checked({**settings.to_dict(), **values, **own})

    def _set_aside(self) -> str:
        """Move the file out of the way, never over an earlier one; what became of it, in words."""
        for number in range(1, 100):
            aside = self.path.with_name(f"settings.{number}.aside.json")
            if not aside.exists():
                break
        try:
            self.path.replace(aside)
        except OSError as error:
            return f"it could not be moved away ({error.strerror})"
        return f"the file is kept as {aside}"


#: What belongs to this machine or this person, and so to no profile.
_OWN = frozenset({"source", "person", "camera_device", "record_folder", "welcomed"})


def _read(path: Path) -> dict[str, object]:
    try:
        values = read_bounded(path, _MOST_BYTES)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
    if not isinstance(values, dict):
        raise ConfigError(f"{path} is damaged or holds no settings")
    return values


def _write(path: Path, settings: Settings, *, leave_out: frozenset[str] = frozenset()) -> None:
    values = {name: value for name, value in settings.to_dict().items() if name not in leave_out}
    try:
        write_private(path, values)
    except OSError as error:
        raise ConfigError(f"cannot write {path}: {error.strerror}; the earlier file is as it was") from error
