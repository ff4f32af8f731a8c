"""Work that takes seconds, done beside the window, whose outcome comes as a signal."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import QCoreApplication, QObject, pyqtSignal

from app.pipeline.worker import Worker

from . import words

#: How long the program's end waits for it: a native library must not be unloaded under it.
PATIENCE_S = 10.0


class Background(QObject):
    """Runs one piece of work at a time."""

    done = pyqtSignal(object)  # what the work returned
    failed = pyqtSignal(str)  # one line

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        """``name`` is the thread's."""
        super().__init__(parent)
        self._name = name
        self._worker: Worker | None = None
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self._wait)

    @property
    def running(self) -> bool:
        """Whether something is under way."""
        return self._worker is not None and not self._worker.join(0)

    def run(self, work: Callable[[], object]) -> None:
        """Begin; while something is under way nothing else begins."""
        if self.running:
            return
        worker = Worker(self._name, lambda: self.done.emit(work()), on_failure=lambda: self._tell(worker))
        self._worker = worker
        worker.start()

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait for its end; True if nothing runs any more."""
        return self._worker is None or self._worker.join(timeout_s)

    def _wait(self) -> None:
        self.join(PATIENCE_S)

    def _tell(self, worker: Worker) -> None:
        if worker.failure is not None:
            self.failed.emit(words.one_line(worker.failure))
