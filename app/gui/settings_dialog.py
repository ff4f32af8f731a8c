"""The dialog of all settings, made from the table; what is changed takes effect at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QListWidget,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.settings import Settings, Store
from app.settings.setting import Group
from model.errors import AffectcamError

from .dialog_parts import close_button, scrolled
from .messages import ask, warn
from .people_page import People, PeoplePage
from .settings_page import SettingsPage
from .translate import tr

_GROUPS = tuple(group for group in Group if group is not Group.HIDDEN)
_LIST_WIDTH = 170
_PROFILE = "affectcam-profile.json"


class SettingsDialog(QDialog):
    """Pages by group on the right, their names on the left, and what is done with all of them below."""

    changed = pyqtSignal(object)  # Settings, by the user

    def __init__(
        self, settings: Settings, store: Store, parent: QWidget | None = None, *, people: People | None = None
    ) -> None:
        """Show ``settings``.

        Args:
            settings: what is chosen now.
            store: exports and imports profiles; the dialog saves nothing, who hears :attr:`changed` does.
            parent: the window.
            people: the calibrations; None leaves their page out.
        """
        super().__init__(parent)
        self.settings = settings
        self._store = store
        self.list, self._stack = QListWidget(), QStackedWidget()
        self.list.ensurePolished()  # the items' heights are taken when they come
        self._pages: dict[Group, SettingsPage] = {}  # those that have been looked at
        self.people: PeoplePage | None = None
        for group in _GROUPS:
            self._add(tr(group.value), None)
        if people is not None:
            self.people = PeoplePage(people)
            self.people.forgotten.connect(self._forgotten)
            self.people.failed.connect(self._warn)
            self._add(tr("People"), self.people)
        self._arrange()
        self.show_settings(settings)

    def show_settings(self, settings: Settings) -> None:
        """Show what has been chosen elsewhere, without telling it back."""
        self.settings = settings
        for page in self._pages.values():
            page.show_settings(settings)

    def show_group(self, group: Group) -> SettingsPage:
        """Open a group's page, which is made when it is first looked at: all of them at once would take a moment."""
        self.list.setCurrentRow(_GROUPS.index(group))
        return self._pages[group]

    def restore_defaults(self) -> None:
        """Go back to the defaults of everything that the dialog shows."""
        shown: dict[str, Any] = {row.name: row.default for row in Settings.rows() if row.group is not Group.HIDDEN}
        self._take(replace(self.settings, **shown))

    def export_to(self, path: Path) -> None:
        """Write a profile; a failure is a message."""
        try:
            self._store.export(self.settings, path)
        except AffectcamError as error:
            self._warn(" ".join(str(error).split()))

    def import_from(self, path: Path) -> None:
        """Take a profile over; what of it was set aside is a message."""
        try:
            settings, aside = self._store.import_profile(path, self.settings)
        except AffectcamError as error:
            self._warn(" ".join(str(error).split()))
            return
        self._take(settings)
        if aside:
            words = tr("The profile has been taken over, but for what this version does not know:")
            self._warn(words + "\n\n" + "\n".join(aside))

    def _arrange(self) -> None:
        self.setWindowTitle(tr("Settings"))
        self.resize(760, 560)
        self.list.setFixedWidth(_LIST_WIDTH)
        self.list.setAccessibleName(tr("Groups of settings"))
        self.list.currentRowChanged.connect(self._open)
        self.list.setCurrentRow(0)
        pages = QHBoxLayout()
        pages.addWidget(self.list)
        pages.addWidget(self._stack, 1)
        buttons = QHBoxLayout()
        for text, act in (
            (tr("Restore &defaults"), self._ask_to_restore),
            (tr("&Export profile…"), self._ask_to_export),
            (tr("&Import profile…"), self._ask_to_import),
        ):
            buttons.addWidget(self._button(text, act))
        buttons.addStretch(1)
        buttons.addWidget(close_button(self, default=True))
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 14, 14, 14)
        column.setSpacing(12)
        column.addLayout(pages, 1)
        column.addLayout(buttons)

    def _button(self, text: str, act: Callable[[], None]) -> QPushButton:
        button = QPushButton(text)
        button.setAutoDefault(False)
        button.clicked.connect(lambda: act())
        return button

    def _add(self, name: str, page: QWidget | None) -> None:
        self.list.addItem(name)
        self._stack.addWidget(QWidget() if page is None else scrolled(page))

    def _open(self, place: int) -> None:
        if place < len(_GROUPS) and _GROUPS[place] not in self._pages:
            page = self._pages[_GROUPS[place]] = SettingsPage(_GROUPS[place])
            page.show_settings(self.settings)
            page.changed.connect(self._change)
            empty = self._stack.widget(place)
            self._stack.insertWidget(place, scrolled(page))
            self._stack.removeWidget(empty)
        self._stack.setCurrentIndex(place)

    def _change(self, name: str, value: Any) -> None:
        problem = Settings.row(name).problem(value)
        if problem is None:
            self._take(replace(self.settings, **{name: value}))
        else:
            self.show_settings(self.settings)

    def _take(self, settings: Settings) -> None:
        self.show_settings(settings)
        self.changed.emit(settings)

    def _forgotten(self, name: str) -> None:
        if self.settings.person == name:
            self._take(replace(self.settings, person=""))

    def _ask_to_restore(self) -> None:
        words = tr("Go back to the defaults on all pages? People and their calibrations stay.")
        ask(self, tr("Restore defaults"), words, tr("&Restore"), self.restore_defaults)

    def _ask_to_export(self) -> None:
        path, _ = QFileDialog.getSaveFileName(
            self, tr("Export profile"), str(Path.home() / _PROFILE), f"{tr('Profiles')} (*.json)"
        )
        if path:
            self.export_to(Path(path))

    def _ask_to_import(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, tr("Import profile"), str(Path.home()), f"{tr('Profiles')} (*.json);;{tr('All files')} (*)"
        )
        if path:
            self.import_from(Path(path))

    def _warn(self, message: str) -> None:
        warn(self, tr("Settings"), message)
