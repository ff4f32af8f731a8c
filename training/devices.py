"""On what a training step runs: one process here, or several that torchrun started."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from model.errors import ConfigError

from .config import TrainConfig

if TYPE_CHECKING:
    from lightning.fabric import Fabric


_RESTARTS = 3  # of all processes when one is lost; a machine that loses more has another problem

_UNNOTICED_S = 20.0  # that torchrun counts a machine without a sign of life as present: three times 5 s, and some

#: Names, in the environment of a launched process, the command that launched it by its process id.
LAUNCHED_BY = "AFFECTCAM_LAUNCHED_BY"


def is_orphaned() -> bool:
    """Whether the command that launched this process is gone: then nobody waits for what it does."""
    launcher = os.environ.get(LAUNCHED_BY, "")
    if not launcher.isdigit() or sys.platform == "win32":
        return False
    try:
        os.kill(int(launcher), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return False


def lost_process(error: RuntimeError) -> bool:
    """Whether ``error`` says that another process of this training is gone, as far as PyTorch's backends tell."""
    import torch.distributed as dist

    return isinstance(error, dist.DistError) or "gloo/transport" in str(error)


def wait_for_rendezvous() -> None:
    """Of several machines, let torchrun's rendezvous notice that one is gone; else it would be waited for, in vain."""
    if world_size() > int(os.environ.get("LOCAL_WORLD_SIZE", world_size())):
        time.sleep(_UNNOTICED_S)


def world_size() -> int:
    """How many processes a launcher started for this command; 1 without one."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def open_fabric(settings: TrainConfig) -> Fabric:
    """Fabric for ``settings``: the processes of the launcher if there is one, else this process on one device.

    Raises:
        ConfigError: CUDA or MPS was asked for and is not there.
    """
    import torch  # seconds to load; world_size() alone needs neither
    from lightning.fabric import Fabric

    for name in ("lightning", "lightning.fabric", "lightning.pytorch"):  # importing them sets their own levels
        logging.getLogger(name).setLevel(logging.WARNING)
    if settings.accelerator in ("cuda", "gpu") and not torch.cuda.is_available():
        raise ConfigError(
            f"train.accelerator is {settings.accelerator!r}, and PyTorch sees no CUDA device here; "
            "use --set train.accelerator=cpu, or install a PyTorch build for your driver"
        )
    if settings.accelerator == "mps" and not torch.backends.mps.is_available():
        raise ConfigError("train.accelerator is 'mps', and PyTorch sees no Apple GPU here; use train.accelerator=cpu")
    if settings.threads:
        torch.set_num_threads(settings.threads)
    world = world_size()
    if world == 1:
        fabric = Fabric(accelerator=settings.accelerator, devices=1, precision=settings.precision)
    else:
        here = int(os.environ.get("LOCAL_WORLD_SIZE", world))
        fabric = Fabric(
            accelerator=settings.accelerator,
            devices=here,
            num_nodes=world // here,
            strategy="ddp",
            precision=settings.precision,
        )
    fabric.launch()
    if fabric.device.type == "cuda":
        torch.backends.cudnn.benchmark = True  # all batches but an epoch's last have one shape
    if settings.precision == "16-mixed" and fabric.device.type == "cpu":
        raise ConfigError(
            "train.precision is '16-mixed' and there is no GPU here: half precision needs one; "
            "use bf16-mixed or 32-true"
        )
    return fabric


def launch_command(devices: int, arguments: Sequence[str]) -> list[str]:
    """The command that runs ``python -m training.run ARGUMENTS`` in one process a device on this machine."""
    launcher = [sys.executable, "-m", "training.launcher", "--standalone", f"--nproc-per-node={devices}"]
    return [*launcher, f"--max-restarts={_RESTARTS}", "-m", "training.run", *arguments]
