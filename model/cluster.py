"""A Ray cluster, started on this machine or joined: the one place that begins Ray, quietly and reporting nothing."""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import os
import secrets
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .cluster_address import check_answer
from .cluster_dashboard import no_dashboard
from .cluster_version import fingerprint, refuse_other, refuse_other_versions
from .errors import ConfigError

__all__ = ["fingerprint", "join", "refuse_other", "refuse_other_versions", "require_ray"]

_LONGEST_FOLDER = 36  # characters; a socket's path, 70 longer, must stay below the system's 107
_LOOPBACK = "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"  # what Ray asks whether to listen beyond the loopback, on any system


def require_ray() -> None:
    """Prepare to import Ray, which then reports nothing; to be called before the first ``import ray``.

    Raises:
        ConfigError: Ray is not installed.
    """
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    logging.getLogger("ray").setLevel(logging.ERROR)
    if importlib.util.find_spec("ray") is None:
        raise ConfigError("Ray is not installed; pip install 'affectcam[cluster]', in a clone pip install '.[cluster]'")


@contextlib.contextmanager
def join(address: str | None, *, cpus: int | None = None) -> Iterator[None]:
    """Be part of a Ray cluster while within: the one at ``address``, or without one a new one on this machine alone.

    A new one listens on the loopback alone, wants a password made for it, has no dashboard, and is gone with its
    files at the end. Workers import from where this process does. Ray's own lines stay out of ours, and signal
    handlers are as they were.

    Args:
        address: ``HOST:PORT``, as ``ray start --head`` prints it; this machine must be one of that cluster's nodes.
        cpus: what a new cluster may use; None: all cores. Without meaning where there is an address.

    Raises:
        ConfigError: Ray is not installed, ``address`` is none, no cluster answers there within five seconds, or it
            does not take us.
    """
    require_ray()
    if address is not None:
        check_answer(address)
    options: dict[str, Any] = {"address": address}
    workers = {"env_vars": {"PYTHONPATH": os.pathsep.join(_own_paths())}}
    with contextlib.ExitStack() as undone:
        undone.enter_context(_environment({_LOOPBACK: str(int(address is not None))}))
        if address is None:
            options = {"address": "local", "num_cpus": cpus, "include_dashboard": False}
            undone.enter_context(_password())
            if sys.platform != "win32" and len(tempfile.gettempdir()) <= _LONGEST_FOLDER:
                options["_temp_dir"] = tempfile.mkdtemp(prefix="acray-")
                undone.callback(shutil.rmtree, options["_temp_dir"], ignore_errors=True)
        import ray

        constants = ray._private.ray_constants  # read from the environment once, maybe before it was ours
        undone.callback(setattr, constants, "ENABLE_RAY_CLUSTER", constants.ENABLE_RAY_CLUSTER)
        constants.ENABLE_RAY_CLUSTER = address is not None
        undone.callback(ray.shutdown)
        try:
            with _handlers_kept(), no_dashboard():
                ray.init(
                    runtime_env=workers,
                    log_to_driver=False,
                    configure_logging=False,
                    logging_level=logging.ERROR,
                    **options,
                )
        except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
            reason = " ".join(str(error).split())[:300]
            if address is None:
                raise ConfigError(f"Ray does not start on this machine: {reason}") from None
            raise ConfigError(
                f"{address}: the cluster does not take this machine ({reason}); "
                f"make it a node first: ray start --address={address}"
            ) from None
        yield


def _own_paths() -> list[str]:
    """From where this process imports what is not installed, so that workers on this machine run the same sources."""
    root = str(Path(__file__).resolve().parent.parent)
    installed = {sys.prefix, sys.base_prefix, sys.exec_prefix}
    paths = [str(Path(each).absolute()) for each in sys.path]
    return [root, *(each for each in paths if not any(Path(each).is_relative_to(one) for one in installed))]


@contextlib.contextmanager
def _password() -> Iterator[None]:
    """Let a new cluster take orders from its own processes only: other users reach the loopback as well."""
    try:
        with _environment({"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}):
            _read_password_again()
            yield
    finally:
        _read_password_again()


@contextlib.contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    """Variables for what is started within."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            os.environ.update({name: value} if value is not None else {})


def _read_password_again() -> None:
    """Ray reads these variables once in a process; releases without passwords have nothing to read again."""
    with contextlib.suppress(ImportError, AttributeError):
        from ray._raylet import AuthenticationTokenLoader, Config  # type: ignore[attr-defined] # compiled

        Config.initialize("")  # first: what still runs would read a password again, and end without one
        AuthenticationTokenLoader.instance().reset_cache()


@contextlib.contextmanager
def _handlers_kept() -> Iterator[None]:
    """Put back what Ctrl-C and SIGTERM did: Ray takes the latter for itself."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
