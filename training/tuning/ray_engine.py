"""Who carries trials out: a Ray cluster, by Ray Tune, with the same search, trial function and folder as here."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import ray
from ray import tune
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from model import cluster
from model.cores import cores
from model.errors import ConfigError, DataError

from ..interrupted import Interrupted
from ..load_config import with_settings
from .job import Search
from .ray_desk import Desk
from .ray_trial import Mailbox, Order, carry_out
from .ray_tune import DeskBell, DeskScheduler, DeskSearcher, Scores, node_with
from .runners import DEATHS, Task

_SCRATCH = "ray"  # folder of Ray Tune's own notes, beside trials/; nothing is read from it
_QUIET = {
    "RAY_AIR_NEW_OUTPUT": "0",  # with verbose=0: nothing is printed
    "RAY_CHDIR_TO_TRIAL_DIR": "0",
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    "TUNE_DISABLE_STRICT_METRIC_CHECKING": "1",  # the last report has no score
    "TUNE_DISABLE_SIGINT_HANDLER": "1",  # the search's own handlers ask the trials to save
}


def run_on_ray(
    task: Task,
    search: Search,
    *,
    halving: bool = True,
    earlier: Sequence[Scores] = (),
    stop: Callable[[], bool],
) -> None:
    """Carry out every trial of ``search`` on the cluster at ``tune.address``, or on one started on this machine.

    A trial whose worker or node is lost goes on elsewhere from its last save, twice at most. The folders of the task
    and of the data must be on a disk that all nodes see, under the same paths.

    Args:
        task: what all trials share; its config says how many at once, and with what share of a GPU.
        search: who chooses trials.
        halving: whether ASHA leaves trials off; if not, the search alone does.
        earlier: scores by epoch of the trials that an earlier start carried out, for ASHA to compare with.
        stop: asked all the time whether everybody is to save and leave.

    Raises:
        Interrupted: ``stop`` said so; every trial has saved its state.
        ConfigError: no cluster answers, a node runs another affectcam, or none has what a trial needs.
        AffectcamError: something that the settings of a trial are not to blame for; the others have saved theirs.
    """
    settings = task.config.tune
    with cluster.join(settings.address or None, cpus=cores()):
        logging.getLogger("ray").setLevel(logging.CRITICAL)  # what it says of a lost trial, the search says
        cluster.refuse_other_versions()
        cpus, gpus = _needs(task)
        need = f"{cpus} CPU" + (f" and {gpus:g} GPU" if gpus else "")
        if not node_with(cpus, gpus):
            raise ConfigError(
                f"no node of the cluster has {need} for a trial; see train.threads and tune.gpus_per_trial"
            )
        here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
        mailbox = ray.remote(Mailbox).options(num_cpus=0, scheduling_strategy=here).remote()
        desk = Desk(search, mailbox=mailbox, stop=stop)
        order = Order(
            task=_with_threads(task, cpus), mailbox=mailbox, fingerprint=cluster.fingerprint(), folder=str(Path.cwd())
        )
        scheduler = DeskScheduler(desk, epochs=settings.epochs, halving=halving, earlier=earlier)
        bell = DeskBell(desk, lambda: node_with(cpus, gpus), need)
        os.environ.update(_QUIET)
        scratch = task.folder.parent.absolute() / _SCRATCH
        try:
            tune.Tuner(
                tune.with_resources(tune.with_parameters(carry_out, order=order), {"cpu": cpus, "gpu": gpus}),
                tune_config=tune.TuneConfig(
                    search_alg=DeskSearcher(desk, settings.jobs), scheduler=scheduler, num_samples=-1, reuse_actors=True
                ),
                run_config=tune.RunConfig(
                    name="tune",
                    storage_path=str(scratch),
                    failure_config=tune.FailureConfig(max_failures=DEATHS - 1),
                    callbacks=[bell],
                    stop=bell,
                    verbose=0,
                ),
            ).fit()
        except (tune.TuneError, ray.exceptions.RayError) as error:
            if desk.failure is not None:
                raise desk.failure from None
            reason = str(error).strip().splitlines()[-1][:300]
            raise DataError(
                f"{settings.address or 'Ray on this machine'}: the cluster is lost ({reason}); "
                "the same command goes on from what is saved"
            ) from None
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    if desk.failure is not None:
        raise desk.failure
    if desk.asked:
        raise Interrupted


def _needs(task: Task) -> tuple[int, float]:
    """CPUs and GPUs of a trial.

    CPUs: ``train.threads``, or an even share of the cluster within its largest node, and of a node with GPUs no more
    than leaves some for all the trials that share these.
    """
    config, nodes = task.config, [node["Resources"] for node in ray.nodes() if node["Alive"]]
    wanted, there = config.train.accelerator, any(node.get("GPU") for node in nodes)
    gpus = 0.0 if wanted in ("cpu", "mps") or (wanted == "auto" and not there) else config.tune.gpus_per_trial
    cpus = [int(node.get("CPU", 0)) for node in nodes]
    shares = [max(cpus), sum(cpus) // config.tune.jobs]
    shares += [int(node["CPU"] * gpus // node["GPU"]) for node in nodes if gpus and node.get("GPU", 0) >= gpus]
    return config.train.threads or max(1, min(shares)), gpus


def _with_threads(task: Task, cpus: int) -> Task:
    config = with_settings(task.config, {"train.threads": cpus}, "tune.jobs")
    folder = task.folder.absolute()
    return Task(config=config, folder=folder, trial=task.trial, init=task.init.absolute() if task.init else None)
