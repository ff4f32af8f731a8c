"""Which affectcam runs on the nodes of a Ray cluster: results of different ones must not be mixed."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
from pathlib import Path

from .errors import ConfigError

_NODE_S = 60.0  # that a node has to start a worker in
_PACKAGES = ("app", "model", "training")


@functools.cache
def fingerprint() -> str:
    """What runs here: affectcam's version and a digest of its sources, equal on machines with the same program."""
    root = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256()
    for file in sorted(path for package in _PACKAGES for path in (root / package).rglob("*.py")):
        content = file.read_bytes()
        digest.update(f"{file.relative_to(root).as_posix()} {len(content)}\n".encode() + content)
    try:
        version = importlib.metadata.version("affectcam")
    except importlib.metadata.PackageNotFoundError:  # run from a folder of sources
        version = "0"
    return f"{version}+{digest.hexdigest()[:12]}"


def refuse_other_versions() -> None:
    """Ask every node of the joined cluster what runs there.

    Raises:
        ConfigError: on one it is another affectcam, or none; or a node does not answer within a minute.
    """
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    nodes = {node["NodeID"]: node["NodeManagerAddress"] for node in ray.nodes() if node["Alive"]}  # type: ignore[no-untyped-call]
    asked = ray.remote(num_cpus=0, max_retries=0)(tell_fingerprint)
    answers = {
        each: asked.options(scheduling_strategy=NodeAffinitySchedulingStrategy(each, soft=False)).remote()
        for each in nodes
    }
    for each, answer in answers.items():
        try:
            refuse_other(ray.get(answer, timeout=_NODE_S), fingerprint(), nodes[each])
        except ray.exceptions.GetTimeoutError:
            raise ConfigError(
                f"node {nodes[each]}: does not answer within {_NODE_S:.0f} s; take it out of the cluster"
            ) from None
        except (ray.exceptions.RayError, ImportError) as error:
            reason = str(error).strip().splitlines()[-1][:200]
            raise ConfigError(
                f"node {nodes[each]}: affectcam does not run there ({reason}); install this version there"
            ) from None


def refuse_other(theirs: str, ours: str, node: str) -> None:
    """Compare two fingerprints.

    Raises:
        ConfigError: they differ; names ``node``.
    """
    if theirs != ours:
        raise ConfigError(f"node {node}: runs affectcam {theirs}, here it is {ours}; install the same version on both")


def tell_fingerprint() -> str:
    """:func:`fingerprint`, of the machine on which it is carried out."""
    return fingerprint()
