"""Opens the window, and sees to it that it ends well."""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import TracebackType

from PyQt5.QtCore import QMessageLogContext, QTimer, QtMsgType, qInstallMessageHandler
from PyQt5.QtWidgets import QApplication

from app.settings import Settings, Store
from app.settings.people import People
from model.errors import AffectcamError

from . import translate, words
from .bridge import Bridge
from .icon import application_icon
from .keeper import Keeper
from .main_window import MainWindow
from .only_one import OnlyOne
from .pages import Pages
from .presence import Presence
from .qt_environment import free_qt_from_opencv
from .screen import reached_screen
from .source_box import DEMO
from .theme import apply_theme, prepare_high_dpi
from .tray import Tray

logger = logging.getLogger(__name__)

#: How long the end waits for a camera that is still being opened, in seconds; its thread ends with the program.
PATIENCE_S = 10.0
_LISTEN_EVERY_MS = 200


def run_window(
    *,
    source: str | None = None,
    demo: bool = False,
    seconds: float | None = None,
    minimised: bool = False,
    camera: bool = False,
    store: Store | None = None,
    chosen: dict[str, object] | None = None,
) -> int:
    """Show the window until it is closed; the exit code.

    Args:
        source: what to start on, as :func:`app.capture.open.open_source` takes it; None: what was used last, or the
            first camera, and where there is none the window opens stopped and says so.
        demo: start on the bundled clip.
        seconds: close by itself after so many seconds; None: stay.
        minimised: begin in the tray, or else in the task bar.
        camera: begin with the virtual camera switched on.
        store: where the settings are; the platform's place if None.
        chosen: settings that this start has other than those kept, by name.

    Raises:
        AffectcamError: no window can be opened here; or the window closed by itself, with nobody there to read its
            dialog, and the source or the model had failed.
    """
    free_qt_from_opencv()
    with reached_screen():
        application = make_application()
    store = store or Store()
    kept, messages = store.load()
    settings = replace(kept, **(chosen or {}))  # type: ignore[arg-type]
    unattended = seconds is not None
    with OnlyOne(store.folder, ask=not unattended) as only:
        if only.other_told:
            logger.warning("affectcam is open already; its window was brought to the front")
            return 0
        translate.install(application, settings.language)
        apply_theme(application, settings.theme)
        people = People(store.folder / "people")
        with _closed(Bridge(settings, people)) as bridge:
            keeper = Keeper(settings, None if unattended else store, kept=kept)
            window = MainWindow(bridge, keeper, camera=camera or settings.camera_at_start)
            pages = Pages(window, people)
            tray = Tray(window.actions_, window) if Tray.available() else None
            presence = Presence(window, tray)
            only.asked.connect(presence.bring_back)
            follow_theme(application, window.keeper)
            application.setQuitOnLastWindowClosed(False)
            window.ended.connect(application.quit)
            with _python_signals(window), _shown_exceptions(window):
                first = DEMO if demo else source
                if (minimised or settings.start_minimised) and (settings.welcomed or unattended):
                    presence.begin_away(lambda: window.start_on(first))
                else:
                    window.show()
                    _begin(window, pages, first, unattended=unattended)
                for message in messages:
                    window.show_error(message)
                if seconds is not None:
                    QTimer.singleShot(round(1000 * seconds), lambda: _leave(window))
                application.exec_()
    if unattended and window.failure is not None:
        raise AffectcamError(window.failure)
    return 0


def _begin(window: MainWindow, pages: Pages, source: str | None, *, unattended: bool) -> None:
    """Start; the very first time after the page that says what this does."""
    if window.keeper.settings.welcomed or unattended:
        window.start_on(source)
        return

    def answer(start: bool) -> None:
        window.keeper.set("welcomed", True)
        if start:
            window.start_on(source)

    if source is not None:  # a file or the demo shows nobody who would have to be asked
        window.start_on(source)
    pages.welcome().answered.connect(answer if source is None else lambda _: window.keeper.set("welcomed", True))


def follow_theme(application: QApplication, keeper: Keeper) -> None:
    """Change the look with the setting, and only then: it takes a moment."""
    shown = keeper.settings.theme

    def follow(settings: Settings) -> None:
        nonlocal shown
        if settings.theme != shown:
            shown = settings.theme
            apply_theme(application, shown)

    keeper.changed.connect(follow)


def make_application() -> QApplication:
    """The one ``QApplication``."""
    running = QApplication.instance()
    if isinstance(running, QApplication):
        return running
    qInstallMessageHandler(_log_from_qt)
    prepare_high_dpi()
    application = QApplication(["affectcam"])
    application.setApplicationName("affectcam")
    application.setDesktopFileName("affectcam")
    application.setWindowIcon(application_icon())
    return application


def _log_from_qt(kind: QtMsgType, _context: QMessageLogContext, text: str | None) -> None:
    """Qt's own remarks (a missing XDG_RUNTIME_DIR, say) are not for users; with --debug they are shown."""
    grave = kind in (QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg)
    logger.log(logging.ERROR if grave else logging.DEBUG, "Qt: %s", text)


def _leave(window: MainWindow) -> None:
    window.leaving = True
    window.close()


@contextmanager
def _closed(bridge: Bridge) -> Iterator[Bridge]:
    """Everything that the bridge has started is stopped afterwards."""
    try:
        yield bridge
    finally:
        bridge.close()
        if not bridge.join(PATIENCE_S):
            logger.warning("a camera is still being opened; it is left to the system")


@contextmanager
def _python_signals(window: MainWindow) -> Iterator[None]:
    """Ctrl-C in the terminal, or a polite kill, closes the window."""
    before = {number: signal.signal(number, lambda *_: _leave(window)) for number in (signal.SIGINT, signal.SIGTERM)}
    # Python runs its handlers only between its own instructions, and Qt's loop has none while nothing happens.
    timer = QTimer()
    timer.timeout.connect(lambda: None)
    timer.start(_LISTEN_EVERY_MS)
    try:
        yield
    finally:
        timer.stop()
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _shown_exceptions(window: MainWindow) -> Iterator[None]:
    """An exception in a slot becomes a dialog; PyQt would end the program."""
    before = sys.excepthook

    def show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        logger.error("unexpected failure in the window", exc_info=(kind, error, trace))
        window.show_error(words.one_line(error))

    sys.excepthook = show
    try:
        yield
    finally:
        sys.excepthook = before
