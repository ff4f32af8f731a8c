"""One window at a time for one user's settings: a second start brings the first window to the front."""

from __future__ import annotations

import hashlib
from pathlib import Path
from types import TracebackType
from typing import Self

from PyQt5.QtCore import QLockFile, QObject, pyqtSignal
from PyQt5.QtNetwork import QLocalServer, QLocalSocket

from app.settings.place import private_folder

_PATIENCE_MS = 1000


class OnlyOne(QObject):
    """Holds a lock beside the settings; whoever comes second tells the first, through a local socket."""

    asked = pyqtSignal()  # somebody has started the program a second time

    def __init__(self, folder: Path, *, ask: bool = True, parent: QObject | None = None) -> None:
        """Prepare.

        Args:
            folder: of the settings; two folders are two users.
            ask: False: a start that nobody watches needs no lock, and takes none.
            parent: who owns it.
        """
        super().__init__(parent)
        self.other_told = False  # True: another window is open, and has been told
        self._folder, self._ask = folder, ask
        self._lock: QLockFile | None = None
        self._server: QLocalServer | None = None
        self._name = f"affectcam-{hashlib.sha256(str(folder.absolute()).encode()).hexdigest()[:16]}"

    def __enter__(self) -> Self:
        """Become the one, or tell the other."""
        if not self._ask:
            return self
        try:
            private_folder(self._folder)
        except OSError:
            return self  # no settings can be kept here, so none can be confused
        lock = QLockFile(str(self._folder / "window.lock"))
        lock.setStaleLockTime(0)  # a lock of a program that still runs is never stale, however old
        if not lock.tryLock(0) and lock.error() == QLockFile.LockFailedError:
            self.other_told = self._tell()
            return self
        self._lock = lock
        self._listen()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Make room for the next."""
        if self._server is not None:
            self._server.close()
        if self._lock is not None:
            self._lock.unlock()

    def _listen(self) -> None:
        QLocalServer.removeServer(self._name)  # of a program that was killed
        server = QLocalServer(self)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        server.newConnection.connect(self._answer)
        if server.listen(self._name):
            self._server = server

    def _answer(self) -> None:
        if self._server is None:
            return
        while (caller := self._server.nextPendingConnection()) is not None:
            caller.close()
            caller.deleteLater()
        self.asked.emit()

    def _tell(self) -> bool:
        """Let the other window come to the front; True if it heard, or at least holds the lock."""
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        socket.waitForConnected(_PATIENCE_MS)
        socket.close()
        return True
