"""What the two processes of a call tell each other: small messages over a pair of sockets."""

from __future__ import annotations

import json
import os
import select
import socket
import sys
from collections.abc import Mapping
from typing import Any

#: In the environment of the program that is supervised: the number of its end of the channel.
VARIABLE = "AFFECTCAM_CHANNEL"
#: In the environment of one that was begun again: its camera was on.
AGAIN = "AFFECTCAM_AGAIN"

_MOST_BYTES = 65536

Message = dict[str, Any]


class Channel:
    """One end: whole messages, in order; neither end can hold up the other."""

    def __init__(self, end: socket.socket) -> None:
        end.setblocking(False)
        self._end = end

    def fileno(self) -> int:
        """For ``select``."""
        return self._end.fileno()

    def send(self, message: Mapping[str, Any], descriptor: int | None = None) -> bool:
        """Send ``message``, with a file's descriptor if there is one; False if the other end does not take it now.

        Raises:
            OSError: the other end is gone.
        """
        words = json.dumps(message).encode()
        try:
            if descriptor is None:
                self._end.send(words)
            else:
                socket.send_fds(self._end, [words], [descriptor])
        except BlockingIOError:
            return False
        return True

    def receive(self, patience_s: float = 0.0) -> tuple[Message, int | None] | None:
        """The next message and the descriptor that came with it; None if none came within ``patience_s`` seconds.

        Raises:
            EOFError: the other end is gone.
        """
        if patience_s > 0 and not select.select([self._end], [], [], patience_s)[0]:
            return None
        try:
            words, descriptors, _, _ = socket.recv_fds(self._end, _MOST_BYTES, 1)
        except BlockingIOError:
            return None
        except OSError:
            raise EOFError from None
        if not words:
            raise EOFError
        return json.loads(words), descriptors[0] if descriptors else None

    def close(self) -> None:
        """Let the other end know that this one is gone."""
        self._end.close()


def can_supervise() -> bool:
    """Whether this system has what it takes; and this process is not supervised itself."""
    return sys.platform == "linux" and VARIABLE not in os.environ


def make_channel() -> tuple[Channel, socket.socket]:
    """Our end, and the other one to be inherited."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    return Channel(ours), theirs


_inherited: dict[str, Channel] = {}


def inherited_channel() -> Channel | None:
    """This process's end, if it is supervised."""
    number = os.environ.get(VARIABLE, "")
    if not number.isdigit():
        return None
    if number not in _inherited:
        os.set_inheritable(int(number), False)  # not for the processes that this one starts
        _inherited[number] = Channel(socket.socket(fileno=int(number)))
    return _inherited[number]


def leave_channel() -> None:
    """Forget a channel whose other end is gone."""
    channel = _inherited.pop(os.environ.pop(VARIABLE, ""), None)
    if channel is not None:
        channel.close()
