"""Whether a cluster answers at an address: asked in three seconds, before Ray, which asks for much longer."""

from __future__ import annotations

import os
import queue
import socket
import threading

from .errors import ConfigError
from .native_stderr import native_stderr_away

_ANSWER_S = 3.0
# What a gRPC server is greeted with, as every node of Ray is, and the kind of frame with which it answers
# (RFC 9113, 3.4 and 6.5).
_GREETING = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
_SETTINGS, _KIND_AT = 4, 3


def check_answer(address: str) -> None:
    """Connect to ``HOST:PORT`` and hear whether what listens there could be a Ray cluster.

    Raises:
        ConfigError: it is no such address, or nothing that could be one answers within three seconds.
    """
    host, port = split_address(address)
    import ray  # noqa: F401 - here, so that a slow disk does not count as a silent cluster

    told: queue.Queue[str] = queue.Queue()
    # In a thread, since neither the system, asked for a name, nor Ray can be told to hurry.
    threading.Thread(target=lambda: told.put(_any_refusal(address, host, port)), daemon=True).start()
    with native_stderr_away():  # lines of Ray's native part, before its log can be told to be still
        try:
            refusal = told.get(timeout=_ANSWER_S)
        except queue.Empty:
            refusal = f"no answer within {_ANSWER_S:.0f} s"
    if refusal:
        raise ConfigError(
            f"{address}: no Ray cluster answers there ({refusal}); ray start --head on its first machine prints "
            "the address"
        )


def split_address(address: str) -> tuple[str, int]:
    """``HOST:PORT`` -> host and port; an IPv6 host stands in brackets.

    Raises:
        ConfigError: it has another form.
    """
    host, colon, port = address.rpartition(":")
    host = host[1:-1] if host.startswith("[") and host.endswith("]") else "" if ":" in host else host
    if not colon or not host or "/" in address or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ConfigError(f"{address!r} is no address of a Ray cluster; expected HOST:PORT, as 10.0.0.1:6379")
    return host, int(port)


def _any_refusal(address: str, host: str, port: int) -> str:
    """Why no cluster answers, or nothing."""
    return _refusal(host, port) or _refusal_of_ray(address) or _refusal_here(host, port)


def _refusal(host: str, port: int) -> str:
    """Why nobody answers, or nothing."""
    try:
        with socket.create_connection((host, port), timeout=_ANSWER_S) as connection:
            if os.environ.get("RAY_USE_TLS", "0") != "0":
                return ""  # it speaks only to those with its certificate
            connection.sendall(_GREETING)
            answer = b""
            while len(answer) <= _KIND_AT:
                part = connection.recv(16)
                if not part:
                    return "something else listens there"
                answer += part
            return "" if answer[_KIND_AT] == _SETTINGS else "something else listens there"
    except OSError as error:
        return str(error.strerror or error)


def _refusal_of_ray(address: str) -> str:
    """Why what listens there is no Ray cluster, or one that does not speak with us, or nothing."""
    import ray
    from ray._raylet import GcsClient  # type: ignore[attr-defined] # compiled

    try:
        GcsClient(address=address)
    except (ray.exceptions.RayError, RuntimeError, ValueError) as error:
        if type(error).__name__ == "AuthenticationError":
            return "it wants a password: set RAY_AUTH_MODE=token, with its token in ~/.ray/auth_token"
        return " ".join(str(error).split())[:200]
    return ""


def _refusal_here(host: str, port: int) -> str:
    """Ray takes this machine's own address for the loopback's: why nobody answers there, or nothing.

    A cluster that listens on the loopback alone would be waited for without end.
    """
    from ray._private import services

    here = services.resolve_ip_for_localhost(host)
    refusal = "" if here == host else _refusal(here, port)
    return refusal and f"it listens on the loopback alone, and not at {here}"
