"""``torchrun`` for :func:`training.devices.launch_command`: begins lost processes again, ends without a traceback."""

from __future__ import annotations

import logging
import os
import signal
import sys

from torch.distributed import DistError
from torch.distributed.elastic.multiprocessing.api import SignalException
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.distributed.run import main as torchrun

logger = logging.getLogger(__name__)

_KILLED = 128  # added to a signal's number, as shells report it
_RESTARTS = "--max-restarts="


def main() -> None:
    """Run the processes; the words are ``torchrun``'s.

    On one machine (``--standalone``), up to ``--max-restarts`` times all are begun again when one was lost: ended by a
    signal, as the system does when memory is short. They go on from the last checkpoint. torchrun itself would also
    begin again after an error that was said, and say it as many times.
    """
    words, left = _without_restarts(sys.argv[1:])
    # Of a store that they share, the first machine tells its address once (seen in PyTorch 2.14): one that joins again
    # after it was lost would wait for it in vain.
    os.environ.setdefault("TORCH_DISABLE_SHARE_RDZV_TCP_STORE", "1")
    while True:
        try:
            torchrun(words)
            return
        except SignalException as stopped:  # the processes have been told, and have saved
            sys.exit(_KILLED + int(stopped.sigval))
        except DistError as error:
            logger.error("error: the other machines do not answer (%s); begin the command again", _line(error))
            sys.exit(1)
        except ChildFailedError as error:
            codes = [failure.exitcode for failure in error.failures.values()]
        # torchrun itself ends the others with SIGTERM when one has failed, be it by an error that was said.
        lost = [-code for code in codes if code < 0 and -code != signal.SIGTERM]
        if not lost or not left:
            said = max(codes)
            sys.exit(_KILLED + lost[0] if lost else said if said > 0 else _KILLED - said)
        left -= 1
        logger.warning("a process was ended by signal %d: all begin again from the last checkpoint", lost[0])


def _line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)[:200]


def _without_restarts(words: list[str]) -> tuple[list[str], int]:
    """Torchrun's words without ``--max-restarts=N``, and N; of several machines torchrun must count together."""
    if "--standalone" not in words:
        return words, 0
    kept = [word for word in words if not word.startswith(_RESTARTS)]
    asked = [word.removeprefix(_RESTARTS) for word in words if word.startswith(_RESTARTS)]
    return kept, int(asked[0]) if asked else 0


if __name__ == "__main__":
    main()
