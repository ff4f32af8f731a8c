"""Runs a program under a watcher of the network: strace for what C code does, audit hooks for what Python does.

Audit hooks alone would miss native libraries, and it is those that report home; strace sees system calls, whoever makes
them, children too. Where it is missing (``apt install strace``; not Linux) the hooks still watch.
"""

from __future__ import annotations

import functools
import ipaddress
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_HOOK = Path(__file__).parent / "watched"
_CALLS = "connect,sendto,sendmsg,sendmmsg,bind,io_uring_setup"
_RESOLVERS = ("systemd/resolve", "avahi")  # they ask the network for whoever asks them
_DNS = 53
# ONNX Runtime keeps still by itself where it takes the program for a test or a build: here it must not.
_HUSHES = ("CI", "TF_BUILD", "BUILD_", "GITHUB_", "JENKINS", "GITLAB", "ORT_", "PYTEST", "DO_NOT_TRACK")
_ADDRESS = re.compile(r"\{sa_family=(?P<family>\w+)(?P<rest>[^}]*)\}")
_PORT, _HOST = re.compile(r"port=htons\((\d+)\)"), re.compile(r'inet_(?:addr\(|pton\(AF_INET6, )"([^"]+)"')


@dataclass(frozen=True)
class Watched:
    """A program that has run."""

    returncode: int
    output: str
    contacts: list[str]  # what it asked of the network beyond this machine, one line each
    watched_c: bool  # whether native code was watched as well


@functools.cache
def strace_works() -> bool:
    """Whether strace is there and may trace."""
    program = shutil.which("strace")
    if program is None:
        return False
    return subprocess.run([program, "-o", os.devnull, "true"], capture_output=True, check=False).returncode == 0


def watched(words: Sequence[str], *, cwd: Path, home: Path, timeout: float = 110) -> Watched:
    """Run ``python *words`` in ``cwd`` with ``home`` as home folder, and say what it asked of the network."""
    home.mkdir(exist_ok=True)
    calls, questions = home.with_name(f"{home.name}.strace"), home.with_name(f"{home.name}.asked")
    for file in (calls, questions):
        file.unlink(missing_ok=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_HUSHES)}
    paths = [str(_HOOK), environment.get("PYTHONPATH", "")]
    environment |= {
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "AFFECTCAM_WATCHED": str(questions),
        "HOME": str(home),
        "USERPROFILE": str(home),
        "LOCALAPPDATA": str(home),
        "APPDATA": str(home),
    }
    for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        environment.pop(name, None)
    under = []
    if strace_works():  # filtered in the kernel, so that all other calls run at full speed
        under = ["strace", "-f", "--seccomp-bpf", "-qq", "-s", "64", "-e", f"trace={_CALLS}", "-e", "signal=none"]
        under += ["-o", str(calls)]
    command = [*under, sys.executable, *words]
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=timeout)
    contacts = [*_traced(calls), *_noted(questions)]
    return Watched(done.returncode, done.stdout + done.stderr, contacts, bool(under))


def _traced(file: Path) -> Iterator[str]:
    for line in file.read_text(errors="replace").splitlines() if file.exists() else ():
        if (reason := why_not_local(line)) is not None:
            yield f"{reason}: {line.split(maxsplit=1)[-1]}"


def why_not_local(call: str) -> str | None:
    """Why a system call, as strace writes it, reaches beyond this machine; None if it does not."""
    if "io_uring_setup(" in call and not re.search(r"= -1 E", call):
        return "a ring of calls that no tracer sees"
    reasons = (_why(found["family"], found["rest"], "bind(" in call) for found in _ADDRESS.finditer(call))
    return next((reason for reason in reasons if reason is not None), None)


def _why(family: str, rest: str, binds: bool) -> str | None:
    if family in ("AF_UNIX", "AF_LOCAL"):
        return "asks for a name" if any(part in rest for part in _RESOLVERS) else None
    if family in ("AF_NETLINK", "AF_UNSPEC"):  # the kernel itself; and to dissolve a connection
        return None
    port, host = _PORT.search(rest), _HOST.search(rest)
    if port is None or host is None:
        return f"unknown kind of address {family}"
    return _judge(host[1], int(port[1]), binds)


def _judge(host: str, port: int, binds: bool) -> str | None:
    if port == _DNS:
        return "asks for a name"
    address = ipaddress.ip_address(host.partition("%")[0])
    address = getattr(address, "ipv4_mapped", None) or address
    if address.is_loopback:
        return None
    return "listens to others" if binds else "leaves this machine"


def _noted(file: Path) -> Iterator[str]:
    for line in file.read_text().splitlines() if file.exists() else ():
        event, family, address = json.loads(line)
        if family is None:
            if not _is_literal(address):
                yield f"asks for a name: {line}"
        elif isinstance(address, list) and isinstance(address[0], str):  # (host, port, …): internet; else a path
            host, port = address[0] or "0.0.0.0", int(address[1])
            reason = _judge(host, port, event == "socket.bind") if _is_literal(host) else "asks for a name"
            if reason is not None:
                yield f"{reason}: {line}"


def _is_literal(host: object) -> bool:
    """Whether a host is an address already, or this machine by its usual name; nobody need be asked for those."""
    if isinstance(host, list):  # getnameinfo's (host, port)
        host = host[0]
    if host in (None, "", "None", "localhost"):
        return True
    try:
        ipaddress.ip_address(str(host).partition("%")[0])
    except ValueError:
        return False
    return True
