"""Imported by every Python process that finds this folder in PYTHONPATH: notes what it asks of the network.

One JSON line per question in the file that ``AFFECTCAM_WATCHED`` names: the audit event and its arguments as text.
"""

from __future__ import annotations

import json
import os
import sys

_ASKED = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg", "socket.bind"})
_LOOKED_UP = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"})


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if event in _ASKED:
        held, address = arguments[0], arguments[-1]
        said = [event, int(held.family), address if isinstance(address, tuple) else str(address)]
    elif event in _LOOKED_UP:
        said = [event, None, arguments[0]]
    else:
        return
    line = json.dumps(said, default=str) + "\n"
    file = os.open(os.environ["AFFECTCAM_WATCHED"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(file, line.encode())
    os.close(file)


sys.addaudithook(_note)
