"""A Ray cluster of two nodes on this machine, one processor each, as ``ray start`` makes it."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path


class Cluster:
    """Head and nodes; a context manager that ends every process and removes every file of them."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="acr-"))  # a socket's path must be short
        self._processes: list[subprocess.Popen[bytes]] = []
        # Joined with this environment: no password is looked for in the home folder, or left there.
        self.environment = {"RAY_AUTH_MODE": "disabled", "RAY_USAGE_STATS_ENABLED": "0"}
        with socket.socket() as free:
            free.bind(("", 0))
            port = free.getsockname()[1]
        try:
            told = self._start("--head", f"--port={port}", "--include-dashboard=false", f"--temp-dir={self.folder}")
            found = re.search(r"--address='([\d.]+:\d+)'", told)
            assert found is not None, told
            self.address = found[1]
        except BaseException:
            self.close()
            raise

    @property
    def nodes(self) -> list[int]:
        """The processes below which all others of the cluster are."""
        return [process.pid for process in self._processes]

    def add_node(self) -> None:
        self._start(f"--address={self.address}")

    def lose_last_node(self) -> None:
        """End a node and all that runs on it at once, as a power cut does."""
        self._lose(self._processes.pop())

    def _lose(self, node: subprocess.Popen[bytes]) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(node.pid, signal.SIGKILL)
        node.wait()

    def close(self) -> None:
        for process in reversed(self._processes):
            self._lose(process)
        until = time.monotonic() + 20
        while left := [each for each in self._left() if time.monotonic() < until]:
            for process in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            time.sleep(0.1)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self, *words: str) -> str:
        log = self.folder / f"start{len(self._processes)}.log"
        with log.open("wb") as file:
            process = subprocess.Popen(
                [str(Path(sys.executable).with_name("ray")), "start", *words, "--num-cpus=1", "--block"],
                stdout=file,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env={**os.environ, **self.environment},
                start_new_session=True,
            )
        self._processes.append(process)
        until = time.monotonic() + 60
        while "block forever" not in (told := log.read_text(errors="replace")):
            assert process.poll() is None, told
            assert time.monotonic() < until, told
            time.sleep(0.1)
        return told

    def _left(self) -> list[int]:
        """Processes of the cluster that are in no group of ours any more: they name its folder."""
        found = []
        for line in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                if os.fsencode(self.folder) in line.read_bytes():
                    found.append(int(line.parent.name))
        return found

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
