"""A Ray cluster is begun or joined in one place: quietly, on the loopback; where there is none, seconds tell."""

from __future__ import annotations

import http.server
import importlib.util
import os
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from process_family import below

from model import cluster, cluster_version
from model.cluster_address import split_address
from model.errors import ConfigError

needs_ray = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="needs the extra cluster")


@pytest.mark.parametrize(
    ("address", "found"),
    [("10.0.0.1:6379", ("10.0.0.1", 6379)), ("head:1", ("head", 1)), ("[fe80::1]:6379", ("fe80::1", 6379))],
)
def test_an_address_is_host_and_port(address: str, found: tuple[str, int]) -> None:
    assert split_address(address) == found


@pytest.mark.parametrize(
    "address",
    ["", "auto", "head", "head:", ":6379", "head:0", "head:65536", "ray://head:10001", "fe80::1:6379", "a:1x"],
)
def test_what_is_no_address_is_said_in_one_line(address: str) -> None:
    with pytest.raises(ConfigError, match=r"is no address of a Ray cluster; expected HOST:PORT, as 10\.0\.0\.1:6379"):
        split_address(address)


@needs_ray
def test_where_nobody_listens_it_is_said_at_once() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(
        ConfigError, match=rf"^127\.0\.0\.1:{port}: no Ray cluster answers there \(Connection refused\)"
    ):
        cluster.join(f"127.0.0.1:{port}").__enter__()


@needs_ray
def test_who_listens_and_is_silent_is_waited_for_no_longer_than_five_seconds() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        begun = time.monotonic()
        with pytest.raises(ConfigError, match=r"no Ray cluster answers there \((no answer within 3 s|timed out)\)"):
            cluster.join(f"127.0.0.1:{silent.getsockname()[1]}").__enter__()
        assert time.monotonic() - begun < 5


@needs_ray
def test_a_web_server_is_told_from_a_cluster() -> None:
    class Quiet(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Quiet) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            with pytest.raises(ConfigError, match=r"\(something else listens there\)"):
                cluster.join(f"127.0.0.1:{server.server_port}").__enter__()
        finally:
            server.shutdown()
            thread.join()


def test_without_ray_the_command_that_installs_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ConfigError, match=r"^Ray is not installed; pip install 'affectcam\[cluster\]'"):
        cluster.require_ray()


def test_the_fingerprint_changes_with_any_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def of(text: str) -> str:
        (tmp_path / "training").mkdir(exist_ok=True)
        (tmp_path / "training" / "loop.py").write_text(text)
        monkeypatch.setattr(cluster_version, "__file__", str(tmp_path / "model" / "cluster_version.py"))
        return cluster_version.fingerprint.__wrapped__()

    assert of("a = 1") == of("a = 1") != of("a = 2")
    assert of("a = 1").partition("+")[2].isalnum()


def test_another_fingerprint_is_refused_with_the_node_s_name() -> None:
    cluster.refuse_other("1.0+aa", "1.0+aa", "10.0.0.2")
    with pytest.raises(ConfigError, match=r"^node 10\.0\.0\.2: runs affectcam 1\.0\+aa, here it is 1\.0\+bb; install"):
        cluster.refuse_other("1.0+aa", "1.0+bb", "10.0.0.2")


def where_from() -> str:
    """The file from which this module is imported where it is asked."""
    return below.__code__.co_filename


def listening(processes: Iterator[int]) -> set[str]:
    """The addresses, in hexadecimal as the kernel shows them, on which ``processes`` wait for connections."""
    sockets = set()
    for each in processes:
        for entry in Path(f"/proc/{each}/fd").glob("*"):
            try:
                sockets.add(str(entry.readlink()))
            except OSError:
                continue
    rows = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    return {row[1].partition(":")[0] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in sockets}


@needs_ray
@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc who listens where")
@pytest.mark.filterwarnings("ignore")  # Ray's own, of this Python
def test_a_cluster_of_this_machine_alone_is_whole_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    before = set(below(os.getpid())), set(Path(tempfile.gettempdir()).glob("acray-*"))
    handlers = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with cluster.join(None, cpus=1):
        import ray

        assert ray.cluster_resources()["CPU"] == 1
        cluster.refuse_other_versions()
        assert listening(below(os.getpid())) <= {"0100007F", "0000000000000000FFFF00000100007F"}
        assert ray.get(ray.remote(where_from).remote()) == below.__code__.co_filename
        assert ray.get(ray.remote(os.getenv).remote("HOME")) == os.environ["HOME"]
        assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"
        assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == handlers
        monkeypatch.setattr(cluster_version, "fingerprint", lambda: "0.0+other")
        with pytest.raises(ConfigError, match=r"node 127\.0\.0\.1: runs affectcam .*, here it is 0\.0\+other; install"):
            cluster.refuse_other_versions()
    assert not ray.is_initialized()
    latest = time.monotonic() + 10
    while set(below(os.getpid())) - before[0] and time.monotonic() < latest:
        time.sleep(0.1)
    assert (set(below(os.getpid())), set(Path(tempfile.gettempdir()).glob("acray-*"))) == before
    assert capfd.readouterr() == ("", "")
