"""The pages beside the window: settings, first start, diagnosis, how to get a virtual camera, a model's card."""

from __future__ import annotations

from typing import TypeVar

from PyQt5.QtCore import QObject, Qt
from PyQt5.QtWidgets import QDialog

from app.doctor import run_checks
from app.settings import Store
from app.settings.people import People
from app.sinks.camera_help import camera_help

from .camera_help_page import CameraHelpPage
from .diagnose import DiagnosePage
from .main_window import MainWindow
from .model_card_dialog import ModelCardDialog
from .settings_dialog import SettingsDialog
from .shortcuts_dialog import ShortcutsDialog
from .states import CameraState, Reader
from .translate import tr
from .welcome import WelcomePage

D = TypeVar("D", bound=QDialog)


class Pages(QObject):
    """Opens each page over the window, once at a time."""

    def __init__(self, window: MainWindow, people: People) -> None:
        super().__init__(window)
        self._window, self._people = window, people
        self._open: dict[type[QDialog], QDialog] = {}
        self._reader: Reader | None = None
        self._card_wanted = False
        actions = window.actions_
        for name, page in {
            "settings": self.settings,
            "diagnose": self.diagnose,
            "shortcuts": self.shortcuts,
            "camera_help": self.camera_help,
            "welcome": self.welcome_again,
            "card": self.card,
        }.items():
            actions[name].triggered.connect(lambda _=False, page=page: page())
        window.panel.camera.help_wanted.connect(actions["camera_help"].trigger)
        window.panel.reading.card_wanted.connect(self.card)
        window.bridge.virtual_camera.connect(self._show_camera)
        window.bridge.reader.connect(self._show_reader)
        window.bridge.trouble.connect(self._forget_card)
        window.bridge.calibration.connect(self._show_people)
        self._show_people()

    def settings(self) -> SettingsDialog:
        """Everything that can be chosen."""
        keeper = self._window.keeper
        found = self._find(SettingsDialog)
        if found is not None:
            return found
        page = SettingsDialog(keeper.settings, keeper.store or Store(), self._window, people=self._people)
        page.changed.connect(keeper.take)
        keeper.changed.connect(page.show_settings)
        page.finished.connect(self._show_people)
        return self._show(page)

    def diagnose(self) -> DiagnosePage:
        """The same checks as ``affectcam doctor``."""
        found = self._find(DiagnosePage)
        if found is not None:
            return found
        page = self._show(DiagnosePage(run_checks, self._window))
        page.check()
        return page

    def shortcuts(self) -> ShortcutsDialog:
        """The list of shortcuts."""
        return self._find(ShortcutsDialog) or self._show(ShortcutsDialog(self._window.actions_, self._window))

    def camera_help(self) -> CameraHelpPage:
        """How to get a virtual camera on this system."""
        found = self._find(CameraHelpPage)
        if found is not None:
            return found
        page = CameraHelpPage(camera_help(), self._window)
        page.check_again.connect(self._window.bridge.look_for_virtual_camera)
        return self._show(page)

    def card(self) -> None:
        """What the model says of itself; it may have to be loaded first."""
        if self._reader is None:
            self._card_wanted = True
            self._window.bridge.look_at_model()
        elif self._find(ModelCardDialog) is None:
            reader = self._reader
            size = reader.file_bytes
            self._show(ModelCardDialog(reader.card, self._window, provider=reader.provider, file_bytes=size))

    def welcome(self) -> WelcomePage:
        """The first page, before anything is started."""
        return self._show(WelcomePage(self._window))

    def welcome_again(self) -> WelcomePage:
        """The first page, to read again."""
        return self._find(WelcomePage) or self._show(WelcomePage(self._window, again=True))

    def _find(self, kind: type[D]) -> D | None:
        page = self._open.get(kind)
        if not isinstance(page, kind):
            return None
        page.raise_()
        page.activateWindow()
        return page

    def _show(self, page: D) -> D:
        kind = type(page)
        page.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        page.finished.connect(lambda: self._forget(kind))
        self._open[kind] = page
        page.setModal(False)
        page.show()
        return page

    def _forget(self, kind: type[QDialog]) -> None:
        self._open.pop(kind, None)

    def _forget_card(self) -> None:
        self._card_wanted = False

    def _show_people(self) -> None:
        window = self._window
        window.panel.reading.show_people(self._people.names(), window.keeper.settings.person)

    def _show_camera(self, state: CameraState) -> None:
        page = self._open.get(CameraHelpPage)
        if isinstance(page, CameraHelpPage):
            text = tr(state.words).split("\n\n")[0]
            page.show_state(text if state.missing or state.on else tr("There is one now: switch it on in the window."))

    def _show_reader(self, reader: Reader) -> None:
        self._reader = reader
        if self._card_wanted:
            self._card_wanted = False
            self.card()
