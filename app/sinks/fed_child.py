"""A child process that takes pictures through its standard input, and can neither hold us up nor be left behind."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import tempfile
import time
from typing import IO

from model.errors import SinkError

_END_S = 1.0  # for each way of ending it, from the end of its input to the kill


class FedChild:
    """Starts a command and writes to it without waiting for ever; keeps what it says.

    It must end with its input, so that none is left even if this program is killed.
    """

    def __init__(self, words: list[str]) -> None:
        """Start it.

        Raises:
            OSError: it cannot be started.
        """
        self.name = words[0]
        #: When it last took something, on the monotonic clock.
        self.fed_s = time.monotonic()
        self._rest = memoryview(b"")
        # Its words go to a file: a pipe that nobody empties would stop it some day.
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - it stays open as long as the child
        try:
            # A session of its own: Ctrl-C is for us, who end it in order. LC_ALL: its words are read by the program.
            self._process = subprocess.Popen(
                words,
                stdin=subprocess.PIPE,
                stdout=self._log,
                stderr=subprocess.STDOUT,
                env={**os.environ, "LC_ALL": "C"},
                start_new_session=True,
            )
        except BaseException:
            self._log.close()
            raise
        assert self._process.stdin is not None
        self._pipe = self._process.stdin
        os.set_blocking(self._pipe.fileno(), False)

    @property
    def busy(self) -> bool:
        """Whether it has not yet taken all of what was put."""
        return bool(self._rest)

    @property
    def said(self) -> str:
        """The beginning of what it has said on both outputs."""
        return os.pread(self._log.fileno(), 65536, 0).decode("utf-8", "replace")  # its own place stays where it is

    def put(self, data: memoryview | bytes) -> None:
        """Have ``data``, which must not change, written by :meth:`feed`; only when it is not :attr:`busy`."""
        assert not self._rest
        self._rest = memoryview(data)

    def feed(self, patience_s: float) -> None:
        """Write what it takes of the rest within ``patience_s`` seconds.

        Raises:
            SinkError: it has ended.
        """
        give_up_s = time.monotonic() + patience_s
        self.check()
        while self._rest:
            try:
                self._rest = self._rest[os.write(self._pipe.fileno(), self._rest) :]
                self.fed_s = time.monotonic()
            except BlockingIOError:
                left_s = give_up_s - time.monotonic()
                if left_s <= 0 or not select.select([], [self._pipe], [], left_s)[1]:
                    return
            except BrokenPipeError:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(_END_S)
                self.check()
                raise SinkError(f"{self.name} takes no pictures any more") from None

    def check(self) -> None:
        """See that it still runs.

        Raises:
            SinkError: it has ended; the message says why, in its own words.
        """
        code = self._process.poll()
        if code is None:
            return
        complaints = [line for line in self.said.splitlines() if "ERROR" in line or "erroneous" in line]
        reason = complaints[0].rpartition(": ")[2] if complaints else f"code {code}"
        raise SinkError(f"{self.name} has ended: {reason}")

    def close(self) -> None:
        """End it: by the end of its input, or else by force."""
        with contextlib.suppress(OSError):
            self._pipe.close()
        for force in (self._process.terminate, self._process.kill):
            try:
                self._process.wait(_END_S)
                break
            except subprocess.TimeoutExpired:
                force()
        self._process.wait()
        self._log.close()
