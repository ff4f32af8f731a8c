"""A Ray cluster, started on this machine or joined: the one place that begins Ray, quietly and reporting nothing."""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .cluster_address import check_answer
from .cluster_scope import environment, handlers_kept, set_within
from .cluster_version import fingerprint, refuse_other, refuse_other_versions
from .errors import ConfigError

__all__ = ["check_answer", "fingerprint", "join", "refuse_other", "refuse_other_versions", "require_ray"]

_LONGEST_FOLDER = 36  # characters; a socket's path, 70 longer, must stay below the system's 107
_HOMES = ("HOME", "USERPROFILE")
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
    home: dict[str, str] = {}
    workers = {"env_vars": {"PYTHONPATH": os.pathsep.join(_own_paths())}}
    with contextlib.ExitStack() as undone:
        undone.enter_context(environment({_LOOPBACK: str(int(address is not None))}))
        if address is None:
            options = {"address": "local", "num_cpus": cpus, "include_dashboard": False}
            undone.enter_context(_password())
            scratch = Path(tempfile.mkdtemp(prefix="acray-"))
            undone.callback(shutil.rmtree, scratch, ignore_errors=True)
            if sys.platform != "win32" and len(str(scratch.parent)) <= _LONGEST_FOLDER:
                options["_temp_dir"] = str(scratch)
            # Where it finds this file, Ray does not ask the addresses of three clouds whether it runs there, which it
            # does even to report nothing. Its workers have the home that they should.
            (scratch / "ray_bootstrap_config.yaml").touch()
            workers["env_vars"] |= {name: value for name in _HOMES if (value := os.environ.get(name))}
            home |= {name: str(scratch) for name in _HOMES if name in os.environ}
        import ray

        # Read from the environment once, maybe before it was ours.
        undone.enter_context(set_within(ray._private.ray_constants, "ENABLE_RAY_CLUSTER", address is not None))
        # The last lines of a lost node's log, which Ray prints on stdout whatever it was told.
        undone.enter_context(set_within(ray._private.worker, "print_to_stdstream", lambda *_, **__: None))
        undone.callback(ray.shutdown)
        try:
            with handlers_kept(), environment(home):
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
        with environment({"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}):
            _read_password_again()
            yield
    finally:
        _read_password_again()


def _read_password_again() -> None:
    """Ray reads these variables once in a process; releases without passwords have nothing to read again."""
    with contextlib.suppress(ImportError, AttributeError):
        from ray._raylet import AuthenticationTokenLoader, Config  # type: ignore[attr-defined] # compiled

        Config.initialize("")  # first: what still runs would read a password again, and end without one
        AuthenticationTokenLoader.instance().reset_cache()
