"""Opens the window, and sees to it that it ends well."""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from PyQt5.QtCore import QCoreApplication, QMessageLogContext, Qt, QTimer, QtMsgType, qInstallMessageHandler
from PyQt5.QtWidgets import QApplication

from app.config import ReadingConfig
from model.errors import AffectcamError

from . import words
from .bridge import Bridge
from .main_window import MainWindow
from .qt_environment import free_qt_from_opencv
from .screen import reached_screen
from .source_box import DEMO

logger = logging.getLogger(__name__)

#: How long the end waits for a camera that is still being opened, in seconds; its thread ends with the program.
PATIENCE_S = 10.0
_LISTEN_EVERY_MS = 200


def run_window(*, source: str | None, demo: bool, config: ReadingConfig, seconds: float | None) -> int:
    """Show the window until it is closed; the exit code.

    Args:
        source: what to start on, as :func:`app.capture.open.open_source` takes it; None: the first camera, and where
            there is none the window opens stopped and says so.
        demo: start on the bundled clip.
        config: how faces are read.
        seconds: close by itself after so many seconds; None: stay.

    Raises:
        AffectcamError: no window can be opened here; or the window closed by itself, with nobody there to read its
            dialog, and the source or the model had failed.
    """
    free_qt_from_opencv()
    with reached_screen():
        application = _application()
    with _closed(Bridge(config)) as bridge:
        window = MainWindow(bridge)
        with _python_signals(window), _shown_exceptions(window):
            window.show()
            window.start_on(DEMO if demo else source)
            if seconds is not None:
                QTimer.singleShot(round(1000 * seconds), lambda: _close(window))
            application.exec_()
    if seconds is not None and window.failure is not None:
        raise AffectcamError(window.failure)
    return 0


def _application() -> QApplication:
    running = QApplication.instance()
    if isinstance(running, QApplication):
        return running
    qInstallMessageHandler(_log_from_qt)
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_EnableHighDpiScaling)
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_UseHighDpiPixmaps)
    application = QApplication(["affectcam"])
    application.setApplicationName("affectcam")
    application.setDesktopFileName("affectcam")
    return application


def _log_from_qt(kind: QtMsgType, _context: QMessageLogContext, text: str | None) -> None:
    """Qt's own remarks (a missing XDG_RUNTIME_DIR, say) are not for users; with --debug they are shown."""
    grave = kind in (QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg)
    logger.log(logging.ERROR if grave else logging.DEBUG, "Qt: %s", text)


def _close(window: MainWindow) -> None:
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
    before = {number: signal.signal(number, lambda *_: _close(window)) for number in (signal.SIGINT, signal.SIGTERM)}
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
