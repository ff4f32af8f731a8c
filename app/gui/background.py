"""Work that takes seconds, done beside the window, whose outcome comes as a signal."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import QCoreApplication, QObject, pyqtSignal
from PyQt5.sip import isdeleted

from app.pipeline.worker import Worker

from . import words

#: How long the program's end waits: a native library must not be unloaded under the work.
PATIENCE_S = 10.0
_running: set[Worker] = set()  # also of those whose window is gone


class Background(QObject):
    """Runs one piece of work at a time; when its owner is gone, nobody hears of the outcome."""

    done = pyqtSignal(object)  # what the work returned
    failed = pyqtSignal(str)  # one line

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        """``name`` is the thread's."""
        super().__init__(parent)
        self._name = name
        self._worker: Worker | None = None

    @property
    def running(self) -> bool:
        """Whether something is under way."""
        return self._worker is not None and not self._worker.join(0)

    def run(self, work: Callable[[], object]) -> None:
        """Begin; while something is under way nothing else begins."""
        if self.running:
            return
        _wait_at_the_end()
        worker = Worker(self._name, lambda: self._work(worker, work), on_failure=lambda: self._fail(worker))
        self._worker = worker
        _running.add(worker)
        worker.start()

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait for its end; True if nothing runs any more."""
        return self._worker is None or self._worker.join(timeout_s)

    def _work(self, worker: Worker, work: Callable[[], object]) -> None:
        try:
            outcome = work()
        finally:
            _running.discard(worker)
        if not isdeleted(self):
            self.done.emit(outcome)

    def _fail(self, worker: Worker) -> None:
        if worker.failure is not None and not isdeleted(self):
            self.failed.emit(words.one_line(worker.failure))


def wait(timeout_s: float = PATIENCE_S) -> bool:
    """Wait for everything that is under way; True if all has ended."""
    return all(worker.join(timeout_s) for worker in tuple(_running))


_waits_for: QCoreApplication | None = None


def _wait_at_the_end() -> None:
    global _waits_for
    application = QCoreApplication.instance()
    if application is not None and application is not _waits_for:
        application.aboutToQuit.connect(_wait)
        _waits_for = application


def _wait() -> None:
    wait()
