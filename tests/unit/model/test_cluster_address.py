"""Where Ray would wait without end, or for long, it is asked beforehand, and told in one line."""

from __future__ import annotations

import importlib.util
import socket
import threading
from collections.abc import Iterator

import pytest

from model import cluster_address
from model.errors import ConfigError

pytestmark = [
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="needs the extra cluster"),
    pytest.mark.filterwarnings("ignore"),  # Ray's own, of this Python
]


@pytest.fixture
def port() -> Iterator[int]:
    """Of something on the loopback that answers as a node of Ray does at first."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            try:
                while True:
                    connection, _ = server.accept()
                    with connection:
                        connection.sendall(bytes([0, 0, 0, 4, 0, 0, 0, 0, 0]))
                        connection.recv(64)
            except OSError:
                pass  # the test is over

        thread = threading.Thread(target=answer)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_a_cluster_on_the_loopback_alone_is_not_waited_for(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from ray._private import services

    monkeypatch.setattr(cluster_address, "_refusal_of_ray", lambda _address: "")
    monkeypatch.setattr(services, "resolve_ip_for_localhost", lambda host: host)
    cluster_address.check_answer(f"127.0.0.1:{port}")
    monkeypatch.setattr(services, "resolve_ip_for_localhost", lambda _host: "127.0.0.2")  # as Ray, but nobody is there
    with pytest.raises(ConfigError, match=r"\(it listens on the loopback alone, and not at 127\.0\.0\.2\)"):
        cluster_address.check_answer(f"127.0.0.1:{port}")


def test_a_cluster_that_wants_a_password_is_told_with_the_cure(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from ray import _raylet

    class AuthenticationError(RuntimeError):
        """As Ray's."""

    def refuse(**_words: object) -> None:
        raise AuthenticationError("InvalidAuthToken")

    monkeypatch.setattr(_raylet, "GcsClient", refuse)
    with pytest.raises(ConfigError, match=r"it wants a password: set RAY_AUTH_MODE=token, with its token in ~/\.ray"):
        cluster_address.check_answer(f"127.0.0.1:{port}")
