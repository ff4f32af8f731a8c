"""``torchrun`` for :func:`training.devices.launch_command`: told to stop, it ends without a traceback."""

from __future__ import annotations

import sys

from torch.distributed.elastic.multiprocessing.api import SignalException
from torch.distributed.run import main as torchrun

_KILLED = 128  # added to a signal's number, as shells report it


def main() -> None:
    """Run the processes; the words are ``torchrun``'s."""
    try:
        torchrun()
    except SignalException as stopped:  # the processes have been told, and have saved
        sys.exit(_KILLED + int(stopped.sigval))


if __name__ == "__main__":
    main()
