"""Keeps the settings while the window is open: changes are told at once, and written a little later."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PyQt5.QtCore import QObject, QTimer, pyqtSignal

from app.settings import Settings, Store
from model.errors import AffectcamError

_WRITE_AFTER_MS = 500  # a slider that is drawn changes many times


class Keeper(QObject):
    """The newest settings, and the file they are kept in."""

    changed = pyqtSignal(object)  # Settings
    failed = pyqtSignal(str)  # the file cannot be written; one line

    def __init__(
        self, settings: Settings, store: Store | None, *, kept: Settings | None = None, parent: QObject | None = None
    ) -> None:
        """Begin with ``settings``.

        Args:
            settings: what this start has.
            store: where they are written; None: nowhere (a test, a window that nobody watches).
            kept: what the file has, where this start was told otherwise: that holds for this start alone.
            parent: who owns it.
        """
        super().__init__(parent)
        self._settings, self._store = settings, store
        before = (kept or settings).to_dict()
        told = settings.to_dict()
        self._for_now = {name: (value, before[name]) for name, value in told.items() if value != before[name]}
        self._written = kept or settings
        self._said = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_WRITE_AFTER_MS)
        self._timer.timeout.connect(self.write)

    @property
    def settings(self) -> Settings:
        """The newest settings."""
        return self._settings

    @property
    def store(self) -> Store | None:
        """The file they are kept in, if any."""
        return self._store

    @property
    def folder(self) -> Path | None:
        """The folder of that file."""
        return None if self._store is None else self._store.folder

    def set(self, name: str, value: object) -> None:
        """Change one setting; one that is as it was is nothing new."""
        self.take(replace(self._settings, **{name: value}))  # type: ignore[arg-type]

    def take(self, settings: Settings) -> None:
        """Change all settings."""
        if settings == self._settings:
            return
        self._settings = settings
        self.changed.emit(settings)
        self._timer.start()

    def write(self) -> None:
        """Write them now, if they changed."""
        self._timer.stop()
        untouched = {n: old for n, (told, old) in self._for_now.items() if getattr(self._settings, n) == told}
        settings = replace(self._settings, **untouched)
        if self._store is None or settings == self._written:
            return
        try:
            self._store.save(settings)
        except AffectcamError as error:
            if str(error) != self._said:  # once, not with each change
                self._said = str(error)
                self.failed.emit(self._said)
            return
        self._written = settings
