"""Runs what reads and draws in a process of its own, and keeps the virtual camera whatever becomes of that."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from types import FrameType

import cv2

from .backoff import Backoff
from .channel import AGAIN, VARIABLE, Channel, make_channel
from .kept import Kept

_LISTEN_S = 0.1
#: A program whose camera is on says that it lives every second. One that says nothing for so long hangs for good.
HUNG_S = 60.0
#: Not repeated when a program is begun again.
_ONCE = ("--reset-settings",)
#: Signals by which somebody ends it: no crash.
_ASKED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def supervise(words: Sequence[str]) -> int:
    """Run ``python -m app WORDS`` until it ends by itself; returns its exit code.

    When it crashes while its virtual camera is open, the camera stays: the call sees the last picture, then the card,
    and the next picture once the program, which is begun again after a pause, is back.
    """
    return _Supervisor(words).run()


class _Supervisor:
    def __init__(self, words: Sequence[str]) -> None:
        self._words = list(words)
        self._asked_to_end = False
        self._process: subprocess.Popen[bytes] | None = None
        self._hung = False

    def run(self) -> int:
        cv2.setNumThreads(1)  # OpenCV's pool spins between pictures, and a tick would wait for its slowest thread
        before = {number: signal.signal(number, self._pass_on) for number in (signal.SIGINT, signal.SIGTERM)}
        backoff = Backoff()
        try:
            with Kept() as kept:
                while True:
                    began_s = time.monotonic()
                    code = self._run_once(kept)
                    crashed = code < 0 and -code not in _ASKED and not self._asked_to_end
                    if not crashed:
                        return 128 - code if code < 0 else code
                    how = f"after {HUNG_S:.0f} s without a sign" if self._hung else f"by {signal.Signals(-code).name}"
                    if not kept.on:
                        _say(f"error: affectcam was ended {how}; run it again with --debug and report it")
                        return 128 - code
                    wait_s = backoff.after(time.monotonic() - began_s)
                    if wait_s is None:
                        _say(f"error: affectcam was ended {how} again and again; the virtual camera is closed")
                        return 128 - code
                    _say(f"warning: what reads was ended {how}; the call sees a card; again in {wait_s:.0f} s")
                    self._words = [word for word in self._words if word not in _ONCE]
                    if self._waits(wait_s):
                        return 128 + signal.SIGINT
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _run_once(self, kept: Kept) -> int:
        channel, theirs = make_channel()
        environment = {**os.environ, VARIABLE: str(theirs.fileno()), **({AGAIN: "1"} if kept.on else {})}
        command = [sys.executable, "-m", "app", *self._words]
        try:
            self._process = subprocess.Popen(command, env=environment, pass_fds=[theirs.fileno()])
        finally:
            theirs.close()
        if self._asked_to_end:  # while it was being started
            self._process.terminate()
        try:
            kept.await_another()
            self._hung = _serve(kept, channel, self._process)
            if self._hung:
                self._process.kill()
        finally:
            channel.close()
        return self._process.wait()

    def _pass_on(self, number: int, _: FrameType | None) -> None:
        """A terminal tells both processes of Ctrl-C; what is meant for this one alone is handed on."""
        self._asked_to_end = True
        if self._process is not None and number == signal.SIGTERM:
            self._process.terminate()

    def _waits(self, seconds: float) -> bool:
        """Wait; True if it was asked to end meanwhile."""
        until_s = time.monotonic() + seconds
        while not self._asked_to_end and time.monotonic() < until_s:
            time.sleep(min(0.1, max(0.0, until_s - time.monotonic())))
        return self._asked_to_end


def _serve(kept: Kept, channel: Channel, process: subprocess.Popen[bytes]) -> bool:
    """Until the program ends; True if it must be ended, since it hangs."""
    try:
        while process.poll() is None:
            kept.serve(channel, _LISTEN_S)
            if kept.silent_s > HUNG_S:
                return True
    except EOFError:
        pass  # it is ending, or has closed its end
    return False


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201
